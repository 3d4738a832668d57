//! Cloudflare's names for things. An id is checked once, so that it can stand in a path as it is.

use std::fmt;

/// Why a text is no id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no {kind}: expected {expected}")]
pub struct InvalidId {
    /// What it should have been, such as `account id`.
    pub kind: &'static str,
    /// The text as given.
    pub text: String,
    /// The form that was expected.
    pub expected: &'static str,
}

fn is_hex_32(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $check:path, $expected:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Checks the form and keeps the text.
            ///
            /// # Errors
            /// [`InvalidId`] when the text does not have the form.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                if $check(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(InvalidId { kind: $kind, text: text.to_owned(), expected: $expected })
                }
            }

            /// The id as Cloudflare writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(
    /// The id of an account: 32 lower-case hexadecimal digits.
    AccountId, "account id", is_hex_32, "32 lower-case hexadecimal digits"
);
id!(
    /// The id of a zone: 32 lower-case hexadecimal digits.
    ZoneId, "zone id", is_hex_32, "32 lower-case hexadecimal digits"
);
id!(
    /// The id of an uploaded CA certificate: a UUID of 36 characters.
    ///
    /// The published schema says at most 32, which is wrong (API reference, section 1.4). A request
    /// about host lists that lacks this id addresses the managed CA instead, so an id that is not
    /// whole is refused here.
    CaId, "certificate id", is_uuid, "a UUID of 36 characters"
);
id!(
    /// The id of a ruleset: 32 lower-case hexadecimal digits.
    RulesetId, "ruleset id", is_hex_32, "32 lower-case hexadecimal digits"
);
id!(
    /// The id of a rule inside a ruleset: 32 lower-case hexadecimal digits.
    RuleId, "rule id", is_hex_32, "32 lower-case hexadecimal digits"
);

#[cfg(test)]
mod tests {
    use super::CaId;
    use super::ZoneId;

    #[test]
    fn an_id_of_the_wrong_length_is_refused_by_name() {
        let error = CaId::parse("2458ce5a").unwrap_err();
        assert_eq!(
            error.to_string(),
            "`2458ce5a` is no certificate id: expected a UUID of 36 characters"
        );
        assert!(CaId::parse("").is_err());
        assert!(CaId::parse("2458ce5a-0c35-4c7f-82c7-8e9487d3ff60").is_ok());
        assert!(ZoneId::parse("../../accounts/023e105f4ecef8ad9c").is_err());
    }
}
