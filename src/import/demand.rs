//! What a rule in anybody's writing demands: on which hosts, whose certificates get past it, and which
//! requests it leaves alone.
//!
//! Read are rules of the shape *hosts and not (a verified certificate of these issuers) and not
//! exceptions*, and several of them joined by `or`, in whatever order and with whatever negations.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::edge::CERTIFICATE_FIELDS;
use crate::expression::Argument;
use crate::expression::Comparison;
use crate::expression::Condition;
use crate::expression::Expression;
use crate::expression::Literal;
use crate::expression::Member;
use crate::expression::Operand;
use crate::expression::Relation;
use crate::expression::Source;
use crate::import::accepts::Accepts;
use crate::import::accepts::accepts;
use crate::resource::Hostname;

/// The field that says whom a request is for.
const HOST: &str = "http.host";

/// More alternatives than this are not kept apart.
const MOST_CLAUSES: usize = 4096;

/// What a rule demands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Demand {
    /// Whose certificates get past the rule, by host; never empty.
    pub(super) hosts: BTreeMap<Hostname, Accepts>,
    /// Requests that it leaves alone.
    pub(super) unless: Option<Expression>,
    /// Whether it compares a host in the client's spelling.
    pub(super) is_case_sensitive: bool,
}

/// Why a rule is none that a file can say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotUnderstood {
    #[error("it does not test client certificates")]
    NoCertificates,
    #[error("it is not limited to hosts by their names")]
    EveryHost,
    #[error("it has too many alternatives to take apart")]
    Entangled,
    #[error("it names `{text}`, which is no host name")]
    NoHostname { text: String },
    #[error("on {host} it also stops requests that come with any certificate")]
    StopsEverybody { host: Hostname },
    #[error("on {host} it lets requests without a verified certificate past")]
    NotVerified { host: Hostname },
    #[error(
        "it compares the key id of an issuer with `{text}`, which none ever is: they are upper-case hexadecimal"
    )]
    NoKeyId { text: String },
    #[error("it keeps some issuers out instead of letting some in")]
    KeepsIssuersOut,
    #[error("it lets certificates of no issuer past")]
    NobodyPasses,
    #[error(
        "it tests more of a certificate than whether it is verified, revoked, and by whom it was issued"
    )]
    OtherFields,
    #[error("its exceptions are not the same for all of its hosts and certificates")]
    Exceptions,
}

/// What is tested of certificates, and what else.
type Alternative<'c> = (Vec<Expression>, &'c [Expression]);

/// Reads what an expression demands.
pub(super) fn read(expression: &Expression) -> Result<Demand, NotUnderstood> {
    if expression.mentions(CERTIFICATE_FIELDS).is_none() {
        return Err(NotUnderstood::NoCertificates);
    }
    let mut by_host: BTreeMap<Hostname, Vec<Alternative<'_>>> = BTreeMap::new();
    let clauses = clauses(expression)?;
    for clause in &clauses {
        let hosts = clause.hosts.as_ref().ok_or(NotUnderstood::EveryHost)?;
        for host in hosts {
            let alternatives = by_host.entry(host.clone()).or_default();
            alternatives.push((clause.certificates.clone(), &clause.rest));
        }
    }
    let mut hosts = BTreeMap::new();
    let mut rest: Option<&[Expression]> = None;
    for (host, alternatives) in by_host {
        for (_, here) in &alternatives {
            let first = *rest.get_or_insert(here);
            if sorted(first) != sorted(here) {
                return Err(NotUnderstood::Exceptions);
            }
        }
        let stopped = alternatives.into_iter();
        let stopped = Expression::or(stopped.map(|(parts, _)| Expression::and(parts)));
        let accepts = accepts(&host, &stopped)?;
        hosts.insert(host, accepts);
    }
    let rest = rest.ok_or(NotUnderstood::EveryHost)?;
    let unless = Expression::or(rest.iter().cloned().map(negated));
    Ok(Demand {
        hosts,
        unless: (!rest.is_empty()).then_some(unless),
        is_case_sensitive: expression.tests().into_iter().any(is_case_sensitive),
    })
}

/// The parts in an order that does not depend on how they were written.
fn sorted(parts: &[Expression]) -> BTreeSet<&Expression> {
    parts.iter().collect()
}

/// Requests that have all of these.
#[derive(Debug, Clone, Default)]
struct Clause {
    /// `None` for every host.
    hosts: Option<BTreeSet<Hostname>>,
    /// What is tested of certificates.
    certificates: Vec<Expression>,
    /// What else is tested.
    rest: Vec<Expression>,
}

