//! What newcomers, shells and packagers are given: a starter file, completions, manual pages, examples.

use clap::Command;
use mtlsctl::cli;

use crate::support::golden::golden;
use crate::support::project::Project;

const CA: &str = "ca/clients.pem";

#[test]
fn a_starter_file_says_what_to_fill_in_and_is_never_written_over() {
    let project = Project::example();
    let ran = project.run("init").ends(0);
    golden("cli/golden/init.txt", &ran.transcript());
    let ran = project.run("validate").ends(1);
    assert_eq!(
        ran.stderr.matches("error").count(),
        1,
        "{}",
        ran.transcript()
    );
    ran.says(CA);
    let written = project.read("mtls.yaml");
    project.run("init").ends(1).says("is there already");
    assert_eq!(project.read("mtls.yaml"), written);
    // With a CA in its place everything works.
    project.write(CA, project.read("examples/ca/fleet-2026.pem"));
    let ran = project.run("validate --strict --at 2026-06-01").ends(0);
    assert_eq!(ran.stderr, "");
    let _ = project.run("plan --sandbox").ends(0);
    let _ = project.run("apply --sandbox --yes").ends(0);
    let _ = project.run("init -f nowhere/mtls.yaml").ends(1);
}

#[test]
fn completions_are_scripts_that_know_every_command() {
    let project = Project::new();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let ran = project.run(&format!("completions {shell}")).ends(0);
        for command in cli::command().get_subcommands() {
            assert!(
                ran.stdout.contains(command.get_name()),
                "{shell}: {}",
                command.get_name()
            );
        }
        assert_eq!(ran.stderr, "");
    }
    let ran = project.shell("\"$MTLSCTL\" completions bash > script && bash -n script");
    let _ = ran.ends(0);
    let _ = project.run("completions tcsh").ends(1);
}

#[test]
fn every_command_has_a_manual_page() {
    let project = Project::new();
    let ran = project.run("man").ends(0);
    assert!(ran.stdout.contains(".TH mtlsctl 1"), "{}", ran.stdout);
    let ran = project.run("man --out pages").ends(0);
    let mut count = 1;
    for command in cli::command().get_subcommands() {
        let page = project.read(&format!("pages/mtlsctl-{}.1", command.get_name()));
        assert!(page.contains(".SH NAME"), "{page}");
        count += 1;
        let below = command
            .get_subcommands()
            .map(|below| (command.get_name().to_owned(), below));
        let mut below: Vec<(String, &Command)> = below.collect();
        while let Some((above, command)) = below.pop() {
            let name = format!("{above}-{}", command.get_name());
            let page = project.read(&format!("pages/mtlsctl-{name}.1"));
            assert!(page.contains(".SH SYNOPSIS"), "{name}: {page}");
            count += 1;
            below.extend(
                command
                    .get_subcommands()
                    .map(|command| (name.clone(), command)),
            );
        }
    }
    ran.says(&format!("Wrote {count} manual pages into pages."));
}

/// The lines of a help text that can be copied, as words.
fn examples(command: &Command) -> Vec<Vec<String>> {
    let text = command.get_after_help().map(ToString::to_string);
    let text = text.unwrap_or_default();
    let lines = text
        .lines()
        .filter_map(|line| line.strip_prefix("  mtlsctl "));
    lines.map(words).collect()
}

/// Words as a shell takes them, up to what is not the program's: a comment, a pipe, a file.
fn words(line: &str) -> Vec<String> {
    let line = line.split("  ").next().unwrap_or_default();
    let mut words = vec!["mtlsctl".to_owned()];
    let mut rest = line.trim();
    while !rest.is_empty() && !rest.starts_with(['#', '|', '>', '&', ';']) {
        let (word, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').expect("a closing quote"),
            None => rest.split_once(' ').unwrap_or((rest, "")),
        };
        words.push(word.to_owned());
        rest = after.trim_start();
    }
    words
}

#[test]
fn every_command_teaches_by_examples_that_work() {
    let program = cli::command();
    let mut checked = 0;
    for command in std::iter::once(&program).chain(program.get_subcommands()) {
        let examples = examples(command);
        assert!(
            examples.len() >= 2,
            "{} has few examples",
            command.get_name()
        );
        for words in examples {
            // An account's id stands for itself.
            let id = "5a".repeat(16);
            let words = words
                .into_iter()
                .map(|word| if word == "ID" { id.clone() } else { word });
            let words: Vec<String> = words.collect();
            let parsed = cli::command().try_get_matches_from(&words);
            let problem = parsed.err().map(|error| error.to_string());
            assert_eq!(problem, None, "{words:?}");
            if command.get_name() != "mtlsctl" {
                assert_eq!(words[1], command.get_name(), "{words:?}");
            }
            checked += 1;
        }
    }
    assert!(checked > 30, "{checked}");
}
