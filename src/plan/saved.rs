//! A plan as a file: what was reviewed, so that just that is applied.
//!
//! A saved plan is not executed. Whoever applies it plans afresh, and goes on only if what the plan rests on is
//! there and the steps are the same ones: a plan file can hold nothing up its sleeve. Its digest says which plan
//! it is. No date, no machine and no id is in it, so the same file and the same account give the same bytes
//! wherever they are planned.

mod consent;
mod step;

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

use crate::desired::Desired;
use crate::live::Live;
use crate::plan::Allowed;
use crate::plan::Basis;
use crate::plan::Consent;
use crate::plan::Plan;
use crate::plan::safety::Evidence;
use crate::resource::AccountId;
use crate::resource::Digest;

use consent::ConsentThen;
use step::WaveThen;

/// Counts up when a field changes its meaning or goes.
pub const FORMAT_VERSION: u32 = 1;

/// Who makes and reads plan files.
const PROGRAM: &str = concat!("mtlsctl ", env!("CARGO_PKG_VERSION"));

/// What a plan file is made from.
#[derive(Debug, Clone, Copy)]
pub struct Planned<'a> {
    /// The plan from `live` to `desired`.
    pub plan: &'a Plan,
    /// What the file asks for.
    pub desired: &'a Desired,
    /// What the account held.
    pub live: &'a Live,
    /// The digest of the file's meaning.
    pub file: &'a Digest,
    /// What the plan was allowed to do.
    pub consent: &'a Consent,
    /// The CAs that need not wait.
    pub allowed: &'a Allowed,
}

/// A plan that was written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    document: Document,
    consent: Consent,
    allowed: Allowed,
}

/// The file; its fields in the order in which somebody reads them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format_version: u32,
    /// Another version may come to other steps.
    made_by: String,
    account: String,
    file: FileThen,
    /// Which plan this is.
    digest: Digest,
    /// The plan as people read it, line by line. Nothing is decided by it.
    reads: Vec<String>,
    evidence: EvidenceThen,
    consent: ConsentThen,
    waves: Vec<WaveThen>,
    basis: Basis,
    /// Over everything above.
    checksum: String,
}

/// The file that was planned for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileThen {
    name: String,
    digest: Digest,
}

/// What was looked at to know that every step is safe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EvidenceThen {
    hosts: usize,
    clients: usize,
    states: usize,
}

/// What makes a plan the very plan.
#[derive(Serialize)]
struct Identity<'a> {
    format_version: u32,
    account: &'a str,
    file: &'a Digest,
    basis: Basis,
    steps: Digest,
    consent: &'a ConsentThen,
}

/// Why bytes are no plan that can be applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// Something else than a saved plan.
    #[error("it is no saved plan: {reason}")]
    NoPlan {
        /// What is there instead.
        reason: String,
    },
    /// Written by another version.
    #[error("its format is version {found}, and this mtlsctl reads version {FORMAT_VERSION}")]
    OtherVersion {
        /// Which.
        found: String,
    },
    /// Not the bytes that were written.
    #[error("it is damaged, or somebody edited it: what it says does not fit its checksum")]
    Damaged,
}

impl Saved {
    /// Writes a plan down. `reads` is the plan as people read it.
    #[must_use]
    pub fn of(planned: &Planned<'_>, reads: Vec<String>) -> Self {
        let Planned {
            plan,
            desired,
            live,
            file,
            consent,
            allowed,
        } = *planned;
        let Evidence {
            hosts,
            clients,
            states,
        } = plan.safety.evidence;
        let document = Document {
            format_version: FORMAT_VERSION,
            made_by: PROGRAM.to_owned(),
            account: live.account.to_string(),
            file: FileThen {
                name: desired.file.clone(),
                digest: file.clone(),
            },
            digest: file.clone(),
            reads,
            evidence: EvidenceThen {
                hosts,
                clients,
                states,
            },
            consent: ConsentThen::of(consent, allowed),
            waves: step::waves(plan, desired, live),
            basis: Basis::of(plan, desired, live),
            checksum: String::new(),
        };
        let mut document = Document {
            digest: document.identity(),
            ..document
        };
        document.checksum = document.sum().to_string();
        Self {
            document,
            consent: consent.clone(),
            allowed: allowed.clone(),
        }
    }

