//! The story of a pull request, from an account that nobody wrote down to drift that somebody notices.

use serde_json::Value;
use serde_json::json;

use crate::cli::served::Served;
use crate::support::dashboard::outside;
use crate::support::markdown::is_harmless;

/// What the pull request adds to the imported file.
fn edited(imported: &str) -> String {
    let edits = [
        (
            "\ncas:\n",
            "settle: 0s\n\ncas:\n  - { name: fleet-2026, certificates: examples/ca/fleet-2026.pem }\n",
        ),
        (
            "\nhostnames:\n",
            "\nhostnames:\n  - { name: public-api, cas: [fleet-2026], hosts: [api.example.com] }\n",
        ),
        (
            "\nrules:\n",
            "\nrules:\n  - { name: require-client-certificate, hostnames: [public-api] }\n",
        ),
    ];
    edits
        .into_iter()
        .fold(imported.to_owned(), |text, (at, more)| {
            assert!(text.contains(at), "`{at}` in {text}");
            text.replacen(at, more, 1)
        })
}

#[test]
fn from_an_import_to_a_drift() {
    let (served, project) = Served::example("");

    // An account that nobody wrote down is written down; that changes nothing.
    let _ = project
        .run("import --owner platform-mtls --zone example.com")
        .ends(0);
    let _ = project.run("plan --detailed-exitcode").ends(0);

    // The pull request, and what a reviewer reads.
    let imported = project.read("mtls.yaml");
    project.write("mtls.yaml", edited(&imported));
    let _ = project.run("validate --strict").ends(0);
    let planned = project
        .run("plan --out plan.json --format markdown")
        .ends(0);
    is_harmless(&planned.stdout);
    assert!(
        planned.stdout.contains("**Who changes verdict**"),
        "{}",
        planned.stdout
    );

    // Somebody edits in the dashboard: that plan is not applied, and it says what moved.
    outside(&project, |desk| {
        let partners = desk.certificate("legacy-partners");
        desk.set_hosts(
            "example.com",
            partners.as_deref(),
            &["legacy.example.com", "old.example.com"],
        );
    });
    let before = project
        .run("sandbox show --dir account --format json")
        .ends(0)
        .stdout;
    let stale = project.run("apply plan.json").ends(4);
    stale.says("hosts of legacy-partners in example.com: +old.example.com");
    let after = project
        .run("sandbox show --dir account --format json")
        .ends(0)
        .stdout;
    assert_eq!(after, before);

    // Planned and reviewed again, that very plan is applied, and nothing else.
    let planned = project.run("plan --format json").ends(0);
    let plan: Value = serde_json::from_str(&planned.stdout).expect("JSON");
    let digest = plan["digest"].as_str().expect("a digest");
    let applied = project.run(&format!("apply --expect {digest}")).ends(0);
    assert!(
        applied.stdout.contains("each read back"),
        "{}",
        applied.transcript()
    );
    let _ = project.run("drift --fail-on any").ends(0);

    // Somebody switches our rule off: that is noticed, and how bad it is.
    outside(&project, |desk| {
        let rule = "platform-mtls/require-client-certificate/1";
        desk.change_rule("example.com", rule, "enabled", &json!(false));
    });
    let drift = project.run("drift").ends(2);
    assert!(
        drift.stdout.starts_with("Drift: exposed.\n"),
        "{}",
        drift.stdout
    );
    assert!(drift.stdout.contains("changed outside"), "{}", drift.stdout);
    let told = project.run("drift --format markdown").ends(2);
    is_harmless(&told.stdout);
    assert!(
        told.stdout.contains("**Who gets in and should not**"),
        "{}",
        told.stdout
    );
    drop(served);
}
