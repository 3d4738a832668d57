//! `apply` against an account that misbehaves: it completes, or says where it stands and completes the next
//! time; and nothing of others is lost.

use serde_json::Value;

use crate::cli::served::Served;
use crate::support::project::Project;
use crate::support::project::Ran;

const PLAN: &str = "plan --detailed-exitcode -f mtls.yaml.example";
const APPLY: &str = "apply --yes --settle 0s -f mtls.yaml.example";

/// Things of others that no fault of these tests takes away.
const THEIRS: [&str; 4] = [
    "orders-worker",
    "Gateway inspection",
    "legacy-partners",
    "Legacy partners only",
];

/// Ends of a run that was begun.
const STOPPED: [i32; 2] = [4, 5];

/// The example with an account that is served with these faults, each a line of YAML.
fn served(faults: &[&str]) -> (Served, Project) {
    let lines: Vec<String> = faults.iter().map(|fault| format!("- {fault}")).collect();
    let project = Project::example().with("faults.yaml", lines.join("\n"));
    let served = Served::start(&project, "--faults faults.yaml --record record.jsonl");
    let project = served.environment(project);
    (served, project)
}

fn show(project: &Project) -> String {
    project
        .run("sandbox show --dir account --format json")
        .ends(0)
        .stdout
}

/// How often each fault acted.
fn fired(project: &Project) -> Vec<u64> {
    let list = project
        .run("sandbox fault list --dir account --format json")
        .ends(0);
    let list: Value = serde_json::from_str(&list.stdout).expect("JSON");
    let faults = list["faults"].as_array().expect("a list").clone();
    faults
        .iter()
        .map(|armed| armed["fired"].as_u64().expect("a number"))
        .collect()
}

/// Nothing is left to do, and others have what they had.
#[track_caller]
fn is_done(project: &Project, case: &str) {
    let ran = project.run(PLAN);
    assert_eq!(ran.code, Some(0), "{case}: {}", ran.transcript());
    let account = show(project);
    for theirs in THEIRS {
        assert!(account.contains(theirs), "{case}: `{theirs}` is gone");
    }
    for ours in [
        "platform-mtls/require-client-certificate/1",
        "platform-mtls/require-partner-certificate/1",
    ] {
        assert!(account.contains(ours), "{case}: `{ours}` is not there");
        assert_eq!(once(project, ours), 1, "{case}: `{ours}` is there twice");
    }
}

