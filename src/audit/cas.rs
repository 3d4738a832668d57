//! Findings about CAs and the slots they take.

use crate::audit::Finding;
use crate::audit::Standard;
use crate::audit::Subject;

/// What is wrong with the account's CAs.
pub(super) fn findings(_subject: &Subject, _standard: &Standard) -> Vec<Finding> {
    Vec::new()
}
