//! Drift as a document.

use schemars::JsonSchema;
use serde::Serialize;

use crate::drift;
use crate::drift::Difference;
use crate::drift::Drift;
use crate::drift::Fingerprint;
use crate::drift::Grade;
use crate::drift::Object;
use crate::drift::What;
use crate::plan::FailedTest;
use crate::plan::Held;
use crate::plan::safety;
use crate::report::drift::words as told;
use crate::report::json::FORMAT_VERSION;
use crate::report::json::refusal::Refusal;
use crate::report::json::safety::Shift;
use crate::resource::Hostname;
use crate::resource::ZoneName;

/// What differs between a file and an account.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Drift")]
pub(super) struct Document<'a> {
    /// Rises when a field changes its meaning or goes.
    format_version: u32,
    /// The id of the account.
    account: String,
    /// The moment that dates are judged by.
    at: String,
    /// How bad all of it is together.
    grade: Graded,
    /// Whether something of it counts, by `--fail-on`: the exit code is 2 then.
    counts: bool,
    /// The same for the same drift, whenever it is looked at; `null` where there is none.
    fingerprint: Option<String>,
    /// What differs, in the order of the objects.
    differences: Vec<Differs>,
    /// Whose requests have another verdict than they should: `before` is as it is, `after` as the file wants it.
    shifts: Vec<Shift<'a>>,
    /// Hosts for which that could not be found out.
    unknown: Vec<Unknown>,
    /// Access tests of the file that do not hold on the account.
    failing_tests: Vec<Failing>,
    /// What waits for a day or for somebody to act, which is no drift.
    held: Vec<Waiting>,
    /// What would stand against applying the file.
    refusals: Vec<Refusal>,
}

/// How bad something is, by verdicts.
#[derive(Serialize, JsonSchema)]
struct Graded {
    /// One word for both.
    word: Word,
    /// Whether somebody gets in who should not.
    exposed: Extent,
    /// Whether somebody is stopped who should get in.
    locked_out: Extent,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Word {
    Exposed,
    LockedOut,
    Both,
    Neutral,
}

/// `possibly`: under one reading of `cert_verified` only, or where it could not be found out.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Extent {
    Nobody,
    Possibly,
    Certainly,
}