    /// Reads what [`Saved::text`] wrote.
    ///
    /// # Errors
    /// [`Unusable`]: anything but those very bytes.
    pub fn read(bytes: &[u8]) -> Result<Self, Unusable> {
        let no_plan = |reason: &str| Unusable::NoPlan {
            reason: reason.to_owned(),
        };
        let value: Value = serde_json::from_slice(bytes).map_err(|error| {
            no_plan(if error.is_eof() && !bytes.is_empty() {
                "it breaks off"
            } else {
                "it is no JSON"
            })
        })?;
        match value.get("format_version") {
            Some(version) if version.as_u64() == Some(u64::from(FORMAT_VERSION)) => {}
            Some(version) => {
                return Err(Unusable::OtherVersion {
                    found: version.to_string(),
                });
            }
            None => return Err(no_plan("it has no `format_version`")),
        }
        if value.get("checksum").is_none() {
            return Err(no_plan("it has no `checksum`"));
        }
        let document: Document = serde_json::from_slice(bytes).map_err(|_| Unusable::Damaged)?;
        let is_whole = document.text().as_bytes() == bytes
            && document.sum().as_str() == document.checksum
            && document.identity() == document.digest;
        let (consent, allowed) = document.consent.read().ok_or(Unusable::Damaged)?;
        is_whole
            .then_some(Self {
                document,
                consent,
                allowed,
            })
            .ok_or(Unusable::Damaged)
    }

    /// The file: JSON, with a newline at its end.
    #[must_use]
    pub fn text(&self) -> String {
        self.document.text()
    }

    /// Which plan it is.
    #[must_use]
    pub fn digest(&self) -> &Digest {
        &self.document.digest
    }

    /// The account that it was made for, as it was written down.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.document.account
    }

    /// Whether it was made for this account.
    #[must_use]
    pub fn is_for(&self, account: &AccountId) -> bool {
        self.document.account == account.as_str()
    }

    /// The meaning of the file that it was made for.
    #[must_use]
    pub fn file(&self) -> &Digest {
        &self.document.file.digest
    }

    /// What it rests on.
    #[must_use]
    pub fn basis(&self) -> &Basis {
        &self.document.basis
    }

    /// What it was allowed to do.
    #[must_use]
    pub fn consent(&self) -> &Consent {
        &self.consent
    }

    /// The CAs that need not wait.
    #[must_use]
    pub fn allowed(&self) -> &Allowed {
        &self.allowed
    }

    /// Which version of the program made it, if it was another one than this.
    #[must_use]
    pub fn other_program(&self) -> Option<&str> {
        (self.document.made_by != PROGRAM).then_some(&self.document.made_by)
    }

    /// In what the steps of `now` are others, one phrase each; none if they are the very same ones.
    #[must_use]
    pub fn steps_moved(&self, now: &Self) -> Vec<String> {
        step::moved(&self.document.waves, &now.document.waves)
    }
}

impl Document {
    fn text(&self) -> String {
        json(self)
    }

    /// Over all bytes of the file but those of the checksum itself.
    fn sum(&self) -> Digest {
        let without = Self {
            checksum: String::new(),
            ..self.clone()
        };
        Digest::of(without.text())
    }

    fn identity(&self) -> Digest {
        let Self {
            format_version,
            made_by: _,
            account,
            file: FileThen { name: _, digest },
            digest: _, // this is it
            reads: _,
            evidence: _,
            consent,
            waves,
            basis,
            checksum: _,
        } = self;
        let identity = Identity {
            format_version: *format_version,
            account,
            file: digest,
            basis: basis.bare(),
            steps: step::digest(waves),
            consent,
        };
        Digest::of(json(&identity))
    }
}

fn json(value: &impl Serialize) -> String {
    // Texts, numbers, lists of them and maps by text: there is nothing that could not be written.
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}
