//! API tokens and who is calling. Keeps SHA-256 of a token, never the token.

use std::collections::BTreeSet;
use std::fmt::Write;

use http::HeaderMap;
use http::StatusCode;
use http::header::AUTHORIZATION;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;
use sha2::Digest;
use sha2::Sha256;

use crate::sandbox::envelope::Answer;
use crate::sandbox::envelope::Answered;
use crate::sandbox::envelope::Refusal;
use crate::sandbox::permission::Permission;

/// Whether a token belongs to a user or to the account. Each kind has its own path for
/// verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// Verified at `/user/tokens/verify`.
    User,
    /// Verified at `/accounts/{account_id}/tokens/verify`.
    Account,
}

/// What a token may do, and for how long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Whose it is.
    pub kind: TokenKind,
    /// Its permission groups.
    pub permissions: BTreeSet<Permission>,
    /// From when on it counts as expired.
    pub expires_on: Option<Timestamp>,
    /// Switched off in the dashboard.
    pub disabled: bool,
}

/// A token known to the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct IssuedToken {
    id: String,
    sha256: String,
    token: Token,
}

/// Who is calling: an authenticated token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    token_id: String,
    token: Token,
}

impl Token {
    /// An active token with every permission group.
    #[must_use]
    pub fn full(kind: TokenKind) -> Self {
        Self {
            kind,
            permissions: Permission::ALL.into(),
            expires_on: None,
            disabled: false,
        }
    }

    fn status(&self, now: Timestamp) -> &'static str {
        match self.expires_on {
            _ if self.disabled => "disabled",
            Some(expires_on) if expires_on <= now => "expired",
            _ => "active",
        }
    }
}

impl IssuedToken {
    pub(crate) fn new(id: String, secret: &str, token: Token) -> Self {
        Self {
            id,
            sha256: sha256_hex(secret.as_bytes()),
            token,
        }
    }
}

impl Caller {
    /// The owner of the account: every permission, without a token to show. For a client inside the
    /// same process.
    #[must_use]
    pub fn owner() -> Self {
        Self {
            token_id: "owner".into(),
            token: Token::full(TokenKind::User),
        }
    }

    /// What the rate limit counts by.
    pub(crate) fn token_id(&self) -> &str {
        &self.token_id
    }

    /// Takes permission groups away.
    pub(crate) fn revoke(&mut self, groups: &BTreeSet<Permission>) {
        self.token
            .permissions
            .retain(|permission| !groups.contains(permission));
    }

    /// Passes if the token is active and has one of `groups`.
    pub(crate) fn needs(&self, groups: &[Permission], now: Timestamp) -> Result<(), Refusal> {
        if self.token.status(now) != "active" {
            return Err(unauthorized());
        }
        if groups
            .iter()
            .any(|group| self.token.permissions.contains(group))
        {
            return Ok(());
        }
        Err(Refusal::forbidden())
    }

    /// The answer of the verification endpoints, which says nothing about permissions (API
    /// reference, section 5.2).
    pub(crate) fn verify(&self, path_for: TokenKind, now: Timestamp) -> Answered {
        if self.token.kind != path_for {
            return Err(invalid_token());
        }
        let status = self.token.status(now);
        let mut result = json!({"id": self.token_id, "status": status});
        if let Some(expires_on) = self.token.expires_on {
            result["expires_on"] = Value::String(expires_on.to_string());
        }
        if status == "active" {
            return Ok(Answer::Told {
                result,
                code: 10000,
                message: "This API Token is valid and active",
            });
        }
        Ok(Answer::Of(result))
    }
}

/// Who sent a request with these headers to `path`.
pub(crate) fn authenticate(
    tokens: &[IssuedToken],
    headers: &HeaderMap,
    path: &str,
) -> Result<Caller, Refusal> {
    let Some(header) = headers.get(AUTHORIZATION) else {
        return Err(unauthorized());
    };
    let secret = header
        .to_str()
        .ok()
        .and_then(|text| text.strip_prefix("Bearer "))
        .map(str::trim);
    let Some(secret) =
        secret.filter(|secret| !secret.is_empty() && !secret.contains(char::is_whitespace))
    else {
        return Err(
            Refusal::new(StatusCode::BAD_REQUEST, 6003, "Invalid request headers")
                .because(6111, "Invalid format for Authorization header"),
        );
    };
    let sha256 = sha256_hex(secret.as_bytes());
    match tokens.iter().find(|issued| issued.sha256 == sha256) {
        Some(issued) => Ok(Caller {
            token_id: issued.id.clone(),
            token: issued.token.clone(),
        }),
        None if path.ends_with("/tokens/verify") => Err(invalid_token()),
        None => Err(unauthorized()),
    }
}

fn unauthorized() -> Refusal {
    Refusal::new(StatusCode::UNAUTHORIZED, 10000, "Authentication error")
}

fn invalid_token() -> Refusal {
    Refusal::new(StatusCode::UNAUTHORIZED, 1000, "Invalid API Token")
}

/// SHA-256 in lower-case hex.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}
