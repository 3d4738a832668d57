//! The syntax tree of an expression. It holds what was meant, never how it was laid out: brackets,
//! blanks, comments and the spelling of operators and numbers are gone.

use std::cmp::Ordering;
use std::hash::Hash;
use std::hash::Hasher;
use std::ops::Range;

use super::value::Literal;
use super::value::Member;
use super::value::Name;
use super::value::Text;

/// A filter expression: true or false for each request.
///
/// Two trees are equal if they say the same in the same order, whatever their layout was.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Expression {
    /// `true` or `false`.
    Constant(bool),
    /// A boolean field or call on its own, such as `ssl`.
    Boolean(Operand),
    /// A field or call held against literals.
    Comparison(Comparison),
    /// `not`.
    Not(Box<Expression>),
    /// `and`: two parts or more, none of them an `And` ([`Expression::and`] sees to both).
    And(Vec<Expression>),
    /// `xor`: two parts or more, none of them a `Xor`.
    Xor(Vec<Expression>),
    /// `or`: two parts or more, none of them an `Or`.
    Or(Vec<Expression>),
}

/// A field or call, and what it is held against.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Comparison {
    /// The left-hand side.
    pub left: Operand,
    /// The operator and its right-hand side.
    pub condition: Condition,
    /// From the first character of the field to the last of the value.
    pub span: Span,
}

/// An operator and its right-hand side, which is always literal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Condition {
    /// `eq`, `ne`, `lt`, `le`, `gt` or `ge`.
    Relation {
        /// Which of the six.
        relation: Relation,
        /// What is compared with.
        value: Literal,
    },
    /// `contains`: the text occurs somewhere in the value.
    Contains(Text),
    /// `matches`: a regular expression as Rust's engine reads it, not anchored.
    Matches(String),
    /// `wildcard` or `strict wildcard`: the whole value, `*` standing for anything.
    Wildcard {
        /// The pattern, with `\*` and `\\` still escaped; never `**`.
        pattern: Text,
        /// Whether letter case counts (`strict wildcard`).
        strict: bool,
    },
    /// `in {…}`: members of one kind, in the order in which they were written.
    OneOf(Vec<Member>),
    /// `in $name`: a list of the account, or a managed one.
    InList(Name),
}

/// How two values are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// `eq`, `==`.
    Equal,
    /// `ne`, `!=`.
    NotEqual,
    /// `lt`, `<`.
    Less,
    /// `le`, `<=`.
    LessOrEqual,
    /// `gt`, `>`.
    Greater,
    /// `ge`, `>=`.
    GreaterOrEqual,
}

/// A value that a request has: a field, or what a function makes of it, and the elements picked
/// from it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Operand {
    /// The field or the call.
    pub source: Source,
    /// The picks in square brackets, from left to right.
    pub indexes: Vec<Index>,
    /// From the first character of the name to the last bracket.
    pub span: Span,
}

/// Where an operand's value comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// A field, such as `http.request.headers`.
    Field(Name),
    /// A function call.
    Call(Call),
}

/// A function call. Any name parses; what it means is for others to know.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Call {
    /// The name of the function.
    pub function: Name,
    /// What it is given, in order.
    pub arguments: Vec<Argument>,
}

/// One argument of a call.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Argument {
    /// A string, an integer or an address.
    Literal(Literal),
    /// A field or another call, passed as it is.
    Operand(Operand),
    /// A truth value, as `any(…)` and `all(…)` take it; never a lone [`Expression::Boolean`], which
    /// is an operand.
    Expression(Expression),
}

/// A pick from an array or a map.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Index {
    /// `[0]`: a position, counted from zero.
    Position(u32),
    /// `["name"]`: a key.
    Key(Text),
    /// `[*]`: every element, each on its own.
    Every,
}

/// Where in the text a node stood, for underlining it.
///
/// A span takes no part in comparing trees: all spans are equal, so that the same expression in
/// another layout is the same tree.
#[derive(Clone, Copy, Debug, Default)]
pub struct Span {
    start: usize,
    end: usize,
}

impl Span {
    pub(super) fn new(range: Range<usize>) -> Self {
        let Range { start, end } = range;
        Self { start, end }
    }

    /// The bytes of the text that was parsed; empty for a node made in code.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.start..self.end
    }
}

impl PartialEq for Span {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

impl Eq for Span {}

impl PartialOrd for Span {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Span {
    fn cmp(&self, _other: &Self) -> Ordering {
        Ordering::Equal
    }
}

impl Hash for Span {
    fn hash<H: Hasher>(&self, _state: &mut H) {}
}
