//! Plans and runs with every kind of part, as Markdown, as JSON and for GitHub Actions.

use mtlsctl::execute::Failure;
use mtlsctl::execute::Meanwhile;
use mtlsctl::execute::Outcome;
use mtlsctl::execute::StepOutcome;
use mtlsctl::execute::Stopped;
use mtlsctl::plan::Address;
use mtlsctl::report::github;
use mtlsctl::report::json;
use mtlsctl::report::markdown;
use mtlsctl::report::shown::Failed;
use mtlsctl::report::shown::Ran;
use mtlsctl::resource::ZoneName;

use crate::plan::worlds::ONE;
use crate::plan::worlds::TWO;
use crate::report::shown::Judged;
use crate::support::foreign::block;
use crate::support::golden::golden;
use crate::support::markdown::is_harmless;
use crate::support::scenario::Scenario;

/// A rotation, with a host that comes and one that moves, beside rules and CAs of others.
fn changed() -> Scenario {
    Scenario::agreed(TWO)
        .with_ca("legacy", "fleet-2027.pem")
        .with_rule(
            "example.com",
            0,
            "Office network",
            block("ip.src eq 192.0.2.1"),
        )
        .edit("cas: [fleet-2025, fleet-2026]", "cas: [fleet-2026]")
        .edit(
            "hosts: [edi.example.com, ",
            "hosts: [edi.example.com, b2b.example.com, ",
        )
}

#[track_caller]
fn reads(name: &str, judged: &Judged) {
    let planned = judged.planned();
    let text = markdown::plan(&planned);
    is_harmless(&text);
    golden(&format!("report/{name}.md"), &text);
    golden(&format!("report/{name}.json"), &json::plan(&planned));
    golden(
        &format!("report/{name}.github.txt"),
        &github::plan(&planned),
    );
}

#[test]
fn a_plan_with_changes() {
    let judged = Judged::of(&changed());
    assert_eq!(judged.refusals, []);
    reads("changed", &judged);
}

#[test]
fn a_plan_with_nothing_to_do() {
    reads("nothing", &Judged::of(&Scenario::agreed(ONE)));
}

#[test]
fn a_plan_that_is_refused() {
    let world =
        Scenario::agreed(ONE).edit("[api.example.com, pay.example.com]", "[api.example.com]");
    let judged = Judged::of(&world);
    assert!(!judged.refusals.is_empty());
    reads("refused", &judged);
}

/// The outcome of a run of a plan in which the third step failed.
fn stopped(judged: &Judged) -> Outcome {
    let missing = Address::Ca {
        label: "fleet-2026".to_owned(),
    };
    let mut failure = Some(Failure::Gone { missing });
    let steps = judged.plan.steps().enumerate().map(|(nth, _)| match nth {
        0 | 1 => StepOutcome::Applied,
        2 => StepOutcome::Failed(failure.take().expect("one failure")),
        _ => StepOutcome::NotTried,
    });
    Outcome {
        steps: steps.collect(),
        stopped: Some(Stopped::Failed),
        wrote: true,
        meanwhile: vec![Meanwhile {
            zone: ZoneName::parse("example.com").expect("a zone"),
            what: vec!["`@all` is new".to_owned()],
        }],
    }
}

#[test]
fn a_run_that_stopped_part_way() {
    let judged = Judged::of(&changed());
    let outcome = stopped(&judged);
    let hints = ["run `mtlsctl plan` to see what is left to do".to_owned()];
    let failed = Failed {
        command: "apply",
        text: "the plan was not carried out to its end",
        hints: &hints,
        faulty: None,
        refusals: &[],
        exit_code: 5,
    };
    let ran = Ran {
        planned: judged.planned(),
        outcome: Some(&outcome),
        verified: None,
        failed: Some(&failed),
        exit_code: 5,
    };
    let text = markdown::outcome(&ran);
    is_harmless(&text);
    golden("report/stopped.md", &text);
    golden("report/stopped.github.txt", &github::outcome(&ran));
    // Its plan is the plan's own document.
    let document: serde_json::Value = serde_json::from_str(&json::outcome(&ran)).expect("JSON");
    let plan: serde_json::Value =
        serde_json::from_str(&json::plan(&judged.planned())).expect("JSON");
    assert_eq!(document["plan"], plan);
    let run = serde_json::to_string_pretty(&document["outcome"]).expect("JSON") + "\n";
    golden("report/stopped.outcome.json", &run);
}
