//! Against the offline account over real HTTP.

use crate::cli::served::Served;
use crate::support::golden::golden;
use crate::support::project::Project;
use serde_json::Value;

const PLAN: &str = "plan --detailed-exitcode -f mtls.yaml.example";
const APPLY: &str = "apply --yes --settle 0s -f mtls.yaml.example";

fn show(project: &Project) -> Value {
    let shown = project
        .run("sandbox show --dir account --format json")
        .ends(0);
    serde_json::from_str(&shown.stdout).expect("JSON")
}

/// What a shown account holds that the example does not speak of: everything without its mark.
fn foreign(mut account: Value) -> String {
    let is_ours = |value: &Value| {
        value
            .as_str()
            .is_some_and(|text| text.starts_with("platform-mtls/"))
    };
    account["slots_used"].take();
    let certificates = account["certificates"]
        .as_array_mut()
        .expect("certificates");
    certificates.retain(|certificate| !is_ours(&certificate["name"]));
    for zone in account["zones"].as_array_mut().expect("zones") {
        let hosts = zone["managed_ca_hostnames"].as_array_mut().expect("hosts");
        hosts.retain(|host| host != "devices.example.net");
        if let Some(rules) = zone["entry_point"]["rules"].as_array_mut() {
            rules.retain(|rule| !is_ours(&rule["ref"]));
        }
        if zone["entry_point"]["rules"]
            .as_array()
            .is_none_or(Vec::is_empty)
        {
            zone["entry_point"].take();
        }
        if let Some(version) = zone["entry_point"].get_mut("version") {
            version.take();
        }
    }
    serde_json::to_string_pretty(&account).expect("text")
}

#[test]
fn planning_and_applying_work_as_on_disk_and_leave_what_is_not_ours() {
    let (_served, project) = Served::example("");
    let before = show(&project);
    let _ = project.run(PLAN).ends(2);
    assert_eq!(show(&project), before, "a plan changes nothing");
    let ran = project.run(APPLY).ends(0);
    assert!(
        ran.stdout.contains("Applied: 11 steps, each read back."),
        "{}",
        ran.transcript()
    );
    assert_eq!(ran.stderr, "");
    let _ = project.run(PLAN).ends(0);

    let after = show(&project);
    assert_ne!(after, before);
    let kept = foreign(before);
    for name in [
        "orders-worker",
        "Gateway inspection",
        "legacy-partners",
        "Legacy partners only",
    ] {
        assert!(kept.contains(name), "`{name}` is not in {kept}");
    }
    assert_eq!(foreign(after), kept);
}

#[test]
fn reads_that_lag_are_waited_for() {
    let (_served, project) =
        Served::example("--lag-hosts 2s --lag-certificates 1s --lag-in-use 2s");
    let _ = project.run(APPLY).ends(0);
    let gone = project.retiring().run(APPLY).ends(0);
    assert!(
        gone.stdout.contains("Applied: 3 steps, each read back."),
        "{}",
        gone.transcript()
    );
}

#[test]
fn two_runs_at_once_never_break_the_account() {
    let (_served, project) = Served::example("");
    let runs: Vec<_> = std::thread::scope(|scope| {
        let threads = [(); 2].map(|()| scope.spawn(|| project.run(APPLY)));
        threads
            .into_iter()
            .map(|thread| thread.join().expect("a run"))
            .collect()
    });
    for ran in &runs {
        assert!(matches!(ran.code, Some(0 | 4 | 5)), "{}", ran.transcript());
    }
    let _ = project.run(APPLY).ends(0);
    let _ = project.run(PLAN).ends(0);
    let names: Vec<Value> = show(&project)["certificates"]
        .as_array()
        .expect("certificates")
        .iter()
        .map(|certificate| certificate["name"].clone())
        .collect();
    assert_eq!(names.len(), 6, "each CA once: {names:?}");
}

#[test]
fn a_wrong_account_and_an_unknown_zone_are_named() {
    let (_served, project) = Served::example("");
    let zones = project.read("mtls.yaml.example").replace(
        "zones: [example.com, example.net]",
        "zones: [example.com, example.net, example.org]",
    );
    let project = project.with("zones.yaml", zones);
    let ran = project.run("plan -f zones.yaml").ends(1);
    golden("cli/golden/unknown_zone.txt", &ran.transcript());

    let project = project.variable("CLOUDFLARE_ACCOUNT_ID", &"0".repeat(32));
    let ran = project.run(PLAN).ends(1);
    ran.says("GET /accounts/00000000000000000000000000000000/mtls_certificates: answered 403");
    ran.says("or check the account id");
}

#[test]
fn a_server_that_is_told_to_end_ends_quietly() {
    let project = Project::new();
    let ran = project.shell(
        "\"$MTLSCTL\" sandbox serve --listen 127.0.0.1:0 >out 2>err & server=$!; \
         until grep -qs Serving err; do sleep 0.1; done; kill -TERM $server; wait $server",
    );
    let ran = ran.ends(0);
    assert_eq!(ran.stderr, "");
    let said = project.read("err");
    assert!(
        said.lines().all(|line| line.chars().count() <= 80),
        "{said}"
    );
    assert!(said.contains("Serving until Ctrl-C."), "{said}");
}
