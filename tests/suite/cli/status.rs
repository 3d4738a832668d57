//! `status` through the binary.

use serde_json::Value;

use crate::support::golden::golden;
use crate::support::project::Project;

const APPLY: &str = "apply --sandbox=account --yes -f mtls.yaml.example";
const STATUS: &str = "status --sandbox=account -f mtls.yaml.example";

#[test]
fn nothing_is_there_before_the_first_apply() {
    let ran = Project::example()
        .run(&format!("{STATUS} --at 2098-12-01"))
        .ends(0);
    golden("cli/golden/status_before.txt", &ran.transcript());
}

#[test]
fn where_each_ca_stands_and_the_next_date() {
    let project = Project::example();
    let _ = project.run(APPLY).ends(0);
    for (name, day) in [
        ("soon", "2098-12-01"),
        ("retired", "2099-01-31"),
        ("late", "2119-12-20"),
    ] {
        let ran = project.run(&format!("{STATUS} --at {day}")).ends(0);
        for line in ran.stdout.lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
        golden(&format!("cli/golden/status_{name}.txt"), &ran.transcript());
    }
    let ran = project
        .run(&format!("{STATUS} --at 2098-12-01 --format json"))
        .ends(0);
    golden("cli/golden/status.json", &ran.stdout);
}

#[test]
fn a_ca_that_is_held_says_until_when() {
    let project = Project::example();
    let _ = project.run(APPLY).ends(0);
    // The date has come, and its successor was accepted today.
    let file = project.read("mtls.yaml.example");
    let retired = file.replace("retire: 2099-01-31", "retire: 2020-01-31");
    project.write("mtls.yaml.example", retired);
    let ran = project.run(STATUS).ends(0);
    assert!(ran.stdout.contains("rotating: held"), "{}", ran.stdout);
    let json = project
        .run(&format!("{STATUS} --format json"))
        .ends(0)
        .stdout;
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["format_version"], 1);
    let held = json["cas"].as_array().expect("CAs").iter();
    let held: Vec<&Value> = held.filter(|ca| ca["state"] == "held").collect();
    assert_eq!(held.len(), 1, "{json:#}");
    assert_eq!(held[0]["name"], "fleet-2025");
    assert_eq!(held[0]["hosts_passing"], 2);
    assert_eq!(json["dates"][0]["event"], "may_go");
    assert_eq!(json["dates"][0]["date"], held[0]["date"]);
}
