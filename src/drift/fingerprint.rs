//! The fingerprint of a drift: by it a scheduler that looks every hour reports one drift once.
//!
//! Only what differs and how bad that is goes into it: no id, no version of anything, and no day.

use std::fmt;

use sha2::Digest as _;
use sha2::Sha256;

use crate::drift::Difference;
use crate::drift::Object;
use crate::drift::What;
use crate::plan::FailedTest;
use crate::plan::Reason;
use crate::plan::seal::seal;
use crate::resource::RuleBody;
use crate::resource::Seal;
use crate::resource::certificate::hex;

/// The fingerprint of a drift: 16 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint(String);

/// How many bytes of the digest are shown.
const SHOWN: usize = 8;

impl Fingerprint {
    /// That of some differences and of access tests that do not hold; `None` where there are none.
    #[must_use]
    pub fn of(differences: &[Difference], tests: &[FailedTest]) -> Option<Self> {
        let differences = differences.iter().map(line);
        let tests = tests
            .iter()
            .map(|failed| format!("test {} {}", failed.test.expect.word(), failed.test));
        let mut lines: Vec<String> = differences.chain(tests).collect();
        lines.sort();
        (!lines.is_empty()).then(|| {
            // A name may hold a line break; its printed form does not.
            let lines: Vec<String> = lines.iter().map(|line| format!("{line:?}\n")).collect();
            Self(hex(&Sha256::digest(lines.concat())[..SHOWN]))
        })
    }

    /// Its digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn line(difference: &Difference) -> String {
    let Difference {
        object,
        what,
        side: _,
        may_be_stopped: _,
        grade,
        is_hidden: _,
    } = difference;
    let hosts = match object {
        Object::Ca { hosts, .. } => hosts.join(" "),
        Object::Pair { .. } | Object::Rule { .. } => String::new(),
    };
    let what = match what {
        What::Missing => "missing".to_owned(),
        What::Surplus => "surplus".to_owned(),
        What::Differs { fields, contents } => {
            let fields: Vec<String> = fields.iter().map(ToString::to_string).collect();
            format!("differs {} {}", fields.join(" "), contents.join(" "))
        }
        What::Misplaced { reason } => match reason {
            Reason::Bypassed { by } => format!("below {by}"),
            Reason::OutOfOrder { first } => format!("above {first}"),
            _ => "misplaced".to_owned(),
        },
    };
    format!("{object} {hosts} {what} {grade}")
}

/// A digest of a rule: of what decides about requests, and of its description without what changes by the day.
pub(super) fn content(rule: &RuleBody) -> String {
    let described = Seal::cut(&rule.description);
    let parts = described
        .split("; ")
        .filter(|part| !part.contains(" since "));
    let mut text: Vec<String> = parts.map(str::to_owned).collect();
    text.extend(seal(rule).map(|seal| seal.to_string()));
    hex(&Sha256::digest(text.join("; "))[..4])
}
