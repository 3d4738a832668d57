//! A distinguished name in the two spellings that rules see.

use x509_parser::objects::oid_registry;
use x509_parser::objects::oid2abbrev;
use x509_parser::x509::X509Name;

/// The name of a CA, its attributes in the order of the certificate.
///
/// Only names that are spelled alike by everybody: one attribute a level, a usual type, no character
/// that would have to be escaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DistinguishedName(Vec<(String, String)>);

/// Attribute types whose short names are the same in both spellings.
const USUAL: [&str; 6] = ["C", "ST", "L", "O", "OU", "CN"];

impl DistinguishedName {
    /// `None` if there is more than one way to spell it.
    pub(crate) fn of(name: &X509Name<'_>) -> Option<Self> {
        let mut attributes = Vec::new();
        for level in name.iter() {
            let mut level = level.iter();
            let (Some(only), None) = (level.next(), level.next()) else {
                return None;
            };
            let kind = oid2abbrev(only.attr_type(), oid_registry()).ok()?;
            let value = only.as_str().ok()?;
            if !USUAL.contains(&kind) || !is_plain(value) {
                return None;
            }
            attributes.push((kind.to_owned(), value.to_owned()));
        }
        (!attributes.is_empty()).then_some(Self(attributes))
    }

    /// `CN=Example CA,O=Example,C=US`: the most specific first.
    ///
    /// <https://developers.cloudflare.com/ruleset-engine/rules-language/fields/reference/cf.tls_client_auth.cert_issuer_dn_rfc2253>
    #[must_use]
    pub fn rfc2253(&self) -> String {
        let attributes = self.0.iter().rev();
        let spelled: Vec<String> = attributes
            .map(|(kind, value)| format!("{kind}={value}"))
            .collect();
        spelled.join(",")
    }

    /// `/C=US/O=Example/CN=Example CA`: in the order of the certificate.
    ///
    /// <https://developers.cloudflare.com/ruleset-engine/rules-language/fields/reference/cf.tls_client_auth.cert_issuer_dn_legacy>
    #[must_use]
    pub fn legacy(&self) -> String {
        let attributes = self.0.iter();
        let spelled: Vec<String> = attributes
            .map(|(kind, value)| format!("/{kind}={value}"))
            .collect();
        spelled.concat()
    }
}

/// Whether nothing in it needs an escape in either spelling.
fn is_plain(value: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '.' | '-' | '_' | ':');
    !value.is_empty() && value.trim() == value && value.chars().all(is_plain)
}
