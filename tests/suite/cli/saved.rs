//! Plans that are reviewed first: saved, or known by their digest.

use std::path::Path;

use mtlsctl::cloudflare::Client;
use mtlsctl::cloudflare::Network;
use mtlsctl::cloudflare::Position;
use mtlsctl::cloudflare::Settings;
use mtlsctl::cloudflare::Timeouts;
use mtlsctl::live::Rules;
use mtlsctl::resource::AccountId;
use mtlsctl::resource::RuleBody;
use secrecy::SecretString;
use serde_json::json;

use crate::cli::served::Served;
use crate::plan::saved::saved;
use crate::plan::worlds::ONE;
use crate::support::golden::golden;
use crate::support::project::Project;
use crate::support::project::Ran;
use crate::support::scenario::Scenario;

const PLAN: &str = "plan --sandbox=account -f mtls.yaml.example";
const APPLY: &str = "apply --sandbox=account -f mtls.yaml.example";

fn state(project: &Project) -> String {
    project
        .run("sandbox show --dir account --format json")
        .ends(0)
        .stdout
}

/// The digest that a plan prints.
fn digest(ran: &Ran) -> String {
    let mut lines = ran.stdout.lines();
    let digest = lines.find_map(|line| line.strip_prefix("Digest: "));
    digest.expect("a digest").to_owned()
}

fn edit(project: &Project, path: &str, from: &str, to: &str) {
    let text = project.read(path);
    assert!(text.contains(from), "`{from}` in {text}");
    project.write(path, text.replacen(from, to, 1));
}

#[test]
fn a_saved_plan_is_applied_without_a_question() {
    let project = Project::example();
    let planned = project.run(&format!("{PLAN} --out plan.json")).ends(0);
    golden("cli/golden/saved_plan.txt", &planned.transcript());
    let applied = project.run(&format!("{APPLY} plan.json")).ends(0);
    assert!(
        applied.stdout.contains("Wave 1: upload")
            && applied
                .stdout
                .contains("Applied: 11 steps, each read back."),
        "{}",
        applied.transcript()
    );
    let again = project.run(&format!("{APPLY} plan.json")).ends(4);
    golden("cli/golden/saved_again.txt", &again.transcript());
}

#[test]
fn a_plan_is_applied_by_its_digest_and_no_other_one() {
    let project = Project::example();
    let digest = digest(&project.run(PLAN).ends(0));
    let before = state(&project);
    let other = "0".repeat(64);
    let refused = project.run(&format!("{APPLY} --expect {other}")).ends(4);
    golden("cli/golden/saved_expect.txt", &refused.transcript());
    for part in [&digest[..63], &digest[..8], &digest.to_uppercase()] {
        let ran = project.run(&format!("{APPLY} --expect {part}")).ends(1);
        ran.says("a part of one does not do");
    }
    assert_eq!(state(&project), before);
    let ran = project.run(&format!("{APPLY} --expect {digest}")).ends(0);
    assert!(
        ran.stdout.contains("Applied: 11 steps"),
        "{}",
        ran.transcript()
    );
    let _ = project.run(&format!("{APPLY} --expect {digest}")).ends(4);
}

#[test]
fn a_plan_file_can_be_held_against_the_digest_that_was_reviewed() {
    let project = Project::example();
    let digest = digest(&project.run(&format!("{PLAN} --out plan.json")).ends(0));
    let other = "0".repeat(64);
    let ran = project
        .run(&format!("{APPLY} plan.json --expect {other}"))
        .ends(4);
    ran.says(&format!(
        "another plan was reviewed than this one, whose digest is {digest}"
    ));
    let _ = project
        .run(&format!("{APPLY} plan.json --expect {digest}"))
        .ends(0);
}

#[test]
fn a_plan_with_nothing_to_do_is_saved_and_applied_too() {
    let project = Project::example();
    let _ = project.run(&format!("{APPLY} --yes")).ends(0);
    let _ = project
        .run(&format!("{PLAN} --out plans/none.json"))
        .ends(1);
    let ran = project.run(&format!("{PLAN} --out none.json")).ends(0);
    let digest = digest(&ran);
    for reviewed in ["none.json".to_owned(), format!("--expect {digest}")] {
        let ran = project.run(&format!("{APPLY} {reviewed}")).ends(0);
        assert!(ran.stdout.contains("Nothing to do"), "{}", ran.transcript());
    }
}