/// How often a `ref` is in the account, per zone that has it.
fn once(project: &Project, reference: &str) -> usize {
    let account: Value = serde_json::from_str(&show(project)).expect("JSON");
    let zones = account["zones"].as_array().expect("zones").clone();
    let in_zones = zones.iter().map(|zone| {
        let rules = zone["entry_point"]["rules"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        rules.iter().filter(|rule| rule["ref"] == reference).count()
    });
    in_zones.max().unwrap_or(0)
}

/// Runs `apply` while the faults act. `true` if it completes; otherwise it has to say where it stands.
#[track_caller]
fn apply(project: &Project, case: &str) -> bool {
    let ran = project.run(APPLY);
    if ran.code == Some(0) {
        return true;
    }
    let code = ran.code.expect("an exit code");
    assert!(
        STOPPED.contains(&code) || code == 1,
        "{case}: {}",
        ran.transcript()
    );
    assert!(
        ran.stderr.contains("error: "),
        "{case}: {}",
        ran.transcript()
    );
    if code == 5 {
        assert!(
            ran.stdout.contains("  applied") || ran.stdout.contains("  failed"),
            "{case}: {}",
            ran.transcript()
        );
    }
    false
}

/// Has faults meet an `apply`, and demands that it completes.
fn completes(faults: &[&str]) {
    assert!(survives(faults), "{}", faults.join(" "));
}

/// Has faults meet an `apply`, and demands that it completes at once, which it says, or else the next one does.
fn survives(faults: &[&str]) -> bool {
    let case = faults.join(" ");
    let (_served, project) = served(faults);
    let is_complete = apply(&project, &case);
    assert!(
        fired(&project).iter().all(|fired| *fired > 0),
        "{case}: {:?}",
        fired(&project)
    );
    if !is_complete {
        let _ = project.run("sandbox fault clear --dir account").ends(0);
        let ran: Ran = project.run(APPLY);
        assert_eq!(ran.code, Some(0), "{case}: {}", ran.transcript());
    }
    is_done(&project, &case);
    is_complete
}

#[test]
fn calls_that_break_are_asked_again_and_nothing_is_done_twice() {
    for fault in ["reset", "lost-reply", "half-body", "html", "server-error"] {
        completes(&[
            &format!("{{ fault: {fault}, on: list-certificates, times: 1 }}"),
            &format!("{{ fault: {fault}, on: get-hosts, after: 1, times: 1 }}"),
            &format!("{{ fault: {fault}, on: get-rules, after: 2, times: 1 }}"),
            &format!("{{ fault: {fault}, on: upload-certificate, after: 1, times: 1 }}"),
            &format!("{{ fault: {fault}, on: put-hosts, after: 2, times: 1 }}"),
            &format!("{{ fault: {fault}, on: create-rule, times: 1 }}"),
            &format!("{{ fault: {fault}, on: create-ruleset, times: 1 }}"),
        ]);
    }
}

#[test]
fn a_call_in_five_breaks() {
    let faults = [
        "{ fault: reset, on: any, chance: 0.05, seed: 4 }",
        "{ fault: lost-reply, on: any, chance: 0.05, seed: 5 }",
        "{ fault: half-body, on: any, chance: 0.05, seed: 6 }",
        "{ fault: html, on: any, chance: 0.05, seed: 7, lands: true }",
    ];
    let (_served, project) = served(&faults);
    let is_complete = apply(&project, "one in five");
    let fired: u64 = fired(&project).iter().sum();
    assert!(fired >= 4, "{fired} faults acted");
    let _ = project.run("sandbox fault clear --dir account").ends(0);
    if !is_complete {
        let _ = project.run(APPLY).ends(0);
    }
    is_done(&project, "one in five");
}

#[test]
fn waiting_is_enough_for_slowness_and_a_short_lock_out() {
    completes(&["{ fault: latency, on: any, time: 50ms }"]);
    completes(&["{ fault: rate-limit, on: put-hosts, after: 1, times: 1, time: 2s }"]);
    completes(&[
        "{ fault: slow-propagation, on: put-hosts, times: 2, time: 1s }",
        "{ fault: slow-propagation, on: upload-certificate, times: 1, time: 1s }",
    ]);
}

#[test]
fn a_read_that_is_behind_our_own_write_stops_the_run_or_is_asked_again() {
    survives(&["{ fault: stale-read, on: get-hosts, after: 4, times: 2, calls: 6 }"]);
    survives(&["{ fault: stale-read, on: get-rules, after: 2, times: 1, time: 1m }"]);
}

#[test]
fn a_long_lock_out_stops_the_run_and_says_for_how_long() {
    let (_served, project) =
        served(&["{ fault: rate-limit, on: put-hosts, after: 1, times: 1, time: 1h }"]);
    let ran = project.run(APPLY).ends(5);
    ran.says("(971); the token's request budget is spent, come back in 3");
    assert!(ran.stdout.contains("  not tried"), "{}", ran.transcript());
}

#[test]
fn a_permission_that_is_taken_away_half_way_is_named() {
    let faults = ["{ fault: revoked-permission, on: create-rule, permission: Zone WAF Edit }"];
    let (_served, project) = served(&faults);
    let ran = project.run(APPLY).ends(5);
    let all = format!("{}{}", ran.stdout, ran.stderr);
    let all = all.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        all.contains("Zone · Zone WAF: Edit"),
        "{}",
        ran.transcript()
    );
    let _ = project.run("sandbox fault clear --dir account").ends(0);
    let _ = project.run(APPLY).ends(0);
    is_done(&project, "revoked");
}

/// Has somebody else write once while `apply` runs, which completes at once or else when run again, and leaves what
/// they wrote.
#[track_caller]
fn stays_after(fault: &str, theirs: &str) {
    let (_served, project) = served(&[fault]);
    let is_complete = apply(&project, fault);
    assert_eq!(fired(&project), [1], "{fault}");
    if !is_complete {
        let _ = project.run(APPLY).ends(0);
    }
    is_done(&project, fault);
    assert!(show(&project).contains(theirs), "{fault}");
}

#[test]
fn what_somebody_else_adds_before_our_read_or_after_our_write_stays() {
    for (on, moment) in [("get-hosts", "before-read"), ("put-hosts", "after-write")] {
        let shop =
            "change: add-host, host: shop.example.net, ca: cloudflare-managed, zone: example.net";
        let fault =
            format!("{{ fault: foreign-writer, on: {on}, times: 1, moment: {moment}, {shop} }}");
        stays_after(&fault, "shop.example.net");
    }
}

#[test]
fn rules_of_others_in_every_moment_stay() {
    for (on, moment) in [
        ("get-rules", "before-read"),
        ("create-rule", "in-window"),
        ("create-rule", "after-write"),
    ] {
        let fault = format!(
            "{{ fault: foreign-writer, on: {on}, zone: example.com, times: 1, moment: {moment}, change: add-rule, rule: Their new rule, expression: '(http.host eq \"shop.example.com\")' }}"
        );
        stays_after(&fault, "Their new rule");
    }
}

#[test]
fn a_host_that_somebody_else_adds_in_the_window_is_overwritten_as_documented() {
    let fault = "{ fault: foreign-writer, on: put-hosts, zone: example.net, times: 1, moment: in-window, \
                 change: add-host, host: shop.example.net }";
    let (_served, project) = served(&[fault]);
    assert!(apply(&project, fault), "nobody is told");
    is_done(&project, fault);
    assert!(!show(&project).contains("shop.example.net"));
    // The record has both, for whoever wonders.
    assert!(project.read("record.jsonl").contains("shop.example.net"));
}

