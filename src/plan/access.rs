//! The access tests of the file, judged where a plan leads and on the file alone.

use std::fmt;

use jiff::Timestamp;

use crate::desired;
use crate::desired::Content;
use crate::desired::Desired;
use crate::desired::Expectation;
use crate::desired::Span;
use crate::edge::AccessTest;
use crate::edge::Ca;
use crate::edge::Credential;
use crate::edge::Failure;
use crate::edge::State;
use crate::edge::Verdict;
use crate::live::Live;
use crate::plan::alone;
use crate::plan::effect;
use crate::resource::ZoneName;

/// A test that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedTest {
    /// Where it stands in the file.
    pub at: Span,
    /// The zone of its host.
    pub zone: ZoneName,
    /// The test.
    pub test: AccessTest,
    /// Why it does not hold.
    pub failure: Failure,
}

/// A test, with its place in the file and the zone of its host.
#[derive(Debug, Clone)]
pub(super) struct Placed {
    pub(super) at: Span,
    pub(super) zone: ZoneName,
    pub(super) test: AccessTest,
}

/// A test of a file as the model of the edge takes it; `at` is the moment that the validity of its CA is judged by.
#[must_use]
pub fn access_test(test: &desired::AccessTest, file: &str, at: Timestamp) -> AccessTest {
    let credential = match &test.credential {
        desired::Credential::None => Credential::None,
        desired::Credential::Stranger => Credential::Stranger,
        desired::Credential::IssuedBy {
            name,
            content,
            issuers,
        } => match content {
            Content::CloudflareManaged => Credential::Managed,
            Content::Uploaded(bundle) => {
                let ca = Ca::new(name.as_str(), bundle, at).with_issuers(issuers.clone());
                Credential::IssuedBy(ca)
            }
        },
    };
    AccessTest {
        origin: format!("line {} of {file}", test.at.line),
        host: test.host.clone(),
        credential,
        path: test.path.clone(),
        given: test.given.clone(),
        expect: match test.expect {
            Expectation::Pass => Verdict::Pass,
            Expectation::Block => Verdict::Block,
            Expectation::Challenge => Verdict::Challenge,
        },
    }
}

/// The tests that do not hold where the account is exactly what the file says, and nothing else.
#[must_use]
pub fn failing_alone(desired: &Desired, at: Timestamp) -> Vec<FailedTest> {
    failing(&tests(desired, at), &alone::state(desired, at))
}

/// The tests that do not hold on the account as it is.
#[must_use]
pub fn failing_now(desired: &Desired, live: &Live, at: Timestamp) -> Vec<FailedTest> {
    failing(&tests(desired, at), &effect::state_now(desired, live, at))
}

/// The tests of the file; their hosts are declared.
pub(super) fn tests(desired: &Desired, at: Timestamp) -> Vec<Placed> {
    let tests = desired.tests.iter().filter_map(|test| {
        Some(Placed {
            at: test.at,
            zone: desired.hosts.get(&test.host)?.zone.clone(),
            test: access_test(test, &desired.file, at),
        })
    });
    tests.collect()
}

/// Those that do not hold in a state.
pub(super) fn failing(tests: &[Placed], state: &State) -> Vec<FailedTest> {
    let failing = tests.iter().filter_map(|Placed { at, zone, test }| {
        let failure = test.judge(zone, state).err()?;
        Some(FailedTest {
            at: *at,
            zone: zone.clone(),
            test: test.clone(),
            failure,
        })
    });
    failing.collect()
}

impl fmt::Display for FailedTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { test, failure, .. } = self;
        told(test, failure, f)
    }
}

/// Which test, what it expects and what it gets.
pub(super) fn told(
    test: &AccessTest,
    failure: &Failure,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let expect = test.expect.word();
    write!(
        f,
        "the access test in {} ({test}) expects {expect} and {failure}",
        test.origin
    )
}
