//! Whether an expression holds always, never, or for some requests.

use super::choice::Guard;
use super::diagram::Bound;
use super::guards::Guards;
use crate::expression::request::Request;
use crate::expression::tree::Expression;

/// For which requests an expression holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// For all.
    Always,
    /// For none.
    Never,
    /// It depends on what is not known.
    ///
    /// The tests that a guard supposes to be true or false ([`Choice::Holds`](super::Choice)) are
    /// taken for independent of each other and of everything else, and so is what a call such as
    /// `url_decode(http.request.uri.path)` gives, of the field inside it. Where that is too much
    /// freedom, one of the two may be an example that no request is like; *always* and *never* are
    /// certain all the same.
    Sometimes {
        /// Where it holds.
        holds: Guard,
        /// Where it does not.
        fails: Guard,
    },
    /// The question is too large.
    Unknown(Bound),
}

/// Whether `expression` holds, given what is known of the request, whatever the rest may be.
///
/// The time is bounded, and beyond the bound the answer is [`Answer::Unknown`]. For several
/// expressions on the same guards use [`Guards`].
#[must_use]
pub fn decide(expression: &Expression, request: &Request) -> Answer {
    let mut guards = Guards::over([expression], request);
    let mut answer = || {
        let holding = guards.holding(expression, request)?;
        let failing = guards.except(holding)?;
        let holds = guards.witness(holding)?;
        let fails = guards.witness(failing)?;
        Ok(match (holds, fails) {
            (None, _) => Answer::Never,
            (_, None) => Answer::Always,
            (Some(holds), Some(fails)) => Answer::Sometimes { holds, fails },
        })
    };
    answer().unwrap_or_else(Answer::Unknown)
}
