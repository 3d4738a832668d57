//! The README's first command, and the user's own file.

use crate::support::golden::golden;
use crate::support::project::Project;

const APPLY: &str = "apply --sandbox=account --yes -f mtls.yaml.example";
const PLAN: &str = "plan --sandbox=account -f mtls.yaml.example";

#[test]
fn the_first_command_plans_applies_and_shows_the_result() {
    let ran = Project::example().run(APPLY).ends(0);
    golden("cli/golden/first.txt", &ran.transcript());
}

#[test]
fn the_second_time_nothing_is_left_to_do() {
    let project = Project::example();
    let _ = project.run(APPLY).ends(0);
    let ran = project.run(APPLY).ends(0);
    golden("cli/golden/second.txt", &ran.transcript());
}

#[test]
fn pending_changes_show_in_the_exit_code_of_a_plan_that_is_asked_for_it() {
    let project = Project::example();
    let detailed = format!("{PLAN} --detailed-exitcode");
    let _ = project.run(PLAN).ends(0);
    let _ = project.run(&detailed).ends(2);
    let _ = project.run(APPLY).ends(0);
    let _ = project.run(&detailed).ends(0);
}

#[test]
fn a_plan_of_another_day_retires_a_ca() {
    let project = Project::example();
    let _ = project.run(APPLY).ends(0);
    let ran = project.run(&format!("{PLAN} --at 2099-02-01")).ends(0);
    golden("cli/golden/retired.txt", &ran.transcript());
    let ran = project.retiring().run(APPLY).ends(0);
    assert!(
        ran.stdout.contains("Applied: 3 steps, each read back."),
        "{}",
        ran.transcript()
    );
    let shown = project.run("sandbox show --dir account").ends(0);
    assert!(!shown.stdout.contains("fleet-2025"), "{}", shown.stdout);
}

/// A file as a user writes it, with hosts in zones that no example has.
fn own(hosts: &str) -> Project {
    let file = format!(
        "version: 1\naccount: ${{CLOUDFLARE_ACCOUNT_ID}}\nowner: shop\n\
         cas:\n  - {{ name: fleet-2026, certificates: examples/ca/fleet-2026.pem }}\n\
         hostnames:\n  - {{ name: shops, cas: [fleet-2026], hosts: [{hosts}] }}\n\
         rules:\n  - name: require-client-certificate\n"
    );
    Project::example().with("mtls.yaml", file)
}

#[test]
fn a_file_without_zones_gets_an_account_with_the_last_two_labels_of_its_hosts() {
    let project = own("api.shop.example, www.shop.example, api.depot.example");
    let ran = project.run("apply --sandbox --yes").ends(0);
    ran.says("Made an offline account in .mtlsctl: zones shop.example and depot.example");
    ran.says("(the last two labels of its hosts)");
    assert!(
        ran.stdout
            .contains("require-client-certificate/1 in depot.example"),
        "{}",
        ran.stdout
    );
    let _ = project.run("plan --sandbox --detailed-exitcode").ends(0);
}

#[test]
fn zones_below_a_public_suffix_are_made_with_reset() {
    let project = own("api.shop.co.uk");
    let ran = project.run("apply --sandbox --yes").ends(0);
    ran.says("zones co.uk (the last two labels of its hosts)");
    let ran = project
        .run("sandbox reset --zone shop.co.uk --zone other.co.uk")
        .ends(0);
    ran.says("zones shop.co.uk and other.co.uk, room for 5 CAs");
    let ran = project.run("apply --sandbox --yes").ends(0);
    assert!(
        ran.stdout
            .contains("require-client-certificate/1 in shop.co.uk"),
        "{}",
        ran.stdout
    );
    let _ = project.run("plan --sandbox --detailed-exitcode").ends(0);
}

#[test]
fn a_narrow_window_cuts_no_name() {
    let project = Project::example().variable("COLUMNS", "30");
    let ran = project.run(APPLY).ends(0);
    let (_plan, table) = ran.stdout.rsplit_once("\n\n").expect("a table");
    for name in [
        "payments.example.com",
        "cloudflare-managed,",
        "require-partner-certificate",
    ] {
        assert!(table.split_whitespace().any(|word| word == name), "{table}");
    }
}

#[test]
fn a_host_in_no_zone_of_the_offline_account_is_told_how_to_get_one() {
    let project = own("api.shop.example");
    let _ = project.run("sandbox reset --zone other.example").ends(0);
    let ran = project.run("plan --sandbox").ends(1);
    golden("cli/golden/no_zone.txt", &ran.transcript());
}
