//! Plans, runs and failures for programs: typed documents, and the JSON schemas that they keep to.
//!
//! Each document has a version, which counts up when a field changes its meaning or goes; fields may be added
//! without that. What two documents have in common is one type.

mod address;
mod check;
mod drift;
mod explanation;
mod failure;
mod outcome;
mod plan;
mod problem;
mod refusal;
mod safety;
mod step;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::Value;

use crate::drift::Drift;
use crate::report::audit;
use crate::report::check::Checked;
use crate::report::doctor;
use crate::report::explain::Explained;
use crate::report::shown::Failed;
use crate::report::shown::Planned;
use crate::report::shown::Ran;
use crate::report::status;
use crate::report::verify;

/// Counts up when a field of one of these documents changes its meaning or goes.
const FORMAT_VERSION: u32 = 1;

/// A document that has a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What `plan` prints.
    Plan,
    /// What `apply` prints.
    Outcome,
    /// What `drift` prints.
    Drift,
    /// What `audit` prints.
    Audit,
    /// What `status` prints.
    Status,
    /// What `validate` prints.
    Validate,
    /// What `explain` prints.
    Explain,
    /// What `verify` saw.
    Verify,
    /// What `doctor` prints.
    Doctor,
    /// What a command prints that failed before it had anything else to print.
    Error,
}

/// The JSON schema (draft 2020-12) of a document.
#[must_use]
pub fn schema(kind: Kind) -> Value {
    match kind {
        Kind::Plan => of::<plan::Document<'_>>(),
        Kind::Outcome => of::<outcome::Document<'_>>(),
        Kind::Drift => of::<drift::Document<'_>>(),
        Kind::Audit => of::<audit::Report<'_>>(),
        Kind::Status => of::<status::Report<'_>>(),
        Kind::Validate => of::<check::Document<'_>>(),
        Kind::Explain => of::<explanation::Document<'_>>(),
        Kind::Verify => of::<verify::Document<'_>>(),
        Kind::Doctor => of::<doctor::Document<'_>>(),
        Kind::Error => of::<failure::Document<'_>>(),
    }
}

fn of<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    settings.into_generator().into_root_schema_for::<T>().into()
}

/// A plan, with a newline at its end.
#[must_use]
pub fn plan(planned: &Planned<'_>) -> String {
    text(&plan::Document::of(planned))
}

/// A run of a plan, with a newline at its end.
#[must_use]
pub fn outcome(ran: &Ran<'_>) -> String {
    text(&outcome::Document::of(ran))
}

/// What differs from a file, with a newline at its end; `counts` says whether something of it counts.
#[must_use]
pub fn drift(drift: &Drift, counts: bool) -> String {
    text(&drift::Document::of(drift, counts))
}

/// A file that was checked, with a newline at its end.
#[must_use]
pub fn check(checked: &Checked<'_>) -> String {
    text(&check::Document::of(checked))
}

/// Which rules decide, with a newline at its end.
#[must_use]
pub fn explanation(explained: &[Explained<'_>]) -> String {
    text(&explanation::Document::of(explained))
}

/// A failure, with a newline at its end.
#[must_use]
pub fn failure(failed: &Failed<'_>) -> String {
    text(&failure::Document::of(failed))
}

fn text(document: &impl Serialize) -> String {
    // Texts, numbers and lists of them: there is nothing that could not be written.
    serde_json::to_string_pretty(document).unwrap_or_default() + "\n"
}
