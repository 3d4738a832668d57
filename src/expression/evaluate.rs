//! What an expression says of a request of which not everything is known.
//!
//! A missing value (an array that is too short, a map without the key) makes every comparison
//! false, `ne` included, and makes most functions give a missing value again
//! (<https://developers.cloudflare.com/ruleset-engine/rules-language/values/#notes>). The published
//! engine can be set to answer `ne` otherwise; the documentation decides.

use std::borrow::Cow;

use super::function;
use super::lane::Lane;
use super::request::Reading;
use super::request::Request;
use super::request::Value;
use super::tree::Argument;
use super::tree::Call;
use super::tree::Condition;
use super::tree::Expression;
use super::tree::Index;
use super::tree::Operand;
use super::tree::Source;
use super::truth::Truth;
use super::value::Member;

impl Expression {
    /// Whether a request of which this much is known meets the expression.
    ///
    /// Never a guess: where neither the documentation nor what is known decides, the answer is
    /// [`Truth::Unknown`]. Each part counts for itself, so that `a or not a` is unknown while `a`
    /// is; [`decide`](super::decide) knows better.
    #[must_use]
    pub fn evaluate(&self, request: &Request) -> Truth {
        let known = Known::of(request);
        self.combined(&mut |test| known.test(test))
    }

    /// What is left of the expression for requests of which this much is known: tests that are decided by
    /// it are gone, and so is what they decide.
    #[must_use]
    pub fn given(&self, request: &Request) -> Self {
        let known = Known::of(request);
        self.rest(&known)
    }

    fn rest(&self, known: &Known<'_>) -> Self {
        let rest_of =
            |parts: &[Self]| -> Vec<Self> { parts.iter().map(|part| part.rest(known)).collect() };
        match self {
            Self::Constant(_) => self.clone(),
            Self::Boolean(_) | Self::Comparison(_) => match known.test(self).known() {
                Some(value) => Self::Constant(value),
                None => self.clone(),
            },
            Self::Not(inner) => match inner.rest(known) {
                Self::Constant(value) => Self::Constant(!value),
                inner => Self::not(inner),
            },
            Self::And(parts) => {
                let mut parts = rest_of(parts);
                if parts.contains(&Self::Constant(false)) {
                    return Self::Constant(false);
                }
                parts.retain(|part| *part != Self::Constant(true));
                Self::and(parts)
            }
            Self::Or(parts) => {
                let mut parts = rest_of(parts);
                if parts.contains(&Self::Constant(true)) {
                    return Self::Constant(true);
                }
                parts.retain(|part| *part != Self::Constant(false));
                Self::or(parts)
            }
            Self::Xor(parts) => {
                let (known, open): (Vec<Self>, Vec<Self>) = rest_of(parts)
                    .into_iter()
                    .partition(|part| matches!(part, Self::Constant(_)));
                let trues = known.iter().filter(|part| **part == Self::Constant(true));
                match (trues.count() % 2 == 1, Self::xor(open)) {
                    (odd, Self::Constant(value)) => Self::Constant(odd != value),
                    (true, rest) => Self::not(rest),
                    (false, rest) => rest,
                }
            }
        }
    }

    /// Its tests, from left to right: comparisons, and operands on their own.
    pub(super) fn each_test<'e>(&'e self, visit: &mut impl FnMut(&'e Self)) {
        match self {
            Self::Constant(_) => {}
            Self::Boolean(_) | Self::Comparison(_) => visit(self),
            Self::Not(inner) => inner.each_test(visit),
            Self::And(parts) | Self::Xor(parts) | Self::Or(parts) => {
                for part in parts {
                    part.each_test(visit);
                }
            }
        }
    }

    /// The truth of the whole, given that of its tests. Not all of them need be asked for.
    pub(super) fn combined(&self, test: &mut impl FnMut(&Self) -> Truth) -> Truth {
        match self {
            Self::Constant(value) => (*value).into(),
            Self::Boolean(_) | Self::Comparison(_) => test(self),
            Self::Not(inner) => inner.combined(test).negated(),
            Self::And(parts) => Truth::all(parts.iter().map(|part| part.combined(test))),
            Self::Xor(parts) => Truth::odd(parts.iter().map(|part| part.combined(test))),
            Self::Or(parts) => Truth::any(parts.iter().map(|part| part.combined(test))),
        }
    }
}

