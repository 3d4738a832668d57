//! A file made from an account: what is written, and what is not.

use crate::support::golden::golden;
use crate::support::project::Project;

#[test]
fn the_file_of_an_offline_account_is_valid_and_changes_nothing() {
    let project = Project::new();
    let ran = project.run("import --sandbox --owner platform --out tried/mtls");
    let ran = ran.ends(0);
    golden("cli/golden/import.txt", &ran.transcript());
    let _ = project.run("validate -f tried/mtls/mtls.yaml").ends(0);
    let plan = project.run("plan --sandbox -f tried/mtls/mtls.yaml --detailed-exitcode");
    let plan = plan.ends(0);
    assert!(
        plan.stdout.contains("Nothing to do"),
        "{}",
        plan.transcript()
    );
}

/// The example applied, without the intermediate that only its file knows.
#[test]
fn an_account_that_was_applied_gives_its_file_back() {
    let project = Project::example();
    let file = project.read("mtls.yaml.example");
    let without = file.replace("issuers: [examples/ca/fleet-issuing.pem]", "");
    assert_ne!(without, file, "the example has no intermediate");
    project.write("mtls.yaml.example", without);
    let _ = project
        .run("apply --sandbox --yes -f mtls.yaml.example")
        .ends(0);
    let _ = project.run("import --sandbox").ends(0);
    let _ = project.run("validate").ends(0);
    let plan = project.run("plan --sandbox --detailed-exitcode").ends(0);
    assert!(
        plan.stdout.contains("Nothing to do"),
        "{}",
        plan.transcript()
    );
}

#[test]
fn what_no_file_can_say_of_ours_is_an_error_that_says_why() {
    let project = Project::example();
    let _ = project
        .run("apply --sandbox --yes -f mtls.yaml.example")
        .ends(0);
    let ran = project.run("import --sandbox").ends(1);
    ran.says(
        "no file says this account as it is: rule `platform-mtls/require-client-certificate/1`",
    );
    ran.says("which is a key of none of its CAs");
    assert!(!project.path("mtls.yaml").exists());
}

#[test]
fn no_file_is_overwritten_and_none_is_left_behind() {
    let project = Project::new().with("ca/legacy-partners.pem", "mine");
    let ran = project.run("import --sandbox --owner platform").ends(1);
    ran.says("ca/legacy-partners.pem is there already; nothing was written");
    ran.says("name another folder with --out");
    assert_eq!(project.read("ca/legacy-partners.pem"), "mine");
    assert!(!project.path("mtls.yaml").exists());

    let ran = project.run("import --sandbox --owner platform --out blocked/here");
    let _ = ran.ends(0);
    let again = project.run("import --sandbox --owner platform --out blocked/here");
    again
        .ends(1)
        .says("blocked/here/mtls.yaml is there already");
    let project = project.with("file", "a file");
    let ran = project
        .run("import --sandbox --owner platform --out file/below")
        .ends(1);
    ran.says("cannot be written to");
}

#[test]
fn an_owner_has_to_be_chosen_where_no_mark_names_one() {
    let ran = Project::new().run("import --sandbox").ends(1);
    ran.says("nothing says whose file it shall be: nothing in the account carries a mark");
    ran.says("choose it with --owner");
}

#[test]
fn a_zone_that_is_not_there_is_named() {
    let project = Project::new();
    let _ = project.run("import --sandbox --owner a --out one").ends(0);
    let ran = project.run("import --sandbox --owner a --zone example.org --out two");
    ran.ends(1).says("has no zone example.org");
}
