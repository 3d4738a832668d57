//! Requirements written as expressions, and the hosts that an expression names.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::desired::Accepts;
use crate::desired::Requirement;
use crate::expression::Argument;
use crate::expression::Condition;
use crate::expression::Expression;
use crate::expression::Literal;
use crate::expression::Member;
use crate::expression::Operand;
use crate::expression::Relation;
use crate::expression::Source;
use crate::resource::Hostname;
use crate::resource::KeyId;

/// The text of a requirement: matches the requests to be turned away.
///
/// One clause per distinct set of accepted certificates, joined by `or`, so that a host moving between
/// groups is one change of one rule. They stand in the order of their first hosts, so that a change of
/// what is accepted moves no line.
#[must_use]
pub fn print(requirement: &Requirement) -> String {
    format!("({})", expression(requirement))
}

/// The tree behind [`print()`].
#[must_use]
pub fn expression(requirement: &Requirement) -> Expression {
    let mut clauses: BTreeMap<&Accepts, Vec<&Hostname>> = BTreeMap::new();
    for (host, accepts) in &requirement.hosts {
        clauses.entry(accepts).or_default().push(host);
    }
    let mut clauses: Vec<(&Accepts, Vec<&Hostname>)> = clauses.into_iter().collect();
    clauses.sort_by(|(_, one), (_, other)| one.cmp(other));
    let turned_away = Expression::or(clauses.into_iter().map(|(accepts, hosts)| {
        let on_hosts = host().in_strings(hosts.into_iter().map(Hostname::as_str));
        Expression::and([on_hosts, unaccepted(accepts)])
    }));
    match &requirement.unless {
        Some(unless) => Expression::and([turned_away, Expression::not(unless.clone())]),
        None => turned_away,
    }
}

/// `lower(http.host)`: comparison is case-sensitive, and the client chooses the case.
///
/// <https://developers.cloudflare.com/ruleset-engine/rules-language/operators/>
pub(super) fn host() -> Operand {
    Operand::call("lower", [Operand::field("http.host").into()])
}

/// Requests without a certificate that is accepted.
///
/// A certificate of any CA in the account verifies on any host that asks, which is why issuers are
/// pinned; a revoked certificate of the managed CA verifies too (API reference, sections 4.2 and 4.4).
fn unaccepted(accepts: &Accepts) -> Expression {
    let verified = Expression::from(Operand::field("cf.tls_client_auth.cert_verified"));
    let accepted = match &accepts.pins {
        Some(pins) => Expression::and([verified, issued_by(pins)]),
        None => verified,
    };
    let unaccepted = Expression::not(accepted);
    if accepts.revocable {
        let revoked = Operand::field("cf.tls_client_auth.cert_revoked");
        Expression::or([unaccepted, revoked.into()])
    } else {
        unaccepted
    }
}

/// The key id of the CA that issued the certificate itself (API reference, section 4.3).
const ISSUER: &str = "cf.tls_client_auth.cert_issuer_ski";

fn issued_by(pins: &BTreeSet<KeyId>) -> Expression {
    Operand::field(ISSUER).in_strings(pins.iter().map(KeyId::as_str))
}

/// Whether two texts are the same expression, however they are laid out.
#[must_use]
pub fn is_same(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    match (
        crate::expression::parse(one),
        crate::expression::parse(other),
    ) {
        (Ok(one), Ok(other)) => one == other,
        _ => one.split_whitespace().eq(other.split_whitespace()),
    }
}

/// The hosts that an expression is about: those it compares `http.host` with outside every `not`, where
/// exceptions stand.
///
/// An expression that cannot be read names none.
#[must_use]
pub fn hosts_named(text: &str) -> BTreeSet<Hostname> {
    let mut hosts = BTreeSet::new();
    if let Ok(expression) = crate::expression::parse(text) {
        compared(&expression, is_host, Negated::Left, &mut |text| {
            hosts.extend(Hostname::parse(text).ok());
        });
    }
    hosts
}