#[test]
fn a_plan_that_is_refused_is_not_saved() {
    let project = Project::example();
    let _ = project.run("sandbox reset --dir account --quota 2").ends(0);
    edit(&project, "mtls.yaml.example", "quota: 5 ", "quota: 2 ");
    project.write("plan.json", "an earlier one");
    let ran = project.run(&format!("{PLAN} --out plan.json")).ends(3);
    ran.says("help: nothing was written to plan.json: a plan that is refused is not saved");
    assert_eq!(project.read("plan.json"), "an earlier one");
    assert!(!ran.stdout.contains("Digest:"), "{}", ran.transcript());
}

#[test]
fn a_file_that_asks_for_something_else_makes_a_plan_stale() {
    let project = Project::example();
    let _ = project.run(&format!("{PLAN} --out plan.json")).ends(0);
    let before = state(&project);
    edit(
        &project,
        "mtls.yaml.example",
        "api.example.com, ",
        "api.example.com, new.example.com, ",
    );
    let ran = project.run(&format!("{APPLY} plan.json")).ends(4);
    golden("cli/golden/saved_file.txt", &ran.transcript());
    assert_eq!(state(&project), before);
    edit(
        &project,
        "mtls.yaml.example",
        "api.example.com, new.example.com, ",
        "api.example.com,   ",
    );
    edit(
        &project,
        "mtls.yaml.example",
        "version: 1",
        "# merged\nversion: 1",
    );
    let _ = project.run(&format!("{APPLY} plan.json")).ends(0);
}

#[test]
fn what_is_no_plan_of_this_account_is_refused_before_anything_is_read() {
    let project = Project::example();
    let _ = project.run(&format!("{PLAN} --out plan.json")).ends(0);
    let text = project.read("plan.json");
    project.write(
        "edited.json",
        text.replace("\"deletes\": null", "\"deletes\": 9"),
    );
    project.write(
        "later.json",
        text.replace("\"format_version\": 1,", "\"format_version\": 2,"),
    );
    project.write("short.json", &text[..text.len() / 2]);
    let mut told = String::new();
    for name in [
        "edited.json",
        "later.json",
        "short.json",
        "mtls.yaml.example",
        "nothing.json",
    ] {
        let ran = project
            .run(&format!("apply {name} -f mtls.yaml.example"))
            .ends(1);
        assert_eq!(ran.stdout, "", "{name}");
        told.push_str(&ran.stderr);
    }
    golden("cli/golden/saved_unusable.txt", &told);
}

#[test]
fn a_plan_of_another_account_is_told_by_both_ids() {
    let plan = saved(&Scenario::new(ONE)).text();
    let file = format!(
        "version: 1\naccount: ${{CLOUDFLARE_ACCOUNT_ID}}\n{ONE}guards: {{ min_overlap: 0d }}\n"
    );
    let ca = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/ca/fleet-2026.pem");
    let project = Project::new()
        .with("mtls.yaml", file)
        .with("fleet-2026.pem", std::fs::read(ca).expect("a CA"))
        .with("plan.json", plan);
    let ran = project.run("apply --sandbox plan.json").ends(1);
    ran.says(
        "plan.json was made for account 9a7806069a7806069a7806069a780606, and this is account \
         5a4db0a55a4db0a55a4db0a55a4db0a5; nothing was changed",
    );
}

#[test]
fn a_plan_file_brings_its_consent_and_takes_no_other() {
    let project = Project::example();
    let _ = project.run(&format!("{APPLY} --yes")).ends(0);
    project.retiring();
    edit(
        &project,
        "mtls.yaml.example",
        "max_deletes: 1",
        "max_deletes: 0",
    );
    let _ = project.run(PLAN).ends(3);
    let consent = "--allow-deletes 1";
    let planned = project
        .run(&format!("{PLAN} {consent} --out plan.json"))
        .ends(0);
    assert!(
        planned.stdout.contains("with the same --allow flags"),
        "{}",
        planned.transcript()
    );
    let digest = digest(&planned);
    let ran = project.run(&format!("{APPLY} plan.json {consent}")).ends(1);
    ran.says("the argument '[PLANFILE]' cannot be used with");
    let _ = project.run(&format!("{APPLY} --expect {digest}")).ends(4);
    let _ = project.run(&format!("{APPLY} plan.json")).ends(0);
}

