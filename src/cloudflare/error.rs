//! What can go wrong between us and the API, as facts that answer questions.
//!
//! Knows nothing of exit codes, and does not decide what to do: [`crate::cloudflare::Retry`] and the
//! writer ask it.

use std::time::Duration;

use http::StatusCode;

use crate::cloudflare::TransportError;
use crate::cloudflare::answer::Answer;
use crate::cloudflare::answer::Damage;
use crate::cloudflare::answer::Fault;
use crate::cloudflare::answer::is_permission;
use crate::cloudflare::words::Faults;
use crate::cloudflare::words::Lockout;
use crate::cloudflare::words::Needs;
use crate::cloudflare::words::Shown;
use crate::resource::ZoneId;
use crate::resource::ZoneName;

/// Why a call did not give what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no answer.
    #[error("{call}: {cause}")]
    NoAnswer {
        /// What was asked.
        call: String,
        /// Why there is none.
        cause: TransportError,
    },
    /// The API answered, and it said no.
    #[error("{answer}: {}{}{}", Faults(faults), Lockout(answer), Needs(answer, *needs))]
    Refused {
        /// To which call, and how.
        answer: Box<Answer>,
        /// What the API found wrong.
        faults: Vec<Fault>,
        /// The permission group that the call needs.
        needs: Option<&'static str>,
    },
    /// The answer points elsewhere. It is not followed: the token is for one host only.
    #[error(
        "{answer}: a redirect to {}, which is not followed; check the base URL",
        to.as_deref().unwrap_or("nowhere")
    )]
    Redirected {
        /// To which call, and how.
        answer: Box<Answer>,
        /// The host it points to.
        to: Option<String>,
    },
    /// The body is not what the API sends.
    #[error("{answer}: {damage}{}", Shown(excerpt))]
    Unreadable {
        /// To which call, and how.
        answer: Box<Answer>,
        /// What it is instead.
        damage: Damage,
        /// The beginning of the body.
        excerpt: String,
    },
    /// The answer has a value that we cannot use.
    #[error("{answer}: `{field}` cannot be used: {reason}{}", Shown(excerpt))]
    Unusable {
        /// To which call, and how.
        answer: Box<Answer>,
        /// Which field, such as `result[2].id`.
        field: String,
        /// What is wrong with it.
        reason: String,
        /// What stands around it.
        excerpt: String,
    },
    /// A list that is not whole.
    #[error(
        "{call}: page {page} leaves the list incomplete, {read} of {expected} were read; \
         it changed meanwhile, or a page was lost: run again"
    )]
    Incomplete {
        /// What was asked.
        call: String,
        /// The page that ended the reading.
        page: u32,
        /// How many there are, by the API's own count.
        expected: u64,
        /// How many different ones were read.
        read: u64,
    },
    /// Two zones of one name, both active: nobody can say which one serves.
    #[error("the account has two active zones named `{name}` ({first} and {second})")]
    TwoZones {
        /// Their name.
        name: ZoneName,
        /// One of them.
        first: ZoneId,
        /// The other.
        second: ZoneId,
    },
    /// The API accepts the token neither as a user's nor as the account's own.
    #[error(
        "the API does not accept the token, neither as a user's ({user}) nor as the account's own ({account})"
    )]
    TokenRefused {
        /// What it said where users' tokens are verified.
        user: Box<Error>,
        /// What it said where the account's are.
        account: Box<Error>,
    },
    /// Uploaded, says the API, but the list does not show it.
    #[error(
        "{call}: the account already has this certificate (1471), but its list does not show it yet; \
         try again in some minutes"
    )]
    NotListed {
        /// What was asked.
        call: String,
    },
    /// A write without a clear answer, and the list is neither what it was nor what it should be.
    #[error("{write}; and then somebody else changed the list")]
    Overtaken {
        /// What became of the write.
        write: Box<Error>,
    },
    /// A write without a clear answer, and no way to see what became of it.
    #[error("{write}; whether it took effect could not be found out: {read}")]
    InDoubt {
        /// What became of the write.
        write: Box<Error>,
        /// What became of looking.
        read: Box<Error>,
    },
    /// Not sent: the API refuses every call for longer than we would wait.
    #[error(
        "{call}: not sent; Cloudflare refuses every call of this token for another {} s, come back then",
        wait.as_secs()
    )]
    LockedOut {
        /// What would have been asked.
        call: String,
        /// How long the lock-out lasts.
        wait: Duration,
    },
}