/// A request, and a value supposed for one operand.
#[derive(Clone, Copy)]
pub(super) struct Known<'r> {
    request: &'r Request,
    supposed: Option<(&'r Operand, Option<&'r Value>)>,
}

impl<'r> Known<'r> {
    pub(super) fn of(request: &'r Request) -> Self {
        Self {
            request,
            supposed: None,
        }
    }

    /// The same, supposing that `operand` has this value, or is missing.
    pub(super) fn supposing(self, operand: &'r Operand, value: Option<&'r Value>) -> Self {
        Self {
            supposed: Some((operand, value)),
            ..self
        }
    }

    /// The truth of a comparison, or of an operand on its own.
    pub(super) fn test(&self, test: &Expression) -> Truth {
        match test {
            Expression::Comparison(comparison) => {
                self.compare(&comparison.left, &comparison.condition)
            }
            Expression::Boolean(operand) => match self.read(operand) {
                Reading::Known(value) => match *value {
                    Value::Boolean(value) => value.into(),
                    _ => Truth::Unknown,
                },
                Reading::Missing => Truth::False,
                Reading::Unknown => Truth::Unknown,
            },
            other => other.combined(&mut |test| self.test(test)),
        }
    }

    fn compare(&self, left: &Operand, condition: &Condition) -> Truth {
        match self.read(left) {
            Reading::Known(value) => condition.holds(&value, self.request),
            Reading::Missing => Truth::False,
            Reading::Unknown => match self.members(condition) {
                Some([]) => Truth::False,
                _ => Truth::Unknown,
            },
        }
    }

    /// What a value has to be one of, if the condition asks for that and it is known.
    fn members<'c>(&'c self, condition: &'c Condition) -> Option<&'c [Member]> {
        match condition {
            Condition::OneOf(members) => Some(members),
            Condition::InList(name) => self.request.list(name.as_str()),
            _ => None,
        }
    }