#[test]
fn the_same_input_gives_the_same_bytes_on_another_machine() {
    let one = Project::example()
        .variable("TZ", "America/New_York")
        .variable("USER", "one");
    let other = Project::example()
        .variable("TZ", "Asia/Tokyo")
        .variable("USER", "other")
        .variable("LANG", "de_DE.UTF-8")
        .variable("COLUMNS", "120");
    edit(
        &other,
        "mtls.yaml.example",
        "[fleet-2025, fleet-2026]",
        "[fleet-2026, fleet-2025]",
    );
    edit(
        &other,
        "mtls.yaml.example",
        "version: 1",
        "# elsewhere\nversion: 1",
    );
    let _ = one.run(&format!("{PLAN} --out plan.json")).ends(0);
    let plan = "plan --sandbox=elsewhere -f ./mtls.yaml.example --parallel 1 --out other.json";
    let _ = other.run(&format!("{plan} --color always")).ends(0);
    let text = one.read("plan.json");
    assert_eq!(other.read("other.json"), text);
    assert!(
        !text.contains('\u{1b}') && !text.contains("account/"),
        "{text}"
    );
    let folder = one.path("");
    assert!(!text.contains(folder.to_str().expect("a path")), "{text}");
}

/// Adds a rule to a zone, as somebody in the dashboard would.
fn added_in_the_dashboard(served: &Served, zone: &str, expression: &str) {
    let token = SecretString::from(served.token.clone());
    let network = Network::new(&served.base, &token, Timeouts::default()).expect("a network");
    let client = Client::new(network, Settings::default());
    let account = AccountId::parse(&served.account).expect("an id");
    let rule = RuleBody {
        reference: "office".to_owned(),
        description: "Office network".to_owned(),
        action: "skip".to_owned(),
        parameters: json!({ "ruleset": "current" }),
        expression: expression.to_owned(),
        enabled: true,
    };
    let added = async {
        let (reader, writer) = (client.reader(), client.writer());
        let zones = reader.zones(&account).await.expect("zones");
        let mut zones = zones.into_iter();
        let found = zones.find(|found| found.name.as_str() == zone).expect(zone);
        match reader.rules(&found.id).await.expect("rules") {
            Rules::EntryPoint(entry) => writer
                .create_rule(&found.id, &entry.id, &rule, &Position::First)
                .await
                .map(drop),
            Rules::NoEntryPoint => writer
                .create_entry_point(&found.id, &[rule])
                .await
                .map(drop),
        }
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(added).expect("a rule");
}

#[test]
fn an_edit_in_the_dashboard_makes_a_reviewed_plan_stale() {
    let (served, project) = Served::example("");
    let digest = digest(
        &project
            .run("plan -f mtls.yaml.example --out plan.json")
            .ends(0),
    );
    added_in_the_dashboard(&served, "example.com", "ip.src in {198.51.100.0/24}");
    let before = state(&project);
    let ran = project.run("apply -f mtls.yaml.example plan.json").ends(4);
    golden("cli/golden/saved_stale.txt", &ran.transcript());
    let ran = project
        .run(&format!("apply -f mtls.yaml.example --expect {digest}"))
        .ends(4);
    assert!(
        ran.stdout.contains("Wave 1: upload"),
        "the plan is shown: {}",
        ran.stdout
    );
    assert_eq!(state(&project), before);
    assert!(Path::new(&project.path("plan.json")).exists());

    let planned = project
        .run("plan -f mtls.yaml.example --out plan.json")
        .ends(0);
    assert_ne!(self::digest(&planned), digest);
    let _ = project
        .run("apply -f mtls.yaml.example plan.json --settle 0s")
        .ends(0);
    let _ = project
        .run("plan -f mtls.yaml.example --detailed-exitcode")
        .ends(0);
}

#[cfg(unix)]
#[test]
fn a_plan_file_can_be_read_by_whoever_applies_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let project = Project::example();
    let ran = project.shell(&format!(
        "umask 022; $MTLSCTL {PLAN} --out plan.json; ls -A"
    ));
    let ran = ran.ends(0);
    let mode = std::fs::metadata(project.path("plan.json")).expect("a file");
    assert_eq!(mode.permissions().mode() & 0o777, 0o644);
    assert!(!ran.stdout.contains(".mtlsctl-"), "{}", ran.stdout);
}