/// An object that is not what the file says.
#[derive(Serialize, JsonSchema)]
struct Differs {
    kind: Kind,
    /// `null` for what belongs to the account.
    zone: Option<String>,
    /// The CA's label, of a CA or a pair.
    ca: Option<String>,
    /// The rule's `ref`.
    rule: Option<String>,
    /// The host of a pair, or those that come and go with a CA.
    hosts: Vec<String>,
    what: Compared,
    /// The fields in which a rule differs.
    fields: Vec<String>,
    /// What is different, as a sentence.
    told: String,
    side: Side,
    /// Whether a run that was stopped would leave the same.
    may_be_stopped_run: bool,
    /// What it does to verdicts.
    grade: Graded,
    /// Whether it shows only once another difference is put right.
    hidden: bool,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Ca,
    Pair,
    Rule,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Compared {
    /// The file has it, the account does not.
    Missing,
    /// The account has it, the file does not.
    Surplus,
    /// Both have it, with other content.
    Differs,
    /// It stands in the wrong place.
    Misplaced,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Side {
    FileChanged,
    ChangedOutside,
    AddedOutside,
    NotTold,
}

#[derive(Serialize, JsonSchema)]
struct Unknown {
    zone: String,
    hosts: Vec<String>,
    any_other_host: bool,
    /// The bound that the question went beyond.
    because: String,
}

/// An access test that does not hold.
#[derive(Serialize, JsonSchema)]
struct Failing {
    /// Its line in the file.
    line: usize,
    zone: String,
    host: String,
    expect: &'static str,
    /// Which test, what it expects and what it gets.
    told: String,
    /// The command that shows why.
    question: String,
}

#[derive(Serialize, JsonSchema)]
struct Waiting {
    what: String,
    because: String,
}

impl<'a> Document<'a> {
    pub(super) fn of(drift: &'a Drift, counts: bool) -> Self {
        let Drift {
            account,
            at,
            grade,
            differences,
            shifts,
            unknown,
            tests,
            held,
            refusals,
            fingerprint,
        } = drift;
        Self {
            format_version: FORMAT_VERSION,
            account: account.to_string(),
            at: at.to_string(),
            grade: Graded::of(*grade),
            counts,
            fingerprint: fingerprint.as_ref().map(Fingerprint::to_string),
            differences: differences.iter().map(Differs::of).collect(),
            shifts: shifts.iter().map(Shift::of).collect(),
            unknown: unknown.iter().map(Unknown::of).collect(),
            failing_tests: tests.iter().map(Failing::of).collect(),
            held: held.iter().map(Waiting::of).collect(),
            refusals: refusals.iter().map(Refusal::of).collect(),
        }
    }
}

impl Graded {
    fn of(grade: Grade) -> Self {
        let Grade {
            exposed,
            locked_out,
        } = grade;
        let nobody = drift::Extent::Nobody;
        Self {
            word: match (exposed == nobody, locked_out == nobody) {
                (true, true) => Word::Neutral,
                (false, true) => Word::Exposed,
                (true, false) => Word::LockedOut,
                (false, false) => Word::Both,
            },
            exposed: Extent::of(exposed),
            locked_out: Extent::of(locked_out),
        }
    }
}

impl Extent {
    fn of(extent: drift::Extent) -> Self {
        match extent {
            drift::Extent::Nobody => Self::Nobody,
            drift::Extent::Possibly => Self::Possibly,
            drift::Extent::Certainly => Self::Certainly,
        }
    }
}

impl Differs {
    fn of(difference: &Difference) -> Self {
        let Difference {
            object,
            what,
            side,
            may_be_stopped,
            grade,
            is_hidden,
        } = difference;
        let (kind, ca, rule, hosts) = match object {
            Object::Ca { label, hosts } => (Kind::Ca, Some(label), None, hosts.clone()),
            Object::Pair { ca, host, .. } => (Kind::Pair, Some(ca), None, vec![host.clone()]),
            Object::Rule { label, .. } => (Kind::Rule, None, Some(label), Vec::new()),
        };
        let (compared, fields) = match what {
            What::Missing => (Compared::Missing, &[][..]),
            What::Surplus => (Compared::Surplus, &[][..]),
            What::Differs { fields, .. } => (Compared::Differs, fields.as_slice()),
            What::Misplaced { .. } => (Compared::Misplaced, &[][..]),
        };
        Self {
            kind,
            zone: object.zone().map(ZoneName::to_string),
            ca: ca.cloned(),
            rule: rule.cloned(),
            hosts,
            what: compared,
            fields: fields.iter().map(ToString::to_string).collect(),
            told: told::what(difference),
            side: match side {
                drift::Side::FileChanged => Side::FileChanged,
                drift::Side::ChangedOutside => Side::ChangedOutside,
                drift::Side::AddedOutside => Side::AddedOutside,
                drift::Side::NotTold => Side::NotTold,
            },
            may_be_stopped_run: *may_be_stopped,
            grade: Graded::of(*grade),
            hidden: *is_hidden,
        }
    }
}

impl Unknown {
    fn of(unknown: &safety::Unknown) -> Self {
        let safety::Unknown { zone, hosts, bound } = unknown;
        Self {
            zone: zone.to_string(),
            hosts: hosts.iter().map(Hostname::to_string).collect(),
            any_other_host: hosts.is_empty(),
            because: bound.to_string(),
        }
    }
}

impl Failing {
    fn of(failed: &FailedTest) -> Self {
        let FailedTest {
            at,
            zone,
            test,
            failure: _,
        } = failed;
        Self {
            line: at.line,
            zone: zone.to_string(),
            host: test.host.to_string(),
            expect: test.expect.word(),
            told: failed.to_string(),
            question: test.question(false),
        }
    }
}

impl Waiting {
    fn of(held: &Held) -> Self {
        let Held { address, because } = held;
        Self {
            what: address.to_string(),
            because: because.to_string(),
        }
    }
}
