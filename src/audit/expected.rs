//! Access tests that the account does not hold to.

use crate::audit::Finding;
use crate::audit::Kind;
use crate::audit::Severity;
use crate::audit::Subject;
use crate::edge::AccessTest;
use crate::edge::Failure;
use crate::edge::State;
use crate::edge::Verdict;
use crate::edge::Why;
use crate::live::LiveZone;
use crate::resource::ZoneStatus;
use crate::resource::zone::zone_of;

/// The tests that do not hold. One about a zone of which something was not read is not judged: the audit says
/// that it did not look there.
pub(super) fn findings(subject: &Subject, state: &State, tests: &[AccessTest]) -> Vec<Finding> {
    let failing = tests.iter().filter_map(|test| of(subject, state, test));
    failing.collect()
}

fn of(subject: &Subject, state: &State, test: &AccessTest) -> Option<Finding> {
    let zones = &subject.live.zones;
    let is_active = |zone: &LiveZone| zone.zone.status == ZoneStatus::Active;
    let active = zones.iter().filter(|(_, zone)| is_active(zone));
    let Some(name) = zone_of(&test.host, active.map(|(name, _)| name)) else {
        let words = "cannot be judged: the account has no active zone for the host, or the token does not show it";
        return Some(finding(test, Severity::Medium, words));
    };
    let zone = zones.get(name)?;
    if !zone.zone.is_serving() && zone.rules.is_some() {
        let words = format!("cannot be judged: {name} is paused, so that no rule applies there");
        return Some(finding(test, Severity::Medium, &words));
    }
    state.zones.get(name)?;
    let failure = test.judge(name, state).err()?;
    Some(finding(test, severity(&failure), &failure.to_string()))
}

/// A test that surely does not hold is as bad as what it is there to prevent.
fn severity(failure: &Failure) -> Severity {
    match &failure.why {
        Why::Verdict(found) if found.unreadable.is_none() && failure.reading.is_none() => {
            Severity::High
        }
        _ => Severity::Medium,
    }
}

fn finding(test: &AccessTest, severity: Severity, failure: &str) -> Finding {
    let expect = test.expect.word();
    let sentence = format!(
        "The access test in {} ({test}) expects {expect} and {failure}.",
        test.origin
    );
    let first = match test.expect {
        Verdict::Pass => "let the file admit it",
        Verdict::Challenge => "let a rule of the file challenge it",
        Verdict::Block => "let a rule of the file block it",
    };
    Finding::new(severity, Kind::FailingTest, test.host.as_str(), sentence).remedy(format!(
        "{first}, or change the rule that decides; `{}` shows it rule by rule.",
        test.question(false)
    ))
}
