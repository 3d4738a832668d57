//! `audit`: its exit codes, its formats, whose account it looks at, and what a file adds.

use serde_json::Value;

use crate::cli::served::Served;
use crate::support::golden::golden;
use crate::support::project::Project;
use crate::support::project::Ran;

/// A day on which no CA of the offline account is about to end.
const AT: &str = "--at 2026-06-01";

/// A file that says nothing but what it takes as it is.
fn accepting(entries: &[(&str, &str, &str)]) -> String {
    let mut file =
        "version: 1\naccount: ${CLOUDFLARE_ACCOUNT_ID}\nowner: platform\naccept:\n".to_owned();
    for (finding, object, until) in entries {
        let entry = format!(
            "  - {{ finding: {finding}, object: {object}, reason: known, until: {until} }}\n"
        );
        file.push_str(&entry);
    }
    file
}

/// All that the offline account has from medium on.
const KNOWN: [(&str, &str, &str); 2] = [
    ("open", "portal.example.com", "2099-01-01"),
    ("letter-case", "legacy.example.com", "2099-01-01"),
];

#[track_caller]
fn parsed(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", ran.transcript()))
}

#[test]
fn an_audit_needs_no_file_and_makes_an_offline_account_where_there_is_none() {
    let project = Project::new();
    let ran = project.run(&format!("audit --sandbox {AT}")).ends(2);
    golden("cli/golden/audit.txt", &ran.transcript());
    let ran = project.run(&format!("audit --sandbox {AT}")).ends(2);
    assert!(
        !ran.stderr.contains("Made an offline account"),
        "{}",
        ran.stderr
    );
    let ran = project.run("audit --sandbox=other --zone shop.example --fail-on never");
    let ran = ran.ends(0);
    ran.says("Made an offline account in other: zones shop.example (as --zone says).");
}

#[test]
fn the_exit_code_follows_the_severity_that_counts() {
    let project = Project::new();
    let audit = |fail_on: &str| format!("audit --sandbox {AT}{fail_on}");
    for (fail_on, code) in [
        ("", 2),
        (" --fail-on high", 2),
        (" --fail-on info", 2),
        (" --fail-on never", 0),
    ] {
        let _ = project.run(&audit(fail_on)).ends(code);
    }
    let project = project.with("mtls.yaml", accepting(&KNOWN));
    for (fail_on, code) in [("", 0), (" --fail-on low", 0), (" --fail-on info", 2)] {
        let _ = project
            .run(&audit(&format!(" -f mtls.yaml{fail_on}")))
            .ends(code);
    }
    // One slot is used: that is a finding of medium severity, if there is only one.
    let full = audit(" -f mtls.yaml --quota 1");
    let ran = project.run(&full).ends(2);
    assert!(
        ran.stdout.contains("medium  ca-quota  account\n"),
        "{}",
        ran.stdout
    );
    let _ = project.run(&format!("{full} --fail-on high")).ends(0);
}

#[test]
fn a_file_accepts_findings_until_a_day() {
    let project = Project::new();
    let mut entries = KNOWN;
    entries[0].2 = "2026-06-02";
    let project = project.with("mtls.yaml", accepting(&entries));
    let ran = project
        .run(&format!("audit --sandbox -f mtls.yaml {AT}"))
        .ends(0);
    assert!(
        ran.stdout.contains("\n1 info finding; 2 accepted.\n"),
        "{}",
        ran.stdout
    );
    assert!(
        ran.stdout
            .contains("\n  open on portal.example.com, until 2026-06-02: known\n"),
        "{}",
        ran.stdout
    );
    let later = project
        .run("audit --sandbox -f mtls.yaml --at 2026-06-02")
        .ends(2);
    assert!(
        later
            .stdout
            .contains("note: `accept` of open on portal.example.com: it ended on 2026-06-02,"),
        "{}",
        later.stdout
    );
    assert!(
        later.stdout.contains("\nhigh  open  portal.example.com\n"),
        "{}",
        later.stdout
    );
}

#[test]
fn an_unknown_finding_is_idle_and_no_error() {
    let known = KNOWN.into_iter();
    let entries: Vec<_> = known
        .chain([("opne", "portal.example.com", "2099-01-01")])
        .collect();
    let project = Project::new().with("mtls.yaml", accepting(&entries));
    let ran = project
        .run(&format!("audit --sandbox -f mtls.yaml {AT}"))
        .ends(0);
    let text = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        text.contains("`accept` of opne on portal.example.com: there is no finding of that id."),
        "{text}"
    );
}