    /// The value of an operand. With `[*]` among its picks it is the array of all elements.
    fn read(&self, operand: &Operand) -> Reading<'r> {
        match self.supposed {
            Some((supposed, value)) if supposed == operand => value
                .map_or(Reading::Missing, |value| {
                    Reading::Known(Cow::Borrowed(value))
                }),
            _ => self.pick(operand),
        }
    }

    fn pick(&self, operand: &Operand) -> Reading<'r> {
        let source = match &operand.source {
            Source::Field(name) => self.request.field(name.as_str()),
            Source::Call(call) => self.call(call),
        };
        let Reading::Known(source) = source else {
            return source;
        };
        if operand.indexes.is_empty() {
            return Reading::Known(source);
        }
        let every = operand
            .indexes
            .iter()
            .filter(|index| **index == Index::Every);
        let unpacked_last = every.count() == 1 && operand.indexes.last() == Some(&Index::Every);
        let mut picked = vec![&*source];
        for index in &operand.indexes {
            let mut inside = Vec::new();
            for value in picked {
                match elements(value, index) {
                    Some(elements) => inside.extend(elements),
                    None => return Reading::Unknown,
                }
            }
            // What a single `[*]` at the end would unpack is missing; several find nothing in it.
            if inside.is_empty() && *index != Index::Every && unpacked_last {
                return Reading::Missing;
            }
            picked = inside;
        }
        if unpacks(operand) {
            Reading::of(Value::Array(picked.into_iter().cloned().collect()))
        } else {
            let value = picked.first().map(|value| (*value).clone());
            value.map_or(Reading::Missing, Reading::of)
        }
    }

    fn call(&self, call: &Call) -> Reading<'r> {
        let function = call.function.as_str();
        match (function, call.arguments.as_slice()) {
            ("any", [argument]) => self.gathered(argument, Truth::any),
            ("all", [argument]) => self.gathered(argument, Truth::all),
            (_, [Argument::Operand(first), later @ ..]) if unpacks(first) => {
                self.each(function, first, later)
            }
            (_, arguments) => {
                let arguments: Vec<_> = arguments.iter().map(|one| self.argument(one)).collect();
                function::call(function, &arguments)
            }
        }
    }

    /// A call for each element of an unpacked array: the array of what comes of it, without what is
    /// missing.
    fn each(&self, function: &str, first: &Operand, later: &[Argument]) -> Reading<'r> {
        let elements = match self.read(first) {
            Reading::Known(value) => value.into_owned(),
            other => return other,
        };
        let Value::Array(elements) = elements else {
            return Reading::Unknown;
        };
        let later: Vec<_> = later.iter().map(|one| self.argument(one)).collect();
        let mut results = Vec::with_capacity(elements.len());
        for element in elements {
            let mut arguments = vec![Reading::of(element)];
            arguments.extend(later.iter().cloned());
            match function::call(function, &arguments) {
                Reading::Known(value) => results.push(value.into_owned()),
                Reading::Missing => {}
                Reading::Unknown => return Reading::Unknown,
            }
        }
        Reading::of(Value::Array(results))
    }

    fn argument(&self, argument: &Argument) -> Reading<'r> {
        match argument {
            Argument::Literal(literal) => Reading::of(literal.clone().into()),
            Argument::Operand(operand) => self.read(operand),
            Argument::Expression(expression) => self
                .test(expression)
                .known()
                .map_or(Reading::Unknown, |known| Reading::of(known.into())),
        }
    }

    /// `any` and `all`. What is missing on its own stays missing, while a comparison with the
    /// elements of a missing array has no answers to gather, as in the published engine: `all` of
    /// none is true.
    fn gathered(&self, argument: &Argument, gather: fn(Vec<Truth>) -> Truth) -> Reading<'r> {
        let lane = match argument {
            Argument::Literal(_) => Lane::Unknown,
            Argument::Operand(operand) => match self.read(operand) {
                Reading::Known(value) => Lane::of_booleans(&value),
                Reading::Missing => return Reading::Missing,
                Reading::Unknown => Lane::Unknown,
            },
            Argument::Expression(expression) => self.lane(expression),
        };
        let gathered = match lane {
            Lane::Each(truths) => gather(truths),
            Lane::Unknown => Truth::Unknown,
        };
        gathered
            .known()
            .map_or(Reading::Unknown, |known| Reading::of(known.into()))
    }

    /// The answers of an expression about the elements of an unpacked array.
    fn lane(&self, expression: &Expression) -> Lane {
        let lanes = |parts: &[Expression]| parts.iter().map(|part| self.lane(part)).collect();
        match expression {
            Expression::Boolean(operand) => match self.read(operand) {
                Reading::Known(value) => Lane::of_booleans(&value),
                Reading::Missing => Lane::Each(Vec::new()),
                Reading::Unknown => Lane::Unknown,
            },
            Expression::Comparison(comparison) if unpacks(&comparison.left) => {
                match self.read(&comparison.left) {
                    Reading::Known(value) => match &*value {
                        Value::Array(elements) => Lane::Each(
                            elements
                                .iter()
                                .map(|one| comparison.condition.holds(one, self.request))
                                .collect(),
                        ),
                        _ => Lane::Unknown,
                    },
                    Reading::Missing => Lane::Each(Vec::new()),
                    Reading::Unknown => Lane::Unknown,
                }
            }
            Expression::Constant(_) | Expression::Comparison(_) => Lane::Unknown,
            Expression::Not(inner) => self.lane(inner).negated(),
            Expression::And(parts) => Lane::combined(lanes(parts), Truth::all),
            Expression::Xor(parts) => Lane::combined(lanes(parts), Truth::odd),
            Expression::Or(parts) => Lane::combined(lanes(parts), Truth::any),
        }
    }
}

/// Whether `[*]` is among the picks.
pub(super) fn unpacks(operand: &Operand) -> bool {
    operand.indexes.contains(&Index::Every)
}

/// What one pick takes from a value: nothing if it is missing, and `None` if such a value has no
/// such picks.
fn elements<'v>(value: &'v Value, index: &Index) -> Option<Vec<&'v Value>> {
    match (value, index) {
        (Value::Array(items), Index::Position(position)) => {
            let position = usize::try_from(*position).ok()?;
            Some(items.get(position).into_iter().collect())
        }
        (Value::Map(items), Index::Key(key)) => Some(items.get(key).into_iter().collect()),
        (Value::Array(items), Index::Every) => Some(items.iter().collect()),
        (Value::Map(items), Index::Every) => Some(items.values().collect()),
        _ => None,
    }
}
