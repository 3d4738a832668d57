//! Guards through the binary: refused with 3 before anything is written, done with the flag that the words name.

use crate::support::project::Project;

const APPLY: &str = "apply --sandbox=account --yes";

/// The example, applied, and then without one of its hosts.
fn lost(host: &str) -> Project {
    let project = Project::example();
    let file = project.read("mtls.yaml.example");
    let project = project.with("mtls.yaml", &file);
    let _ = project.run(APPLY).ends(0);
    let without = file.replace(host, "");
    assert_ne!(without, file, "`{host}` is not in the example");
    project.with("mtls.yaml", without)
}

fn account(project: &Project) -> String {
    let shown = project.run("sandbox show --dir account --format json");
    shown.ends(0).stdout
}

#[test]
fn a_host_line_lost_in_a_merge_is_refused_until_somebody_says_that_it_may_be_open() {
    let project = lost(", payments.example.com");
    let before = account(&project);
    let planned = project.run("plan --sandbox=account").ends(3);
    planned.says("would get in on 1 host: payments.example.com");
    planned.says("`--allow-open payments.example.com`");
    assert!(
        planned.stdout.contains("Wave 1:"),
        "{}",
        planned.transcript()
    );
    let applied = project.run(APPLY).ends(3);
    assert!(
        planned.stderr.ends_with(&applied.stderr),
        "{}",
        planned.transcript()
    );
    let _ = project
        .run(&format!(
            "{APPLY} --allow-open api.example.com --allow-deletes 9"
        ))
        .ends(3);
    assert_eq!(account(&project), before);

    let flag = "--allow-open payments.example.com";
    let _ = project
        .run(&format!("plan --sandbox=account {flag}"))
        .ends(0);
    let _ = project.run(&format!("{APPLY} {flag}")).ends(0);
    let again = project.run(APPLY).ends(0);
    assert!(
        again.stdout.contains("Nothing to do"),
        "{}",
        again.transcript()
    );
}

#[test]
fn every_flag_is_known() {
    let project = Project::example();
    let _ = project
        .run(
            "plan --sandbox=account -f mtls.yaml.example --allow-changed-hosts 3 --allow-deletes 2 \
             --allow-expiring fleet-2026 --allow-side-effect example.com --allow-open api.example.com",
        )
        .ends(0);
    let ran = project.run("plan --sandbox=account -f mtls.yaml.example --allow-expiring Fleet");
    ran.ends(1).says("`Fleet` is no name");
}