#[test]
fn formats_for_programs_stand_alone_on_stdout() {
    let project = Project::new().with("infra/mtls.yaml", accepting(&KNOWN));
    let ran = project
        .run(&format!("audit --sandbox {AT} --format json"))
        .ends(2);
    assert_eq!(parsed(&ran)["format_version"], 1);
    ran.says("Made an offline account in .mtlsctl");
    let ran = project.run(&format!(
        "audit --sandbox {AT} --format json --color always"
    ));
    assert_eq!(parsed(&ran)["zones"][0], "example.com");
    let place = |ran: &Ran| {
        let results = &parsed(ran)["runs"][0]["results"];
        results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].clone()
    };
    let ran = project
        .run(&format!("audit --sandbox {AT} --format sarif"))
        .ends(2);
    assert_eq!(place(&ran), "mtls.yaml");
    let ran = project.run(&format!(
        "audit --sandbox {AT} --format sarif -f infra/mtls.yaml"
    ));
    assert_eq!(place(&ran.ends(0)), "infra/mtls.yaml");
}

#[test]
fn an_error_leaves_nothing_but_itself_on_stdout() {
    let project = Project::new()
        .variable("CLOUDFLARE_API_TOKEN", "a-token")
        .with("broken.yaml", "version: 1\nowner: 5\n")
        .with(
            "other.yaml",
            "version: 1\naccount: ${CLOUDFLARE_ACCOUNT_ID}\nowner: a\nzones: [example.org]\n",
        );
    let _ = project.run("sandbox reset --zone example.com").ends(0);
    for (arguments, words) in [
        ("audit --format xml", "[possible values: text, json, sarif]"),
        (
            "audit --fail-on bad",
            "[possible values: high, medium, low, info, never]",
        ),
        (
            "audit --quota 0",
            "the number of CA certificates in the contract, from 1 on",
        ),
        (
            "audit --min-validity 30",
            "no number of days; write one such as `30d`",
        ),
        ("audit --min-validity 36501d", "36500d"),
        ("audit --account abc", "`abc` is no account id"),
        ("audit --zone com", "`com` has no dot"),
        ("audit --format json", "error: nothing names the account"),
        (
            "audit --sandbox --format json -f broken.yaml",
            "broken.yaml",
        ),
        (
            "audit --sandbox --format json -f nowhere.yaml",
            "nowhere.yaml",
        ),
        (
            "audit --sandbox --format json --zone example.net",
            "has no zone example.net that the token shows help: an offline account keeps the zones",
        ),
        (
            "audit --sandbox --format sarif -f other.yaml",
            "has no zone example.org",
        ),
    ] {
        let ran = project.run(arguments).ends(1);
        ran.says(words);
        // Who asked for a format of programs gets the error in it; arguments that are wrong are told on stderr.
        let formats = ["--format json", "--format sarif"];
        let is_asked = formats.iter().any(|format| arguments.contains(format));
        assert_eq!(!ran.stdout.is_empty(), is_asked, "{arguments}");
        if !ran.stdout.is_empty() {
            let document: Value = serde_json::from_str(&ran.stdout).expect("JSON");
            assert!(document["coverage"].is_null(), "{document:#}");
        }
    }
    let project = project.variable("CLOUDFLARE_ACCOUNT_ID", "s3cr3t");
    let ran = project.run("audit --format json").ends(1);
    ran.says("CLOUDFLARE_ACCOUNT_ID holds no account id: it has 6 characters");
    assert!(!ran.transcript().contains("s3cr3t"), "{}", ran.transcript());
}

#[test]
fn colours_add_nothing_but_colours() {
    let project = Project::new();
    let _ = project.run("sandbox reset").ends(0);
    let plain = project.run(&format!("audit --sandbox {AT}")).ends(2).stdout;
    let ran = project
        .run(&format!("audit --sandbox {AT} --color always"))
        .ends(2);
    assert_ne!(ran.stdout, plain);
    assert_eq!(anstream::adapter::strip_str(&ran.stdout).to_string(), plain);
    assert!(!plain.contains('\u{1b}'), "{plain}");
}

