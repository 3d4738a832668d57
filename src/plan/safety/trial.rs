//! The access tests about some hosts, on the way of a plan.

use std::collections::BTreeMap;

use crate::desired::Span;
use crate::edge::AccessTest;
use crate::edge::Client;
use crate::edge::Reading;
use crate::edge::State;
use crate::edge::Why;
use crate::plan::access::FailedTest;
use crate::plan::access::Placed;
use crate::plan::safety::ground::Ground;
use crate::plan::safety::kin::Kin;
use crate::plan::safety::moment::Moment;
use crate::plan::safety::moment::Seen;
use crate::plan::safety::violation::Wrong;
use crate::resource::ZoneName;

/// What stands against each test in a state; `None` where it holds.
pub(super) type Judged = Vec<Option<Why>>;

/// A test with the clients that it means; every state is asked about once.
pub(in crate::plan) struct Trial {
    at: Span,
    test: AccessTest,
    clients: Vec<Client>,
    known: BTreeMap<(Reading, Seen), Option<Why>>,
}

impl Trial {
    /// Those of some tests that are about these hosts.
    pub(in crate::plan) fn of(kin: &Kin<'_>, tests: &[Placed], states: &[&State]) -> Vec<Self> {
        let is_here = |one: &&Placed| one.zone == *kin.zone && kin.hosts.contains(&one.test.host);
        let trials = tests.iter().filter(is_here).map(|one| Self {
            at: one.at,
            clients: one.test.clients(states),
            test: one.test.clone(),
            known: BTreeMap::new(),
        });
        trials.collect()
    }

    /// What stands against it in a state.
    pub(super) fn judge(
        &mut self,
        moment: &Moment,
        (kin, ground): (&Kin<'_>, &Ground<'_>),
        reading: Reading,
    ) -> Option<Why> {
        let seen = (reading, moment.seen(kin));
        if let Some(known) = self.known.get(&seen) {
            return known.clone();
        }
        let account = ground
            .cas
            .iter()
            .filter(|(one, _)| moment.cas.contains(one));
        let asks = kin.asks(&moment.authorities, account);
        let rules = moment.rules(kin);
        let judged = self
            .test
            .judge_under(kin.zone, &rules, &asks, &self.clients, reading)
            .err();
        self.known.insert(seen, judged.clone());
        judged
    }
}

/// A test that held in one of the states right before, and does not any more.
pub(super) fn broken(
    trials: &[Trial],
    here: &Judged,
    earlier: &[&Judged],
    zone: &ZoneName,
) -> Option<Wrong> {
    let held = |nth: usize| {
        let mut earlier = earlier.iter();
        earlier.any(|judged| matches!(judged.get(nth), Some(None)))
    };
    let judged = trials.iter().zip(here).enumerate();
    let mut broken =
        judged.filter_map(|(nth, (trial, why))| Some((trial, why.clone().filter(|_| held(nth))?)));
    let (trial, why) = broken.next()?;
    Some(Wrong::Broken {
        failed: Box::new(FailedTest {
            at: trial.at,
            zone: zone.clone(),
            test: trial.test.clone(),
            failure: why.into(),
        }),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::Trial;
    use super::broken;
    use crate::desired::Span;
    use crate::edge::AccessTest;
    use crate::edge::Credential;
    use crate::edge::Verdict;
    use crate::edge::Why;
    use crate::plan::safety::violation::Wrong;
    use crate::resource::Hostname;
    use crate::resource::ZoneName;

    fn trial(path: &str) -> Trial {
        let at = Span {
            start: 0,
            end: 0,
            line: 1,
            column: 1,
        };
        let test = AccessTest {
            origin: String::new(),
            host: Hostname::parse("api.example.com").unwrap(),
            credential: Credential::None,
            path: path.to_owned(),
            given: Vec::new(),
            expect: Verdict::Block,
        };
        Trial {
            at,
            test,
            clients: Vec::new(),
            known: BTreeMap::new(),
        }
    }

    #[test]
    fn a_test_is_broken_where_it_fails_right_after_a_state_in_which_it_held() {
        let zone = ZoneName::parse("example.com").unwrap();
        let trials = [trial("/a"), trial("/b")];
        let (holds, fails) = (None, Some(Why::Nobody));
        let broken = |here: [&Option<Why>; 2], earlier: &[[&Option<Why>; 2]]| {
            let judged = |states: &[&Option<Why>; 2]| states.map(Clone::clone).to_vec();
            let earlier: Vec<_> = earlier.iter().map(judged).collect();
            let earlier: Vec<_> = earlier.iter().collect();
            let wrong = broken(&trials, &judged(&here), &earlier, &zone)?;
            let Wrong::Broken { failed } = wrong else {
                panic!("{wrong:?}");
            };
            Some(failed.test.path)
        };
        // Nothing comes before the first state: a test that fails now may fail until it holds.
        assert_eq!(broken([&fails, &fails], &[]), None);
        assert_eq!(broken([&fails, &holds], &[[&fails, &fails]]), None);
        assert_eq!(broken([&holds, &holds], &[[&fails, &holds]]), None);
        let path = broken([&fails, &fails], &[[&fails, &fails], [&fails, &holds]]);
        assert_eq!(path.as_deref(), Some("/b"));
        let path = broken([&fails, &holds], &[[&holds, &holds]]);
        assert_eq!(path.as_deref(), Some("/a"));
    }
}
