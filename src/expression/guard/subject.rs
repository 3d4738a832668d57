//! What a test asks, and of what: `starts_with(lower(http.host), "a")` asks for a pattern, of
//! `http.host`.

use std::net::IpAddr;

use super::case::Case;
use super::cuts;
use super::regular::Machine;
use crate::expression::evaluate;
use crate::expression::request::Request;
use crate::expression::tree::Argument;
use crate::expression::tree::Call;
use crate::expression::tree::Condition;
use crate::expression::tree::Expression;
use crate::expression::tree::Operand;
use crate::expression::tree::Relation;
use crate::expression::tree::Source;
use crate::expression::value::Addresses;
use crate::expression::value::Literal;
use crate::expression::value::Text;
use crate::expression::wildcard::Piece;

/// A test, taken apart.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// The whole test.
    pub(super) test: Expression,
    /// The field, or the call that cannot be taken apart, whose value decides.
    pub(super) subject: Operand,
    /// What is asked of the value.
    pub(super) asks: Asks,
}

/// What is asked of a value.
#[derive(Clone, Debug)]
pub(super) enum Asks {
    /// Whether it matches one of the patterns.
    Patterns {
        patterns: Vec<Vec<Piece>>,
        case: Case,
        strict: bool,
    },
    /// Whether a regular expression finds a match in it.
    Regular { machine: Machine, case: Case },
    /// How it compares with a text.
    Order { text: Text, case: Case },
    /// How long it is: the answer changes at these lengths only.
    Length(Vec<i64>),
    /// Where it lies: the answer changes at these integers only.
    Integer(Vec<i64>),
    /// Where it lies: the answer changes at these addresses only.
    Address(Vec<IpAddr>),
    /// Something that cannot be cut into regions.
    Beyond,
}

impl Asked {
    /// `None` if the test stands on its own: a boolean field or call.
    pub(super) fn of(test: &Expression, request: &Request) -> Option<Self> {
        let (subject, asks) = match test {
            Expression::Comparison(comparison) => {
                let (subject, through) = taken_apart(&comparison.left);
                match through.asks(&comparison.condition, request) {
                    Some(asks) => (subject, asks),
                    None => (&comparison.left, Asks::Beyond),
                }
            }
            Expression::Boolean(operand) => affix(operand)?,
            _ => return None,
        };
        Some(Self {
            test: test.clone(),
            subject: subject.clone(),
            asks,
        })
    }

    /// Whether it is the opposite of a test: `ne`.
    pub(super) fn is_negative(&self) -> bool {
        self.relation() == Some(Relation::NotEqual)
    }

    /// Whether it asks what is smaller.
    pub(super) fn is_ordered(&self) -> bool {
        let unordered = [Relation::Equal, Relation::NotEqual];
        self.relation()
            .is_some_and(|relation| !unordered.contains(&relation))
    }