#[test]
fn zones_that_are_not_asked_for_are_not_in_it() {
    let project = Project::example();
    let apply = "apply --sandbox --yes -f mtls.yaml.example";
    let _ = project.run(apply).ends(0);
    let zones = |arguments: &str| {
        let ran = project.run(&format!("audit --sandbox --format json {AT} {arguments}"));
        let told = parsed(&ran);
        let rows = told["coverage"]["rows"].as_array().expect("rows").iter();
        let of_rows: Vec<Value> = rows.map(|row| row["zone"].clone()).collect();
        assert!(
            of_rows
                .iter()
                .all(|zone| told["zones"].as_array().expect("zones").contains(zone))
        );
        told["zones"].to_string()
    };
    assert_eq!(zones(""), r#"["example.com","example.net"]"#);
    assert_eq!(zones("--zone example.net"), r#"["example.net"]"#);
    let file = accepting(&KNOWN).replace("accept:", "zones: [example.com]\naccept:");
    project.write("one.yaml", file);
    assert_eq!(zones("-f one.yaml"), r#"["example.com"]"#);
    assert_eq!(
        zones("-f one.yaml --zone example.net"),
        r#"["example.net"]"#
    );
}

#[test]
fn dates_and_validity_are_judged_as_asked() {
    let project = Project::example();
    let _ = project
        .run("apply --sandbox --yes -f mtls.yaml.example")
        .ends(0);
    let kinds = |arguments: &str| {
        let ran = project.run(&format!("audit --sandbox --format json {arguments}"));
        let told = parsed(&ran);
        let findings = told["findings"].as_array().expect("findings").iter();
        let kinds = findings.map(|one| one["id"].as_str().expect("an id").to_owned());
        kinds.collect::<Vec<_>>()
    };
    let has = |arguments: &str, kind: &str| kinds(arguments).iter().any(|one| one == kind);
    assert!(!has(AT, "ca-expiring"));
    assert!(has(&format!("{AT} --min-validity 36500d"), "ca-expiring"));
    assert!(has("--at 2130-01-01", "ca-expired"));
    let file = accepting(&KNOWN).replace(
        "accept:",
        "guards: { min_validity: 36500d }\nquota: 4\naccept:",
    );
    project.write("long.yaml", file);
    assert!(has(&format!("{AT} -f long.yaml"), "ca-expiring"));
    assert!(!has(
        &format!("{AT} -f long.yaml --min-validity 0d"),
        "ca-expiring"
    ));
    assert!(has(&format!("{AT} -f long.yaml"), "ca-quota"));
    assert!(!has(&format!("{AT} -f long.yaml --quota 9"), "ca-quota"));
}

#[test]
fn a_live_account_is_the_one_that_is_named() {
    let project = Project::new();
    let served = Served::start(&project, "");
    let project = served.environment(project);
    let ran = project.run(&format!("audit {AT}")).ends(2);
    assert!(
        ran.stdout
            .starts_with(&format!("Account {}", served.account)),
        "{}",
        ran.stdout
    );
    // The argument is stronger than the environment, and than a file.
    let elsewhere = "0".repeat(32);
    let ran = project
        .run(&format!("audit {AT} --account {elsewhere}"))
        .ends(1);
    assert_eq!(ran.stdout, "", "{}", ran.transcript());
    let project = project.variable("CLOUDFLARE_ACCOUNT_ID", &elsewhere);
    let named = format!("audit {AT} --account {}", served.account);
    let _ = project.run(&named).ends(2);
    let project = project.with("mtls.yaml", accepting(&KNOWN));
    let _ = project.run(&format!("{named} -f mtls.yaml")).ends(0);
    let file = project
        .read("mtls.yaml")
        .replace("${CLOUDFLARE_ACCOUNT_ID}", &served.account);
    project.write("mtls.yaml", file);
    let _ = project.run(&format!("audit {AT} -f mtls.yaml")).ends(0);
}

#[test]
fn what_the_token_may_not_read_is_told_by_its_permission() {
    let project = Project::new();
    let served = Served::start(&project, "");
    let project = served.environment(project);
    let arguments = [
        "sandbox",
        "token",
        "--dir",
        "account",
        "--without",
        "DNS Read",
        "--without",
        "DNS Write",
    ];
    let made = project.command(arguments).output().expect("it runs");
    let token = String::from_utf8(made.stdout).expect("UTF-8");
    let project = project.variable("CLOUDFLARE_API_TOKEN", token.trim());
    let ran = project.run(&format!("audit {AT}")).ends(2);
    for words in [
        "\nWhat the matrix says holds unless something under *not looked at* lets requests\npast.\n",
        "\n  Zone · DNS: Read: DNS records of example.com\n",
    ] {
        assert!(ran.stdout.contains(words), "{}", ran.stdout);
    }
}

#[test]
fn a_token_shows_in_no_log_of_an_audit() {
    let (served, project) = Served::example("");
    let ran = project.run("audit -vvv");
    assert!(ran.stderr.contains("GET"), "{}", ran.transcript());
    assert!(
        !ran.transcript().contains(&served.token),
        "{}",
        ran.transcript()
    );
}

#[test]
fn many_zones_are_announced_before_they_are_read() {
    let project = Project::new();
    let zones: Vec<String> = (1..=60).map(|n| format!("--zone z{n}.example")).collect();
    let _ = project
        .run(&format!("sandbox reset {}", zones.join(" ")))
        .ends(0);
    let ran = project
        .run(&format!("audit --sandbox {AT} --fail-on never"))
        .ends(0);
    ran.says("API calls and more: 60 zones with 2 host lists each.");
    ran.says("Name the zones that matter with --zone to make it cheaper.");
}