impl Error {
    /// The call was answered with 404, by the API itself.
    ///
    /// Not for every purpose *absent*: a wrong path or zone is a 404 too, see [`Error::code`].
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.refusal() == Some(StatusCode::NOT_FOUND)
    }

    /// The zone has no entry point yet: 404 and 10003, both (API reference, section 3.2).
    #[must_use]
    pub fn is_no_entry_point(&self) -> bool {
        self.is_not_found() && self.code(10003)
    }

    /// There is no such certificate: 1472, or a 404 that does not speak of the path (API reference,
    /// sections 1.8 and 6).
    #[must_use]
    pub fn is_no_certificate(&self) -> bool {
        self.code(1472) || (self.is_not_found() && !self.code(7000) && !self.code(7003))
    }

    /// There is no such ruleset: a 404 that does not speak of the path, as where the zone is unknown (API
    /// reference, section 6).
    #[must_use]
    pub fn is_no_ruleset(&self) -> bool {
        self.is_not_found() && !self.code(7000) && !self.code(7003)
    }

    /// The account or zone is not entitled to the feature: 50002, whatever the status (API reference,
    /// section 3.2).
    #[must_use]
    pub fn is_not_entitled(&self) -> bool {
        self.code(50002)
    }

    /// The API said no, and would say so again.
    #[must_use]
    pub fn is_final_refusal(&self) -> bool {
        self.refusal().is_some_and(|status| !is_passing(status))
    }

    /// Nothing of the API answered: there is no answer, it comes from something else on the way, or calls are
    /// locked out.
    #[must_use]
    pub fn is_no_answer_of_the_api(&self) -> bool {
        matches!(
            self,
            Self::NoAnswer { .. }
                | Self::Redirected { .. }
                | Self::Unreadable { .. }
                | Self::LockedOut { .. }
        ) || self.is_lockout()
    }

    /// The token is wrong or lacks a permission; the API does not tell the two apart.
    #[must_use]
    pub fn is_permission(&self) -> bool {
        self.refusal().is_some_and(is_permission)
    }

    /// Whether the API gave this number among its reasons.
    #[must_use]
    pub fn code(&self, number: i64) -> bool {
        self.faults().iter().any(|one| one.code == Some(number))
    }

    /// The permission group that a refused call needs, in the dashboard's words.
    #[must_use]
    pub fn needs(&self) -> Option<&'static str> {
        match self {
            Self::Refused { needs, .. } => *needs,
            _ => None,
        }
    }

    /// What the API found wrong.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        match self {
            Self::Refused { faults, .. } => faults,
            _ => &[],
        }
    }

    /// Whether asking the same once more may help. Whether it may do harm is another question.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::NoAnswer { cause, .. } => cause.is_retryable(),
            Self::Refused { answer, .. } => is_passing(answer.status),
            Self::Unreadable { answer, damage, .. } => {
                is_passing(answer.status)
                    || matches!(damage, Damage::Truncated)
                    || (answer.status.is_success() && matches!(damage, Damage::Empty))
            }
            _ => false,
        }
    }

    /// Whether the call, if it was a write, may have been carried out: sent, and no clear answer.
    #[must_use]
    pub fn may_have_taken_effect(&self) -> bool {
        let is_unclear =
            |status: StatusCode| status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT;
        match self {
            Self::NoAnswer { cause, .. } => cause.may_have_arrived(),
            Self::Refused { answer, .. } => is_unclear(answer.status),
            Self::Unreadable { answer, .. } | Self::Unusable { answer, .. } => {
                is_unclear(answer.status) || answer.status.is_success()
            }
            Self::InDoubt { .. } | Self::NotListed { .. } | Self::Overtaken { .. } => true,
            Self::Redirected { .. }
            | Self::Incomplete { .. }
            | Self::TwoZones { .. }
            | Self::TokenRefused { .. }
            | Self::LockedOut { .. } => false,
        }
    }

    /// The budget is spent, and the server said for how long nothing will be answered.
    #[must_use]
    pub fn is_lockout(&self) -> bool {
        match self {
            Self::Refused { answer, .. } | Self::Unreadable { answer, .. } => {
                answer.status == StatusCode::TOO_MANY_REQUESTS && answer.retry_after.is_some()
            }
            _ => false,
        }
    }

    /// Cloudflare's name for the request, the header `cf-ray`, where one was answered with it.
    #[must_use]
    pub fn ray(&self) -> Option<&str> {
        match self {
            Self::Refused { answer, .. }
            | Self::Redirected { answer, .. }
            | Self::Unreadable { answer, .. }
            | Self::Unusable { answer, .. } => answer.ray.as_deref(),
            Self::Overtaken { write } | Self::InDoubt { write, .. } => write.ray(),
            Self::NoAnswer { .. }
            | Self::Incomplete { .. }
            | Self::TwoZones { .. }
            | Self::TokenRefused { .. }
            | Self::NotListed { .. }
            | Self::LockedOut { .. } => None,
        }
    }

    /// When the server wants to be asked again.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused { answer, .. } | Self::Unreadable { answer, .. } => answer.retry_after,
            Self::LockedOut { wait, .. } => Some(*wait),
            _ => None,
        }
    }

    /// The status of a refusal in the API's own words, not of a page that something on the way sent.
    fn refusal(&self) -> Option<StatusCode> {
        match self {
            Self::Refused { answer, .. } => Some(answer.status),
            _ => None,
        }
    }
}

/// Statuses that speak of the moment rather than of the request.
fn is_passing(status: StatusCode) -> bool {
    status.is_server_error()
        || status == StatusCode::TOO_MANY_REQUESTS
        || status == StatusCode::REQUEST_TIMEOUT
}
