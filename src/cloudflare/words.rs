//! Pieces of sentences that errors are made of.

use std::fmt;

use http::StatusCode;

use crate::cloudflare::answer::Answer;
use crate::cloudflare::answer::Fault;
use crate::cloudflare::answer::is_permission;

/// What the API found wrong, in one line.
pub(crate) struct Faults<'a>(pub(crate) &'a [Fault]);

impl fmt::Display for Faults<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("no reason was given");
        }
        for (at, fault) in self.0.iter().enumerate() {
            let before = if at == 0 { "" } else { "; " };
            write!(f, "{before}{fault}")?;
        }
        Ok(())
    }
}

/// What a 429 means for everything else.
pub(crate) struct Lockout<'a>(pub(crate) &'a Answer);

impl fmt::Display for Lockout<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Answer {
            status,
            retry_after,
            ..
        } = self.0;
        match retry_after {
            _ if *status != StatusCode::TOO_MANY_REQUESTS => Ok(()),
            Some(wait) => write!(
                f,
                "; the token's request budget is spent, come back in {} s",
                wait.as_secs()
            ),
            None => f.write_str("; the token's request budget is spent, come back in 5 minutes"),
        }
    }
}

/// What may be missing, where the API says no more than *authentication error*.
pub(crate) struct Needs<'a>(pub(crate) &'a Answer, pub(crate) Option<&'static str>);

impl fmt::Display for Needs<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1 {
            Some(group) if is_permission(self.0.status) => write!(
                f,
                "; the call needs the permission `{group}`, and a wrong token is refused in the same words"
            ),
            _ => Ok(()),
        }
    }
}

/// A piece of the body, where there is one.
pub(crate) struct Shown<'a>(pub(crate) &'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            "" => Ok(()),
            text => write!(f, ": {text}"),
        }
    }
}
