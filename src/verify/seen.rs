//! What became of a request, in the words of the model where it has one.

use std::collections::BTreeSet;
use std::fmt;

use crate::edge::Verdict;
use crate::handshake::Alert;
use crate::handshake::Answer;
use crate::handshake::Asked;
use crate::handshake::Failure;

/// What a client saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// An answer, and what it counts as.
    Answer(Verdict, Answer),
    /// The server itself turned the client away for its certificate, in the TLS handshake.
    TurnedAway(Alert),
    /// Nothing.
    Failure(Failure),
}

impl Seen {
    /// What an answer counts as: a status in `blocked` is a block, whoever gave it, a challenge is what says so,
    /// and everything else got through. An alert counts as one too, if it is about the certificate that was `asked` for.
    pub(super) fn of(
        answer: Result<Answer, Failure>,
        asked: &Asked,
        blocked: &BTreeSet<u16>,
    ) -> Self {
        let turns_away = |alert: Alert| match asked {
            Asked::Yes(_) => alert.is_about_asked_client(),
            Asked::No | Asked::Unknown => alert.is_about_client(),
        };
        match answer {
            Ok(answer) => {
                let verdict = if answer.is_challenge {
                    Verdict::Challenge
                } else if blocked.contains(&answer.status) {
                    Verdict::Block
                } else {
                    Verdict::Pass
                };
                Self::Answer(verdict, answer)
            }
            Err(Failure::Alert { alert, .. }) if turns_away(alert) => Self::TurnedAway(alert),
            Err(failure) => Self::Failure(failure),
        }
    }

    /// The verdict that it comes to.
    #[must_use]
    pub fn verdict(&self) -> Option<Verdict> {
        match self {
            Self::Answer(verdict, _) => Some(*verdict),
            Self::TurnedAway(_) => Some(Verdict::Block),
            Self::Failure(_) => None,
        }
    }

    /// The answer, if one came.
    #[must_use]
    pub fn answer(&self) -> Option<&Answer> {
        match self {
            Self::Answer(_, answer) => Some(answer),
            Self::TurnedAway(_) | Self::Failure(_) => None,
        }
    }
}

impl fmt::Display for Seen {
    /// In few words, such as `block (403)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer(verdict, answer) => write!(f, "{} ({})", verdict.word(), answer.status),
            Self::TurnedAway(_) => f.write_str("block (TLS)"),
            Self::Failure(_) => f.write_str("no answer"),
        }
    }
}
