//! Colours where they are wanted, and readers that go away.

use crate::support::project::Project;

const PLAN: &str = "plan --sandbox=account -f mtls.yaml.example";
const ESCAPE: char = '\u{1b}';

#[test]
fn a_pipe_has_colours_only_if_they_are_asked_for() {
    let project = Project::example();
    assert!(!project.run(PLAN).ends(0).stdout.contains(ESCAPE));
    let coloured = project.run(&format!("{PLAN} --color always")).ends(0);
    assert!(
        coloured.stdout.contains("\u{1b}[32m+ upload CA fleet-2025"),
        "{}",
        coloured.stdout
    );
    assert!(
        !project
            .run(&format!("{PLAN} --color never"))
            .ends(0)
            .stdout
            .contains(ESCAPE)
    );
    let failed = project.run("plan --color always").ends(1);
    assert!(failed.stderr.contains(ESCAPE), "{}", failed.stderr);
    let failed = project.run("plan").ends(1);
    assert!(!failed.stderr.contains(ESCAPE), "{}", failed.stderr);
}

#[test]
fn no_color_and_a_dumb_terminal_are_respected() {
    let quiet = Project::example().variable("NO_COLOR", "1");
    let plain = quiet.run(PLAN).ends(0).stdout;
    assert!(!plain.contains(ESCAPE));
    let coloured = quiet.run(&format!("{PLAN} --color always")).ends(0).stdout;
    assert!(
        coloured.contains(ESCAPE),
        "an argument is stronger than NO_COLOR"
    );
    let script = format!(
        "command -v script >/dev/null || exit 77; TERM=xterm script -qec \"$MTLSCTL {PLAN}\" /dev/null"
    );
    let Some(0) = quiet.shell(&script).code else {
        return;
    };
    assert!(!quiet.shell(&script).stdout.contains("\u{1b}[32m"));
    let on_terminal = Project::example().shell(&script).ends(0).stdout;
    assert!(
        on_terminal.contains("\u{1b}[32m+ upload CA"),
        "{on_terminal}"
    );
}

#[test]
fn a_pipeline_is_no_terminal_and_documents_have_no_colours() {
    let pipeline = Project::example().variable("CI", "true");
    assert!(!pipeline.run(PLAN).ends(0).stdout.contains(ESCAPE));
    let forced = pipeline.variable("CLICOLOR_FORCE", "1");
    assert!(forced.run(PLAN).ends(0).stdout.contains(ESCAPE));
    for format in ["json", "markdown", "github"] {
        let ran = forced.run(&format!("{PLAN} --format {format}")).ends(0);
        assert!(!ran.stdout.contains(ESCAPE), "{}", ran.stdout);
    }
}

#[test]
fn colours_add_nothing_but_colours() {
    let project = Project::example();
    let plain = project.run(PLAN).ends(0).stdout;
    let coloured = project
        .run(&format!("{PLAN} --color always"))
        .ends(0)
        .stdout;
    let mut pieces = coloured.split(ESCAPE);
    let mut bare = pieces.next().unwrap_or_default().to_owned();
    bare.extend(pieces.map(|piece| piece.split_once('m').expect("a style").1));
    assert_eq!(bare, plain);
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let project = Project::example();
    let script = |command: &str| {
        format!("{{ $MTLSCTL {command}; echo ended $? >&2; }} | head -c 1 >/dev/null")
    };
    let _ = project.run(PLAN).ends(0);
    let ran = project.shell(&script(PLAN));
    assert!(ran.stderr.ends_with("\nended 0\n"), "{}", ran.stderr);
    // Nobody reads at all.
    for command in [
        PLAN,
        "validate -f mtls.yaml.example",
        "sandbox show --dir account",
        "--help",
    ] {
        let ran = project.shell(&format!(
            "{{ sleep 0.3; $MTLSCTL {command}; echo ended $? >&2; }} | true"
        ));
        assert!(
            ran.stderr.ends_with("ended 0\n"),
            "{command}: {}",
            ran.stderr
        );
    }
}

#[test]
fn a_run_whose_reader_goes_away_is_not_cut_short() {
    let project = Project::example();
    let apply = "apply --yes --sandbox=account -f mtls.yaml.example";
    let ran = project.shell(&format!(
        "{{ sleep 0.3; $MTLSCTL {apply}; echo ended $? >&2; }} | true"
    ));
    assert!(ran.stderr.ends_with("ended 0\n"), "{}", ran.stderr);
    let _ = project.run(&format!("{PLAN} --detailed-exitcode")).ends(0);
}

/// Where every write fails for want of room.
const FULL: &str = "/dev/full";

#[test]
fn a_full_disk_is_an_error_before_anything_is_written() {
    if !std::path::Path::new(FULL).exists() {
        return;
    }
    let project = Project::example();
    let _ = project.run("sandbox reset --dir account").ends(0);
    let before = project.read("account/sandbox.json");
    for command in [
        PLAN,
        "apply --yes --sandbox=account -f mtls.yaml.example",
        "sandbox show --dir account",
    ] {
        let ran = project
            .shell(&format!("$MTLSCTL {command} > {FULL}"))
            .ends(1);
        ran.says("error: the standard output cannot be written to");
    }
    assert_eq!(project.read("account/sandbox.json"), before);
}