impl Clause {
    fn and(&self, other: &Self) -> Self {
        let hosts = match (&self.hosts, &other.hosts) {
            (Some(one), Some(other)) => Some(one.intersection(other).cloned().collect()),
            (one, other) => one.clone().or_else(|| other.clone()),
        };
        Self {
            hosts,
            certificates: [self.certificates.as_slice(), &other.certificates].concat(),
            rest: [self.rest.as_slice(), &other.rest].concat(),
        }
    }
}

/// An expression as alternatives, each of hosts, certificates and the rest.
fn clauses(expression: &Expression) -> Result<Vec<Clause>, NotUnderstood> {
    match expression {
        Expression::Or(parts) if expression.mentions(HOST).is_some() => {
            let mut all = Vec::new();
            for part in parts {
                all.extend(clauses(part)?);
            }
            within_bounds(all)
        }
        Expression::And(parts) => {
            let mut all = vec![Clause::default()];
            for part in parts {
                let part = clauses(part)?;
                if all.len().saturating_mul(part.len()) > MOST_CLAUSES {
                    return Err(NotUnderstood::Entangled);
                }
                let both =
                    |one: &Clause| part.iter().map(|other| one.and(other)).collect::<Vec<_>>();
                all = all.iter().flat_map(both).collect();
            }
            Ok(all)
        }
        Expression::Not(inner) => match &**inner {
            Expression::Not(inner) => clauses(inner),
            Expression::Or(parts) => {
                let parts = parts.iter().cloned().map(negated);
                clauses(&Expression::and(parts))
            }
            _ => Ok(vec![atom(expression)]),
        },
        Expression::Comparison(comparison) => match hosts(comparison)? {
            Some(hosts) => Ok(vec![Clause {
                hosts: Some(hosts),
                ..Clause::default()
            }]),
            None => Ok(vec![atom(expression)]),
        },
        _ => Ok(vec![atom(expression)]),
    }
}

fn within_bounds(clauses: Vec<Clause>) -> Result<Vec<Clause>, NotUnderstood> {
    if clauses.len() > MOST_CLAUSES {
        return Err(NotUnderstood::Entangled);
    }
    Ok(clauses)
}

/// The opposite, without a double negation.
fn negated(expression: Expression) -> Expression {
    match expression {
        Expression::Not(inner) => *inner,
        other => Expression::not(other),
    }
}

fn atom(expression: &Expression) -> Clause {
    let alone = vec![expression.clone()];
    if expression.mentions(CERTIFICATE_FIELDS).is_some() {
        Clause {
            certificates: alone,
            ..Clause::default()
        }
    } else {
        Clause {
            rest: alone,
            ..Clause::default()
        }
    }
}

/// The hosts of a comparison that says which they are.
fn hosts(comparison: &Comparison) -> Result<Option<BTreeSet<Hostname>>, NotUnderstood> {
    let Some(is_lowered) = compares_host(&comparison.left) else {
        return Ok(None);
    };
    let texts: Vec<&[u8]> = match &comparison.condition {
        Condition::Relation {
            relation: Relation::Equal,
            value: Literal::Text(text),
        } => vec![text.as_bytes()],
        Condition::OneOf(members) => {
            let texts = members.iter().filter_map(|member| match member {
                Member::Text(text) => Some(text.as_bytes()),
                _ => None,
            });
            texts.collect()
        }
        _ => return Ok(None),
    };
    let mut hosts = BTreeSet::new();
    for text in texts {
        let text = String::from_utf8_lossy(text).into_owned();
        // Another spelling than the one that requests have is never met, or never after `lower()`.
        let host = Hostname::parse(&text)
            .ok()
            .filter(|host| host.as_str() == text);
        match host {
            Some(host) => hosts.insert(host),
            None if is_lowered && text.chars().any(char::is_uppercase) => false,
            None => return Err(NotUnderstood::NoHostname { text }),
        };
    }
    Ok(Some(hosts))
}

/// Whether an operand is the host, and if so whether in `lower()`.
fn compares_host(operand: &Operand) -> Option<bool> {
    match &operand.source {
        Source::Field(name) => {
            (operand.indexes.is_empty() && name.as_str() == HOST).then_some(false)
        }
        Source::Call(call) => match (call.function.as_str(), call.arguments.as_slice()) {
            ("lower", [Argument::Operand(inner)]) => compares_host(inner).map(|_| true),
            _ => None,
        },
    }
}

fn is_case_sensitive(test: &Expression) -> bool {
    matches!(test, Expression::Comparison(comparison) if compares_host(&comparison.left) == Some(false))
}
