//! A host name, in the one spelling that is sent to Cloudflare.

use std::fmt;

/// A DNS name with at least two labels: lower case, ASCII (punycode), no trailing dot, no wildcard.
///
/// What the API does with any other spelling is not documented (API reference, section 2.2), so none
/// is ever sent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hostname(String);

/// Why a text is no [`Hostname`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidHostname {
    /// No character at all.
    #[error("a host name must not be empty")]
    Empty,
    /// `*.example.com`.
    #[error("`{text}` is a wildcard")]
    Wildcard {
        /// The text as given.
        text: String,
    },
    /// A scheme, a path or a port came along.
    #[error("`{text}` is more than a host name: no scheme, path or port belongs here")]
    Surplus {
        /// The text as given.
        text: String,
    },
    /// A single label.
    #[error("`{text}` has no dot")]
    NoDot {
        /// The text as given.
        text: String,
    },
    /// An IP address.
    #[error("`{text}` is an address, not a host name")]
    Address {
        /// The text as given.
        text: String,
    },
    /// A label is empty, too long, starts or ends with a hyphen, or has a character that none may have.
    #[error("`{text}` is no host name: the label `{label}` is not allowed")]
    Label {
        /// The text as given.
        text: String,
        /// The first label that is wrong.
        label: String,
    },
    /// Not a valid internationalised name.
    #[error("`{text}` cannot be written in ASCII (punycode)")]
    Punycode {
        /// The text as given.
        text: String,
    },
    /// More than 253 characters.
    #[error("`{text}` is longer than the 253 characters a host name may have")]
    TooLong {
        /// The text as given.
        text: String,
    },
}

impl Hostname {
    /// Brings a name into its one spelling: lower case, punycode, no trailing dot.
    ///
    /// # Errors
    /// [`InvalidHostname`] says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, InvalidHostname> {
        let owned = || text.to_owned();
        let bare = text.strip_suffix('.').unwrap_or(text);
        if bare.is_empty() {
            return Err(InvalidHostname::Empty);
        }
        if bare.contains('*') {
            return Err(InvalidHostname::Wildcard { text: owned() });
        }
        if bare.parse::<std::net::IpAddr>().is_ok() {
            return Err(InvalidHostname::Address { text: owned() });
        }
        if bare.contains(['/', ':', '?', '#', '@']) {
            return Err(InvalidHostname::Surplus { text: owned() });
        }
        let ascii = if bare.is_ascii() && !has_punycode(bare) {
            bare.to_ascii_lowercase()
        } else {
            idna::domain_to_ascii_cow(bare.as_bytes(), idna::AsciiDenyList::EMPTY)
                .map_err(|_| InvalidHostname::Punycode { text: owned() })?
                .into_owned()
        };
        if let Some(label) = ascii.split('.').find(|label| !is_label(label)) {
            return Err(InvalidHostname::Label {
                text: owned(),
                label: label.to_owned(),
            });
        }
        if !ascii.contains('.') {
            return Err(InvalidHostname::NoDot { text: owned() });
        }
        if ascii.len() > 253 {
            return Err(InvalidHostname::TooLong { text: owned() });
        }
        Ok(Self(ascii))
    }

    /// The name in its one spelling.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is `zone` itself or lies below it at a label border.
    #[must_use]
    pub fn is_within(&self, zone: &str) -> bool {
        self.0
            .strip_suffix(zone)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }
}

fn has_punycode(text: &str) -> bool {
    text.split('.').any(|label| {
        label
            .get(..4)
            .is_some_and(|start| start.eq_ignore_ascii_case("xn--"))
    })
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
}

impl AsRef<str> for Hostname {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Hostname {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Hostname;

    #[test]
    fn every_spelling_of_a_host_is_one_host() {
        for (text, one) in [
            ("API.Example.com", "api.example.com"),
            ("api.example.com.", "api.example.com"),
            ("Bücher.example.com", "xn--bcher-kva.example.com"),
            ("XN--BCHER-KVA.example.com", "xn--bcher-kva.example.com"),
            ("_sip.example.com", "_sip.example.com"),
        ] {
            assert_eq!(Hostname::parse(text).unwrap().as_str(), one, "{text}");
        }
    }

    #[test]
    fn what_is_no_host_is_refused_with_a_reason() {
        for (text, words) in [
            ("", "a host name must not be empty"),
            (".", "a host name must not be empty"),
            ("*.example.com", "`*.example.com` is a wildcard"),
            ("localhost", "`localhost` has no dot"),
            ("192.0.2.1", "`192.0.2.1` is an address, not a host name"),
            ("::1", "`::1` is an address, not a host name"),
            (
                "https://api.example.com",
                "`https://api.example.com` is more than a host name: no scheme, path or port belongs here",
            ),
            (
                "api.example.com:8443",
                "`api.example.com:8443` is more than a host name: no scheme, path or port belongs here",
            ),
            (
                "a..example.com",
                "`a..example.com` is no host name: the label `` is not allowed",
            ),
            (
                "-a.example.com",
                "`-a.example.com` is no host name: the label `-a` is not allowed",
            ),
            (
                "a b.example.com",
                "`a b.example.com` is no host name: the label `a b` is not allowed",
            ),
            (
                "xn--.example.com",
                "`xn--.example.com` cannot be written in ASCII (punycode)",
            ),
        ] {
            assert_eq!(Hostname::parse(text).unwrap_err().to_string(), words);
        }
        assert!(Hostname::parse(&format!("{}example.com", "a.".repeat(130))).is_err());
    }

    #[test]
    fn a_zone_ends_at_a_label_border() {
        let host = Hostname::parse("api.example.com").unwrap();
        assert!(host.is_within("example.com"));
        assert!(host.is_within("api.example.com"));
        assert!(!host.is_within("ple.com"));
        assert!(!host.is_within("v2.api.example.com"));
    }
}
