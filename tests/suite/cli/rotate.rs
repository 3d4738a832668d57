//! `rotate` through the binary: what it writes, what it refuses, and the story in `examples/rotation`.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::support::golden::golden;
use crate::support::project::Project;

const FILE: &str = "\
version: 1
account: ${CLOUDFLARE_ACCOUNT_ID}
owner: team
cas:
  - { name: fleet, certificates: ca/fleet-2026.pem } # ours
hostnames:
  - { name: public-api, cas: [fleet], hosts: [api.example.com] }
rules:
  - name: require-client-certificate
";

fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/ca");
    fs::read(folder.join(name)).expect(name)
}

/// A folder with the file in `team/`, applied, and the CAs beside it.
fn applied() -> Project {
    let project = Project::new()
        .with("team/mtls.yaml", FILE)
        .with("team/ca/fleet-2026.pem", fixture("fleet-2026.pem"))
        .with("new/fleet-2027.pem", fixture("fleet-2027.pem"));
    let _ = project
        .run("apply --sandbox=account --yes -f team/mtls.yaml")
        .ends(0);
    project
}

const ROTATE: &str = "rotate fleet --sandbox=account -f team/mtls.yaml --to";

#[test]
fn the_file_is_edited_and_the_plan_is_shown() {
    let project = applied();
    let path = project.path("team/mtls.yaml");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("a mode");
    let ran = project.run(&format!("{ROTATE} new/fleet-2027.pem")).ends(0);
    ran.says("Wrote team/mtls.yaml: CA fleet is now ../new/fleet-2027.pem.");
    assert!(ran.stdout.contains("± upload CA fleet"), "{}", ran.stdout);
    assert!(
        ran.stdout.contains("CA fleet@22b0e131: held until"),
        "{}",
        ran.stdout
    );
    let expected = FILE.replace("ca/fleet-2026.pem", "../new/fleet-2027.pem");
    assert_eq!(project.read("team/mtls.yaml"), expected);
    let mode = fs::metadata(&path).expect("the file").permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    let left: Vec<_> = fs::read_dir(project.path("team"))
        .expect("a folder")
        .collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn a_date_gives_the_successor_a_name_of_its_own() {
    let project = applied();
    let ran = project
        .run(&format!("{ROTATE} new/fleet-2027.pem --retire 2099-01-31"))
        .ends(0);
    ran.says("CA fleet-2 (../new/fleet-2027.pem) stands beside fleet, which retires on 2099-01-31");
    assert!(ran.stdout.contains("+ upload CA fleet-2"), "{}", ran.stdout);
    let expected = FILE
        .replace("name: fleet,", "name: fleet, retire: 2099-01-31,")
        .replace(
            "# ours\n",
            "# ours\n  - { name: fleet-2, certificates: ../new/fleet-2027.pem }\n",
        )
        .replace("[fleet]", "[fleet, fleet-2]");
    assert_eq!(project.read("team/mtls.yaml"), expected);
}

#[test]
fn what_could_not_be_used_is_not_written() {
    let project = applied()
        .with("new/expired.pem", fixture("expired.pem"))
        .with("new/no-key-id.pem", fixture("no-key-id.pem"))
        .with(
            "new/key.pem",
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        )
        .with(
            "new/odd.yaml",
            FILE.replace("[fleet]", "&all [fleet]")
                .replace(
                    "rules:",
                    "  - { name: inner, cas: *all, hosts: [bus.example.com] }\nrules:",
                )
                .replace("ca/fleet", "../team/ca/fleet"),
        );
    let mut said = String::new();
    for arguments in [
        "rotate fleet -f team/mtls.yaml --to new/expired.pem",
        "rotate fleet -f team/mtls.yaml --to new/no-key-id.pem",
        "rotate fleet -f team/mtls.yaml --to new/key.pem",
        "rotate fleet -f team/mtls.yaml --to new/nowhere.pem",
        "rotate fleet -f team/mtls.yaml --to team/ca/fleet-2026.pem",
        "rotate flete -f team/mtls.yaml --to new/fleet-2027.pem",
        "rotate fleet -f team/mtls.yaml --to new/fleet-2027.pem --retire 2026-02-30",
        "rotate fleet -f new/odd.yaml --to new/fleet-2027.pem --retire 2099-01-31",
    ] {
        let files = || (project.read("team/mtls.yaml"), project.read("new/odd.yaml"));
        let before = files();
        let ran = project
            .run(&format!("{arguments} --sandbox=account"))
            .ends(1);
        assert_eq!(files(), before, "{arguments}");
        let _ = writeln!(said, "$ mtlsctl {arguments}\n{}", ran.transcript());
    }
    golden("cli/golden/rotate_refused.txt", &said);
}

#[test]
fn a_failing_read_leaves_the_file_written_and_says_so() {
    let project = applied().variable("CLOUDFLARE_ACCOUNT_ID", &"9a".repeat(16));
    let ran = project
        .run("rotate fleet -f team/mtls.yaml --to new/fleet-2027.pem")
        .ends(1);
    ran.says("error: there is no API token");
    ran.says("help: team/mtls.yaml is written all the same: CA fleet is now ../new/fleet-2027.pem");
    assert!(project.read("team/mtls.yaml").contains("fleet-2027.pem"));
}

#[test]
fn a_name_that_no_ca_has_is_not_taken_for_consent() {
    let project = applied();
    let ran = project
        .run("plan --sandbox=account -f team/mtls.yaml --allow-short-overlap flete")
        .ends(1);
    ran.says(
        "`--allow-short-overlap flete`: neither the file nor the account has a CA of this name",
    );
}

#[test]
fn the_story_of_the_example_plays() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let project = [
        "examples/rotation/rotate.sh",
        "examples/rotation/mtls.yaml",
        "examples/ca/fleet-2025.pem",
        "examples/ca/fleet-2026.pem",
    ]
    .into_iter()
    .fold(Project::new(), |project, path| {
        project.with(path, fs::read(root.join(path)).expect(path))
    });
    let _ = project.shell("sh -n examples/rotation/rotate.sh").ends(0);
    let ran = project.shell("sh examples/rotation/rotate.sh").ends(0);
    let steps: Vec<&str> = ran.stdout.split("== ").collect();
    for (step, words) in [
        (1, "+ upload CA fleet"),
        (2, "CA fleet@dcaeea7c: held until"),
        (3, "Nothing to do"),
        (3, "- delete CA fleet@dcaeea7c"),
        (4, "Applied: 3 steps"),
    ] {
        assert!(steps[step].contains(words), "{words}\n{}", steps[step]);
    }
    assert!(!steps[4].ends_with("held"), "{}", steps[4]);
}
