//! Whether two expressions match the same requests of a zone, however they are written.
//!
//! Hosts are compared in the one spelling that a [`Hostname`] has: whether a text goes through `lower()`
//! is a matter of how it is written, and `audit` tells where that lets somebody past.

use crate::expression;
use crate::expression::Bound;
use crate::expression::Condition;
use crate::expression::Expression;
use crate::expression::GuardSet;
use crate::expression::Guards;
use crate::expression::Operand;
use crate::expression::Relation;
use crate::expression::Request;
use crate::plan::compile;
use crate::resource::Hostname;
use crate::resource::ZoneName;

/// The field that says whom a request is for.
const HOST: &str = "http.host";

/// Whether two expressions provably match the same requests: false also where that is beyond a bound, or
/// where they test hosts otherwise than by name.
pub(super) fn is_same(one: &str, other: &str, zone: &ZoneName) -> bool {
    if compile::is_same(one, other) {
        return true;
    }
    let (Ok(one), Ok(other)) = (expression::parse(one), expression::parse(other)) else {
        return false;
    };
    if !names_hosts_only(&one) || !names_hosts_only(&other) {
        return false;
    }
    let named = [&one, &other]
        .into_iter()
        .flat_map(|expression| expression.texts_of(HOST))
        .filter_map(|text| std::str::from_utf8(text.as_bytes()).ok());
    let hosts = named
        .filter_map(|text| Hostname::parse(text).ok())
        .map(|host| host.to_string());
    // Not a name that anybody has; it stands for every host that neither of them names.
    let any_other = format!("any-other-host.{zone}");
    hosts
        .chain([any_other])
        .all(|host| agree(&one, &other, zone, &host) == Ok(true))
}

/// Whether an expression compares the host with nothing but whole names.
fn names_hosts_only(expression: &Expression) -> bool {
    expression.tests().into_iter().all(|test| {
        let Expression::Comparison(comparison) = test else {
            return test.mentions(HOST).is_none();
        };
        test.mentions(HOST).is_none()
            || compile::is_host(&comparison.left)
                && matches!(
                    comparison.condition,
                    Condition::OneOf(_)
                        | Condition::Relation {
                            relation: Relation::Equal | Relation::NotEqual,
                            ..
                        }
                )
    })
}

/// Whether two expressions match the same requests to one host.
fn agree(one: &Expression, other: &Expression, zone: &ZoneName, host: &str) -> Result<bool, Bound> {
    let known = Request::default()
        .with(HOST, host)
        .with("cf.zone.name", zone.as_str());
    let (one, other) = (one.given(&known), other.given(&known));
    if one == other {
        return Ok(true);
    }
    let possible = possible();
    let mut guards = Guards::over([&one, &other, &possible], &known);
    let differ = guards.holding(&Expression::xor([one, other]), &known)?;
    let possible = guards.holding(&possible, &known)?;
    Ok(guards.both(differ, possible)? == GuardSet::NONE)
}

/// Requests that there can be: a certificate that was verified was presented
/// (<https://developers.cloudflare.com/ruleset-engine/rules-language/fields/reference/cf.tls_client_auth.cert_verified/>).
fn possible() -> Expression {
    let presented = Operand::field("cf.tls_client_auth.cert_presented");
    let verified = Operand::field("cf.tls_client_auth.cert_verified");
    Expression::or([presented.into(), Expression::not(verified.into())])
}

#[cfg(test)]
mod tests {
    use super::is_same;
    use crate::resource::ZoneName;

    const OURS: &str = "(lower(http.host) in {\"a.example.com\" \"b.example.com\"} and not \
                        (cf.tls_client_auth.cert_verified and cf.tls_client_auth.cert_issuer_ski in {\"AA\" \"BB\"}))";

    fn same(one: &str, other: &str) -> bool {
        is_same(one, other, &ZoneName::parse("example.com").unwrap())
    }

    #[test]
    fn other_words_for_the_same_requests_are_no_difference() {
        for text in [
            "http.host in {\"b.example.com\" \"a.example.com\"} and (not cf.tls_client_auth.cert_verified or \
             not cf.tls_client_auth.cert_issuer_ski in {\"BB\" \"AA\"})",
            "(http.host eq \"a.example.com\" or http.host eq \"b.example.com\") and not \
             (cf.tls_client_auth.cert_verified and (cf.tls_client_auth.cert_issuer_ski eq \"AA\" or \
             cf.tls_client_auth.cert_issuer_ski eq \"BB\"))",
            "(http.host eq \"a.example.com\" and not cf.tls_client_auth.cert_verified) or \
             (http.host in {\"a.example.com\"} and not cf.tls_client_auth.cert_issuer_ski in {\"AA\" \"BB\"}) or \
             (lower(http.host) eq \"b.example.com\" and not (cf.tls_client_auth.cert_presented and \
             cf.tls_client_auth.cert_verified and cf.tls_client_auth.cert_issuer_ski in {\"AA\" \"BB\"}))",
        ] {
            assert!(same(OURS, text), "{text}");
        }
    }

    #[test]
    fn other_requests_are_a_difference() {
        for text in [
            // One host more, one less, and one that nobody has.
            "http.host in {\"a.example.com\" \"b.example.com\" \"c.example.com\"} and not \
             (cf.tls_client_auth.cert_verified and cf.tls_client_auth.cert_issuer_ski in {\"AA\" \"BB\"})",
            "http.host in {\"a.example.com\"} and not (cf.tls_client_auth.cert_verified and \
             cf.tls_client_auth.cert_issuer_ski in {\"AA\" \"BB\"})",
            "http.host in {\"a.example.com\" \"B.example.com\"} and not (cf.tls_client_auth.cert_verified and \
             cf.tls_client_auth.cert_issuer_ski in {\"AA\" \"BB\"})",
            // Other pins, none, and ones that nothing matches.
            "http.host in {\"a.example.com\" \"b.example.com\"} and not (cf.tls_client_auth.cert_verified and \
             cf.tls_client_auth.cert_issuer_ski in {\"AA\"})",
            "http.host in {\"a.example.com\" \"b.example.com\"} and not cf.tls_client_auth.cert_verified",
            "http.host in {\"a.example.com\" \"b.example.com\"} and not (cf.tls_client_auth.cert_verified and \
             cf.tls_client_auth.cert_issuer_ski in {\"aa\" \"bb\"})",
            // An exception, every host, hosts by their ends, and what cannot be read.
            "http.host in {\"a.example.com\" \"b.example.com\"} and ssl and not (cf.tls_client_auth.cert_verified \
             and cf.tls_client_auth.cert_issuer_ski in {\"AA\" \"BB\"})",
            "not (cf.tls_client_auth.cert_verified and cf.tls_client_auth.cert_issuer_ski in {\"AA\" \"BB\"})",
            "ends_with(http.host, \".example.com\") and http.host in {\"a.example.com\" \"b.example.com\"} and not \
             (cf.tls_client_auth.cert_verified and cf.tls_client_auth.cert_issuer_ski in {\"AA\" \"BB\"})",
            "http.host in {",
        ] {
            assert!(!same(OURS, text), "{text}");
        }
    }
}
