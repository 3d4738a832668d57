//! Drift for programs. The shape has a version; fields may be added to it, and none is ever renamed.

use schemars::JsonSchema;
use schemars::Schema;
use schemars::schema_for;
use serde::Serialize;

use crate::drift;
use crate::drift::Difference;
use crate::drift::Drift;
use crate::drift::Fingerprint;
use crate::drift::Grade;
use crate::drift::Object;
use crate::drift::What;
use crate::edge;
use crate::edge::Reading;
use crate::plan::FailedTest;
use crate::plan::Held;
use crate::plan::safety;
use crate::plan::safety::Certainty;
use crate::report::drift::words as told;
use crate::resource::Hostname;
use crate::resource::ZoneName;

/// Counts up when a field changes its meaning or goes.
const FORMAT_VERSION: u32 = 1;

/// Everything, always in the same order, with a newline at its end; `counts` says whether something of it counts.
#[must_use]
pub fn json(drift: &Drift, counts: bool) -> String {
    // Texts, numbers and lists of them: there is nothing that could not be written.
    let text = serde_json::to_string_pretty(&Report::of(drift, counts));
    text.unwrap_or_default() + "\n"
}

/// The schema of what [`json()`] writes.
#[must_use]
pub fn schema() -> Schema {
    schema_for!(Report)
}

/// What differs between a file and an account.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "Drift")]
struct Report {
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
    /// Whose requests have another verdict than they should.
    shifts: Vec<Shift>,
    /// Hosts for which that could not be found out.
    unknown: Vec<Unknown>,
    /// Access tests of the file that do not hold on the account.
    failing_tests: Vec<Failing>,
    /// What waits for a day or for somebody to act, which is no drift.
    held: Vec<Waiting>,
    /// What would stand against applying the file.
    refusals: Vec<String>,
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
#[serde(rename_all = "kebab-case")]
enum Word {
    Exposed,
    LockedOut,
    Both,
    Neutral,
}

/// `possibly`: under one reading of `cert_verified` only, or where it could not be found out.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
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
#[serde(rename_all = "kebab-case")]
enum Kind {
    Ca,
    Pair,
    Rule,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
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
#[serde(rename_all = "kebab-case")]
enum Side {
    FileChanged,
    ChangedOutside,
    AddedOutside,
    NotTold,
}

/// Requests of one kind of client that have another verdict than they should.
#[derive(Serialize, JsonSchema)]
struct Shift {
    zone: String,
    hosts: Vec<String>,
    /// Whether it is about every host of the zone that has no name here.
    any_other_host: bool,
    /// Whose requests, in words that follow *clients*.
    client: String,
    /// What becomes of them.
    live: &'static str,
    /// What should become of them.
    desired: &'static str,
    /// An example where it is so for some requests only.
    example: Option<String>,
    /// The only reading of `cert_verified` under which it is so; `null` if it is so under both.
    only_under: Option<Under>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Under {
    PerHost,
    AccountWide,
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

impl Report {
    fn of(drift: &Drift, counts: bool) -> Self {
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
            refusals: refusals.iter().map(ToString::to_string).collect(),
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

impl Shift {
    fn of(shift: &safety::Shift) -> Self {
        let safety::Shift {
            zone,
            hosts,
            client,
            before,
            after,
            only,
            certainty,
        } = shift;
        Self {
            zone: zone.to_string(),
            hosts: hosts.iter().map(Hostname::to_string).collect(),
            any_other_host: hosts.is_empty(),
            client: edge::Client::to_string(client),
            live: before.word(),
            desired: after.word(),
            example: only.as_ref().map(ToString::to_string),
            only_under: match certainty {
                Certainty::Certain => None,
                Certainty::Possible(Reading::PerHost) => Some(Under::PerHost),
                Certainty::Possible(Reading::AccountWide) => Some(Under::AccountWide),
            },
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
