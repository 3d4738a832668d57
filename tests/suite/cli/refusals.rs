//! Exit codes and their words: usage, refusals, validation, help.

use crate::support::golden::golden;
use crate::support::project::Project;

#[test]
fn usage_errors_exit_with_1() {
    let project = Project::example();
    for (arguments, words) in [
        ("", "Usage: mtlsctl [OPTIONS] <COMMAND>"),
        ("aply", "tip: a similar subcommand exists: 'apply'"),
        ("plan --nonsense", "unexpected argument '--nonsense' found"),
        (
            "plan --sandbox account",
            "unexpected argument 'account' found",
        ),
        ("plan --file", "a value is required for '--file <FILE>'"),
        ("plan --color red", "[possible values: auto, always, never]"),
        ("plan --parallel 0", "0 is not in 1..=100"),
        ("sandbox", "Usage: mtlsctl sandbox [OPTIONS] <COMMAND>"),
        (
            "sandbox token --without Everything",
            "no permission group is called `Everything`; there are:",
        ),
        ("sandbox reset --zone com", "`com` has no dot"),
        ("sandbox serve --listen nowhere", "invalid socket address"),
    ] {
        let ran = project.run(arguments).ends(1);
        ran.says(words);
        assert_eq!(ran.stdout, "", "{arguments}");
    }
}

#[test]
fn help_fits_into_80_columns() {
    let project = Project::new();
    for command in [
        "",
        "validate",
        "plan",
        "apply",
        "audit",
        "drift",
        "status",
        "rotate",
        "sandbox",
        "sandbox serve",
        "sandbox reset",
        "sandbox show",
        "sandbox token",
    ] {
        for flag in ["--help", "-h"] {
            let ran = project.run(&format!("{command} {flag}")).ends(0);
            assert_eq!(ran.stderr, "", "{command}");
            for line in ran.stdout.lines() {
                assert!(line.chars().count() <= 80, "{command} {flag}: {line}");
            }
        }
    }
    golden("cli/golden/help.txt", &project.run("--help").transcript());
    golden(
        "cli/golden/help_apply.txt",
        &project.run("apply --help").transcript(),
    );
    assert_eq!(
        project.run("--version").stdout,
        concat!("mtlsctl ", env!("CARGO_PKG_VERSION"), "\n")
    );
}

#[test]
fn a_plan_that_cannot_fit_is_refused_with_3_before_anything_is_written() {
    let project = Project::example();
    let _ = project.run("sandbox reset --dir account --quota 2").ends(0);
    let file = project
        .read("mtls.yaml.example")
        .replace("quota: 5 ", "quota: 2 ");
    let project = project.with("mtls.yaml", file);
    let before = project
        .run("sandbox show --dir account --format json")
        .stdout;
    let planned = project.run("plan --sandbox=account").ends(3);
    let applied = project.run("apply --yes --sandbox=account").ends(3);
    golden("cli/golden/quota.txt", &applied.stderr);
    assert_eq!(planned.stdout, applied.stdout);
    assert!(
        planned.stderr.ends_with(&applied.stderr),
        "{}",
        planned.stderr
    );
    assert_eq!(
        project
            .run("sandbox show --dir account --format json")
            .stdout,
        before
    );
}

#[test]
fn an_account_with_less_room_than_the_file_says_stops_part_way_and_says_what_to_set() {
    let project = Project::example();
    let _ = project.run("sandbox reset --dir account --quota 3").ends(0);
    let ran = project
        .run("apply --yes --sandbox=account -f mtls.yaml.example")
        .ends(5);
    ran.says("help: the account has room for fewer CAs than `quota` in the file says");
    assert!(
        ran.stdout.contains("2 applied, 1 failed, 8 not tried:"),
        "{}",
        ran.stdout
    );
}

#[test]
fn validate_says_what_it_checked_and_what_not() {
    let project = Project::example();
    let ran = project.run("validate -f mtls.yaml.example").ends(0);
    golden("cli/golden/valid.txt", &ran.transcript());
    let _ = project
        .run("validate --strict -f mtls.yaml.example")
        .ends(0);
    let offline = project
        .read("mtls.yaml.example")
        .replace("zones: [example.com, example.net]\n", "");
    let project = project.with("mtls.yaml", offline);
    let ran = project.run("validate").ends(0);
    assert!(
        ran.stdout
            .contains("Offline: whether the account has the zones"),
        "{}",
        ran.stdout
    );
}

#[test]
fn strict_takes_warnings_as_errors() {
    let project = Project::example();
    let ran = project
        .run("validate -f mtls.yaml.example --at 2130-01-01")
        .ends(0);
    golden("cli/golden/warned.txt", &ran.transcript());
    let ran = project
        .run("validate --strict -f mtls.yaml.example --at 2130-01-01")
        .ends(1);
    ran.says("and --strict takes them as errors");
    assert_eq!(ran.stdout, "");
}

#[test]
fn nothing_that_is_said_or_printed_is_wider_than_the_window() {
    let project = Project::example().variable("CLOUDFLARE_ACCOUNT_ID", &"5a4db0a5".repeat(4));
    let _ = project
        .run("apply --sandbox=other --yes -f mtls.yaml.example")
        .ends(0);
    for arguments in [
        "plan --sandbox=other -f mtls.yaml.example",
        "sandbox serve --dir other --listen 192.0.2.1:1",
        "validate -f mtls.yaml.example",
        "plan -f mtls.yaml.example",
        "plan --token-file nowhere -f mtls.yaml.example",
        "sandbox show --dir account",
        "sandbox show --dir nowhere",
        "sandbox reset --dir account",
    ] {
        let ran = project.run(arguments);
        for line in ran.stdout.lines().chain(ran.stderr.lines()) {
            assert!(line.chars().count() <= 80, "{arguments}: {line}");
        }
    }
}