#[test]
fn a_ca_that_somebody_deletes_half_way_is_uploaded_again() {
    let fault = "{ fault: foreign-writer, on: create-ruleset, times: 1, moment: after-write, \
                 change: delete-ca, ca: platform-mtls/partner-2026 }";
    let (_served, project) = served(&[fault]);
    let _ = apply(&project, fault);
    assert_eq!(fired(&project), [1]);
    let _ = project.run(APPLY).ends(0);
    is_done(&project, fault);
}

#[test]
fn faults_are_armed_listed_and_cleared_while_the_account_is_served() {
    let (_served, project) = served(&[]);
    let list = || project.run("sandbox fault list --dir account").ends(0);
    assert_eq!(list().stdout, "");
    list().says("No fault is armed.");
    let added =
        project.run("sandbox fault add html --dir account --on list-zones --times 1 --status 403");
    added
        .ends(0)
        .says("Armed: { fault: html, on: list-zones, times: 1, status: 403 }");
    let ran = project.run(PLAN).ends(1);
    ran.says("<!DOCTYPE html>");
    assert_eq!(
        list().stdout,
        "# 1: met 1 call, acted on 1\n- { fault: html, on: list-zones, times: 1, status: 403 }\n"
    );
    let drawn = project.run("sandbox fault add reset --dir account --on get-rules,put-hosts --chance 0.5 --zone example.com");
    drawn.ends(0).says("The seed is ");
    let listed = list().stdout;
    assert!(listed.contains("\n# 2: met 0 calls, acted on 0\n- { fault: reset, on: [get-rules, put-hosts], zone: example.com, chance: 0.5, seed: "), "{listed}");
    // What is listed can be armed from a file.
    project.write("again.yaml", &listed);
    let again = Served::start(&project, "--faults again.yaml");
    assert_eq!(list().stdout.matches("met 0 calls").count(), 2);
    drop(again);

    project
        .run("sandbox fault clear --dir account 3")
        .ends(1)
        .says("no fault has the number 3");
    project
        .run("sandbox fault clear --dir account 1")
        .ends(0)
        .says("Disarmed 1 fault.");
    assert!(
        list()
            .stdout
            .starts_with("# 1: met 0 calls, acted on 0\n- { fault: reset")
    );
    project
        .run("sandbox fault clear --dir account")
        .ends(0)
        .says("Disarmed 1 fault.");
    let _ = project.run(APPLY).ends(0);
    let _ = project
        .run("sandbox fault add reset --dir account --on any")
        .ends(0);
    let _ = project.run("sandbox reset --dir account").ends(0);
    list().says("No fault is armed.");
}

#[test]
fn a_fault_that_comes_to_nothing_says_so() {
    let fault = "{ fault: foreign-writer, on: put-hosts, times: 1, moment: after-write, change: delete-ca, ca: gone }";
    let (_served, project) = served(&[fault]);
    assert!(apply(&project, fault));
    let list = project.run("sandbox fault list --dir account").ends(0);
    let told = "acted on 1, in vain on 1: no certificate is called `gone`";
    assert!(list.stdout.contains(told), "{}", list.transcript());
    // It is a file of faults all the same.
    project.write("again.yaml", &list.stdout);
    let _again = Served::start(&project, "--faults again.yaml");
}

#[test]
fn faults_that_cannot_be_are_refused_with_their_words() {
    let project = Project::new();
    let _ = project
        .run("sandbox fault add reset --on any")
        .ends(1)
        .says("there is no sandbox in .mtlsctl");
    let _ = project.run("sandbox reset").ends(0);
    for (arguments, words) in [
        ("reset --on zones", "no endpoint is called `zones`"),
        (
            "reset --on any --time 1s",
            "`time` means nothing here; reset takes no such key",
        ),
        (
            "reset --on any --zone example.org",
            "the offline account has no zone example.org; it has example.com and example.net",
        ),
        ("lag --on any", "invalid value 'lag'"),
        (
            "foreign-writer --on create-rule --moment in-window --change add-rule --action drop",
            "`drop` is no action here; there are: `block`",
        ),
        (
            "foreign-writer --on create-rule --moment in-window --change add-rule --expression (",
            "`expression` cannot be read: ",
        ),
        ("reset", "--on <ENDPOINT>"),
    ] {
        let ran = project
            .run(&format!("sandbox fault add {arguments}"))
            .ends(1);
        ran.says(words);
    }
    project.write(
        "faults.yaml",
        "- { fault: reset, on: any }\n- { fault: latency, on: zones }\n",
    );
    let ran = project
        .run("sandbox serve --listen 127.0.0.1:0 --faults faults.yaml")
        .ends(1);
    ran.says("faults.yaml:2:3: no endpoint is called `zones`");
    ran.says("faults.yaml:2:3: `time` is missing");
    let ran = project
        .run("sandbox serve --listen 127.0.0.1:0 --faults none.yaml")
        .ends(1);
    ran.says("the file of faults none.yaml cannot be read");
    let ran = project
        .run("sandbox serve --listen 127.0.0.1:0 --record no/such/folder")
        .ends(1);
    ran.says("the record no/such/folder cannot be written");
    assert_eq!(
        project.run("sandbox fault list").ends(0).stdout,
        "",
        "nothing was armed"
    );
}
