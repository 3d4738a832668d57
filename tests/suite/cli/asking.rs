//! A question before writing, where there is somebody to answer it.

use crate::support::project::Project;

const APPLY: &str = "apply --sandbox=account -f mtls.yaml.example";

/// A project whose offline account exists, and that account as it is on disk.
fn with_account() -> (Project, String) {
    let project = Project::example();
    let _ = project.run("sandbox reset --dir account").ends(0);
    let state = state(&project);
    (project, state)
}

fn state(project: &Project) -> String {
    project.read("account/sandbox.json")
}

#[test]
fn without_a_terminal_nothing_is_written() {
    let (project, before) = with_account();
    let ran = project.run(APPLY).ends(1);
    ran.says("error: there is no terminal to ask at; nothing was changed");
    ran.says("help: add --yes to apply without a question");
    assert!(
        ran.stdout.contains("Wave 1: upload"),
        "the plan is shown: {}",
        ran.stdout
    );
    assert_eq!(state(&project), before);
}

#[test]
fn an_answer_from_a_pipe_is_no_answer() {
    let (project, before) = with_account();
    let ran = project
        .shell(&format!("echo yes | $MTLSCTL {APPLY}"))
        .ends(1);
    ran.says("there is no terminal to ask at");
    assert_eq!(state(&project), before);
}

#[test]
fn a_closed_input_is_no_answer() {
    let (project, before) = with_account();
    let _ = project.shell(&format!("$MTLSCTL {APPLY} <&-")).ends(1);
    assert_eq!(state(&project), before);
}

/// Answers at a terminal that `script` makes; `None` where this machine has no such program.
fn answer(project: &Project, words: &str) -> Option<String> {
    answer_after(project, "true", words)
}

/// Runs `meanwhile` before it answers.
fn answer_after(project: &Project, meanwhile: &str, words: &str) -> Option<String> {
    let script = format!(
        "command -v script >/dev/null || exit 77; \
         (sleep 1; {meanwhile}; printf '{words}\\n'; sleep 1) | script -qec \"$MTLSCTL {APPLY}\" /dev/null"
    );
    let ran = project.shell(&script);
    let all = format!("{}exit {:?}\n", ran.stdout, ran.code);
    (ran.code != Some(77)).then_some(all)
}

#[test]
fn at_a_terminal_only_yes_will_do() {
    let (project, before) = with_account();
    for words in ["no", "y", ""] {
        let Some(said) = answer(&project, words) else {
            return;
        };
        assert!(
            said.contains("Apply these 11 steps to account 5a4db0a5"),
            "{said}"
        );
        assert!(
            said.contains("the answer was not `yes`; nothing was changed"),
            "{said}"
        );
        assert!(said.ends_with("exit Some(1)\n"), "{said}");
        assert_eq!(state(&project), before);
    }
    let Some(said) = answer(&project, "yes") else {
        return;
    };
    assert!(
        said.contains("Applied: 11 steps, each read back."),
        "{said}"
    );
    assert!(said.ends_with("exit Some(0)\n"), "{said}");
    assert_ne!(state(&project), before);
}

#[test]
fn what_moved_while_the_question_stood_ends_it_with_4() {
    let (project, before) = with_account();
    let meanwhile = format!("$MTLSCTL {APPLY} --yes >/dev/null");
    let Some(said) = answer_after(&project, &meanwhile, "yes") else {
        return;
    };
    assert!(
        said.contains("the account changed while you were reading; nothing was changed"),
        "{said}"
    );
    assert!(said.ends_with("exit Some(4)\n"), "{said}");
    assert_ne!(state(&project), before);
}