/// The key ids that an expression compares the issuer of a certificate with, wherever it does.
pub(super) fn key_ids_named(text: &str) -> BTreeSet<KeyId> {
    let mut ids = BTreeSet::new();
    if let Ok(expression) = crate::expression::parse(text) {
        compared(&expression, is_issuer, Negated::Taken, &mut |text| {
            ids.extend(KeyId::parse(text));
        });
    }
    ids
}

/// What becomes of the parts of an expression that stand behind a `not`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Negated {
    Left,
    Taken,
}

/// Takes the texts that some operand is compared with.
fn compared(
    expression: &Expression,
    is_meant: fn(&Operand) -> bool,
    negated: Negated,
    take: &mut impl FnMut(&str),
) {
    match expression {
        Expression::Not(inner) if negated == Negated::Taken => {
            compared(inner, is_meant, negated, take);
        }
        Expression::And(parts) | Expression::Xor(parts) | Expression::Or(parts) => {
            for part in parts {
                compared(part, is_meant, negated, take);
            }
        }
        Expression::Comparison(comparison) if is_meant(&comparison.left) => {
            texts(&comparison.condition).for_each(&mut *take);
        }
        Expression::Not(_)
        | Expression::Constant(_)
        | Expression::Boolean(_)
        | Expression::Comparison(_) => {}
    }
}

/// `http.host`, bare or in `lower()`.
pub(super) fn is_host(operand: &Operand) -> bool {
    match &operand.source {
        Source::Field(name) => name.as_str() == "http.host",
        Source::Call(call) => {
            call.function.as_str() == "lower"
                && matches!(call.arguments.as_slice(), [Argument::Operand(inner)] if is_host(inner))
        }
    }
}

fn is_issuer(operand: &Operand) -> bool {
    matches!(&operand.source, Source::Field(name) if name.as_str() == ISSUER)
}

fn texts(condition: &Condition) -> impl Iterator<Item = &str> {
    let (one, many): (Option<&[u8]>, &[Member]) = match condition {
        Condition::Relation {
            relation: Relation::Equal,
            value: Literal::Text(text),
        } => (Some(text.as_bytes()), &[]),
        Condition::OneOf(members) => (None, members),
        _ => (None, &[]),
    };
    let many = many.iter().filter_map(|member| match member {
        Member::Text(text) => Some(text.as_bytes()),
        _ => None,
    });
    one.into_iter()
        .chain(many)
        .filter_map(|bytes| std::str::from_utf8(bytes).ok())
}

#[cfg(test)]
mod tests {
    use super::hosts_named;
    use super::is_same;
    use super::key_ids_named;

    fn hosts(text: &str) -> Vec<String> {
        hosts_named(text).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_expression_is_about_the_hosts_outside_every_not() {
        for (text, named) in [
            ("http.host eq \"a.example.com\"", vec!["a.example.com"]),
            (
                "lower(http.host) in {\"B.example.com\" \"a.example.com\"} and ssl",
                vec!["a.example.com", "b.example.com"],
            ),
            (
                "(http.host eq \"a.example.com\" or ssl) and not http.host eq \"b.example.com\"",
                vec!["a.example.com"],
            ),
            ("not (ssl and not http.host eq \"a.example.com\")", vec![]),
            ("http.host ne \"a.example.com\"", vec![]),
            ("http.host contains \"a.example.com\"", vec![]),
            ("http.referer eq \"a.example.com\"", vec![]),
            ("http.host eq", vec![]),
        ] {
            assert_eq!(hosts(text), named, "{text}");
        }
    }

    #[test]
    fn key_ids_are_found_where_they_stand() {
        let text = "ssl and not (cf.tls_client_auth.cert_verified and \
                    cf.tls_client_auth.cert_issuer_ski in {\"AA\" \"BB\"})";
        let found: Vec<String> = key_ids_named(text)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(found, ["AA", "BB"]);
    }

    #[test]
    fn layout_is_no_difference_and_everything_else_is() {
        let text = "ssl and http.host in {\"a\" \"b\"}";
        assert!(is_same(
            text,
            "(ssl  &&\nhttp.host in { \"a\" \"b\" }) # so"
        ));
        assert!(!is_same(text, "ssl and http.host in {\"a\" \"B\"}"));
        assert!(is_same("not readable (", "not  readable ("));
        assert!(!is_same("not readable (", "not readable"));
    }
}