    fn relation(&self) -> Option<Relation> {
        match &self.test {
            Expression::Comparison(comparison) => match &comparison.condition {
                Condition::Relation { relation, .. } => Some(*relation),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether something may stand before what is asked for, so that each such test can be true or
    /// false in almost every region of the others.
    pub(super) fn floats(&self) -> bool {
        let floating = |pattern: &Vec<Piece>| {
            let star = pattern.iter().position(|piece| *piece == Piece::Star);
            star.is_some_and(|at| at + 1 < pattern.len())
        };
        match &self.asks {
            Asks::Patterns { patterns, .. } => patterns.iter().any(floating),
            Asks::Regular { machine, .. } => !machine.anchored,
            _ => false,
        }
    }
}

/// What is done to the subject before it is tested.
enum Through {
    Case(Case),
    Length,
    Network { v4: i64, v6: i64 },
}

impl Through {
    fn asks(&self, condition: &Condition, request: &Request) -> Option<Asks> {
        match (self, condition) {
            (_, Condition::InList(name)) => match request.list(name.as_str()) {
                Some(members) => self.asks(&Condition::OneOf(members.to_vec()), request),
                None => Some(Asks::Beyond),
            },
            (Self::Case(case), condition) => cuts::text(condition, *case)
                .or_else(|| {
                    cuts::integers(condition)
                        .filter(|_| *case == Case::AsIs)
                        .map(Asks::Integer)
                })
                .or_else(|| {
                    let ranges = cuts::addresses(condition).filter(|_| *case == Case::AsIs)?;
                    Some(Asks::Address(
                        ranges.into_iter().flat_map(cuts::ends).collect(),
                    ))
                }),
            (Self::Length, condition) => cuts::integers(condition).map(Asks::Length),
            (Self::Network { v4, v6 }, condition) => {
                let network = |address: IpAddr| {
                    let prefix = if address.is_ipv4() { v4 } else { v6 };
                    Addresses::network(address, u32::try_from(*prefix).ok()?)
                };
                // The lowest address whose network is not below the range, and the first one
                // behind the last network that is not above it, are ends of these networks.
                let ranges = cuts::addresses(condition)?;
                let networks: Option<Vec<_>> = ranges
                    .into_iter()
                    .flat_map(|(first, last)| [network(first), network(last)])
                    .collect();
                let ranges = networks?.into_iter().map(|one| (one.first(), one.last()));
                Some(Asks::Address(ranges.flat_map(cuts::ends).collect()))
            }
        }
    }
}

/// The subject of an operand, and what is done to it.
fn taken_apart(operand: &Operand) -> (&Operand, Through) {
    let whole = (operand, Through::Case(Case::AsIs));
    let Some(call) = plain_call(operand) else {
        return whole;
    };
    match (call.function.as_str(), call.arguments.as_slice()) {
        (
            "cidr",
            [
                Argument::Operand(inner),
                Argument::Literal(Literal::Integer(v4)),
                Argument::Literal(Literal::Integer(v6)),
            ],
        ) => (inner, Through::Network { v4: *v4, v6: *v6 }),
        (
            "cidr6",
            [
                Argument::Operand(inner),
                Argument::Literal(Literal::Integer(v6)),
            ],
        ) => (inner, Through::Network { v4: 32, v6: *v6 }),
        ("len", [Argument::Operand(inner)]) => (cased(inner).0, Through::Length),
        _ => {
            let (inner, case) = cased(operand);
            (inner, Through::Case(case))
        }
    }
}

/// The operand inside `lower` and `upper`.
fn cased(operand: &Operand) -> (&Operand, Case) {
    let Some(call) = plain_call(operand) else {
        return (operand, Case::AsIs);
    };
    match (
        Case::under(call.function.as_str()),
        call.arguments.as_slice(),
    ) {
        (Some(case), [Argument::Operand(inner)]) => (cased(inner).0, case),
        _ => (operand, Case::AsIs),
    }
}

/// A call without picks, that does not unpack its first argument.
fn plain_call(operand: &Operand) -> Option<&Call> {
    let Source::Call(call) = &operand.source else {
        return None;
    };
    let unpacks = matches!(call.arguments.first(), Some(Argument::Operand(first)) if evaluate::unpacks(first));
    (operand.indexes.is_empty() && !unpacks).then_some(call)
}

/// `starts_with` and `ends_with` as patterns.
fn affix(operand: &Operand) -> Option<(&Operand, Asks)> {
    let call = plain_call(operand)?;
    let [
        Argument::Operand(inner),
        Argument::Literal(Literal::Text(affix)),
    ] = call.arguments.as_slice()
    else {
        return None;
    };
    let affix = cuts::literal(affix);
    let pattern = match call.function.as_str() {
        "starts_with" => [affix, vec![Piece::Star]].concat(),
        "ends_with" => [vec![Piece::Star], affix].concat(),
        _ => return None,
    };
    let (subject, case) = cased(inner);
    let asks = Asks::Patterns {
        patterns: vec![pattern],
        case,
        strict: true,
    };
    Some((subject, asks))
}
