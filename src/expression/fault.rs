//! What can be wrong with an expression, in the words that people read.

use std::ops::Range;

use thiserror::Error;

use super::found::Found;

/// Why a text is no expression, and where.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{fault}")]
pub struct SyntaxError {
    /// The bytes of the text to point at; empty at its end if something is missing there.
    pub at: Range<usize>,
    /// What is wrong there.
    pub fault: Fault,
}

/// What is wrong with an expression.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Fault {
    /// There is nothing but blanks and comments.
    #[error("the expression is empty")]
    Empty,
    /// The text is not even read.
    #[error("the expression has {bytes} bytes, more than the {limit} that are read")]
    TooLong {
        /// How long it is.
        bytes: usize,
        /// How long it may be.
        limit: usize,
    },
    /// Brackets, `not` and calls stand too deep inside one another.
    #[error("nested more than {limit} levels deep; split the expression")]
    TooDeep {
        /// How deep it may be.
        limit: usize,
    },
    /// No term where there should be one.
    #[error("expected a field, a function call, `not` or `(`, found {found}")]
    ExpectedTerm {
        /// What is there instead.
        found: Found,
    },
    /// `"a" eq http.host`.
    #[error("a field or call stands on the left of an operator, the value on its right")]
    LiteralOnLeft,
    /// A field is followed by something that is neither an operator nor a connective.
    #[error("expected an operator such as `eq` or `in` after the field, found {found}")]
    ExpectedOperator {
        /// What is there instead.
        found: Found,
    },
    /// A complete term is followed by something else.
    #[error("expected `and`, `or`, `xor` or the end, found {found}")]
    ExpectedConnective {
        /// What is there instead.
        found: Found,
    },
    /// A term inside round brackets is followed by something else.
    #[error("expected `and`, `or`, `xor` or `)`, found {found}")]
    ExpectedClosing {
        /// What is there instead.
        found: Found,
    },
    /// An argument is followed by something else.
    #[error("expected `,` or `)` after the argument, found {found}")]
    ExpectedComma {
        /// What is there instead.
        found: Found,
    },
    /// No literal after an operator.
    #[error("expected a value after `{operator}`, found {found}")]
    ExpectedValue {
        /// The operator, as a word.
        operator: &'static str,
        /// What is there instead.
        found: Found,
    },
    /// The operator compares strings only.
    #[error("expected a string in double quotes after `{operator}`, found {found}")]
    ExpectedText {
        /// The operator, as a word.
        operator: &'static str,
        /// What is there instead.
        found: Found,
    },
    /// A word where a value should be.
    #[error(
        "`{word}` is not a value: strings need double quotes, and a field stands on the left of an operator only"
    )]
    Unquoted {
        /// The word.
        word: String,
    },
    /// `'…'`.
    #[error("strings need double quotes, not single ones")]
    SingleQuotes,
    /// `ssl eq true`.
    #[error("a boolean field stands alone, without `{operator}`: write `ssl` or `not ssl`")]
    BooleanValue {
        /// The operator, as a word.
        operator: &'static str,
    },
    /// Neither a set nor a list after `in`.
    #[error(
        "expected a set such as `{{\"a\" \"b\"}}` or a list such as `$name` after `in`, found {found}"
    )]
    ExpectedSet {
        /// What is there instead.
        found: Found,
    },
    /// Something else than a literal in a set.
    #[error("expected a string, a number, an address or `}}`, found {found}")]
    ExpectedMember {
        /// What is there instead.
        found: Found,
    },
    /// `{"a", "b"}`.
    #[error("the values of a set are separated by spaces, not by commas")]
    CommaInSet,
    /// `{"a" 1}`.
    #[error("a set holds values of one kind: strings, integers or addresses")]
    MixedSet,
    /// `ip.src eq 10.0.0.0/8`.
    #[error("a range or network stands in a set only: `in {{{text}}}`")]
    RangeOutsideSet {
        /// The range.
        text: String,
    },
    /// A range that ends before it starts, or whose ends do not belong together.
    #[error("a range goes from a smaller to a larger value of one kind, such as `80..89`")]
    BadRange,
    /// Neither an integer nor an address.
    #[error("`{text}` is neither an integer nor an address, and a string needs double quotes")]
    BadNumber {
        /// What is written.
        text: String,
    },
    /// An integer beyond 64 bits.
    #[error("`{text}` is too large an integer")]
    IntegerTooLarge {
        /// What is written.
        text: String,
    },
    /// Not a network.
    #[error("`{text}` is no network: an address, `/` and a prefix of at most 32 or 128 bits")]
    BadNetwork {
        /// What is written.
        text: String,
    },
    /// `10.0.0.1/8`.
    #[error("`{text}` has bits beyond its prefix; the network is `{network}`")]
    HostBits {
        /// What is written.
        text: String,
        /// The network that the address lies in.
        network: String,
    },
    /// A bracket is opened and not closed.
    #[error("this `{bracket}` is never closed")]
    NeverClosed {
        /// The opening bracket.
        bracket: char,
    },
    /// A bracket is closed and was not opened.
    #[error("this `{bracket}` was never opened")]
    NeverOpened {
        /// The closing bracket.
        bracket: char,
    },
    /// A string without an end.
    #[error("this string is never closed")]
    StringNeverClosed,
    /// More `#` than Cloudflare reads.
    #[error("a raw string has at most {limit} `#` on each side")]
    TooManyHashes {
        /// How many there may be.
        limit: usize,
    },
    /// A backslash before something else.
    #[error(
        "a quoted string knows the escapes `\\\"`, `\\\\`, `\\xHH` and `\\OOO` only; in `r\"…\"` a backslash is itself"
    )]
    BadEscape,
    /// `**` in a wildcard pattern.
    #[error("a wildcard pattern cannot hold `**`")]
    DoubleStar,
    /// A backslash in a wildcard pattern before something else.
    #[error("in a wildcard pattern a backslash stands before `*` or another backslash only")]
    BadWildcardEscape,
    /// A malformed field or function name.
    #[error("`{text}` is no field name; names are words joined by single dots")]
    BadName {
        /// What is written.
        text: String,
    },
    /// `notssl`, which the edge reads as `not ssl`.
    #[error("put a space after `not`; no field begins with it")]
    NoSpaceAfterNot,
    /// A malformed list name.
    #[error("a list name after `$` has lower-case letters, digits, `_` and inner dots only")]
    BadListName,
    /// Nothing usable between square brackets.
    #[error("expected a key such as `\"name\"`, a position such as `0`, or `*`, found {found}")]
    ExpectedIndex {
        /// What is there instead.
        found: Found,
    },
    /// A `[` without its `]`.
    #[error("expected `]`, found {found}")]
    ExpectedIndexEnd {
        /// What is there instead.
        found: Found,
    },
    /// `[*]` where nothing gathers the answers.
    #[error("`[*]` gives one answer per element: put the comparison into `any(…)` or `all(…)`")]
    EveryOutsideCall,
    /// `[*]` in a later argument.
    #[error("`[*]` can stand in the first argument of a function only")]
    EveryInLaterArgument,
    /// `AND`.
    #[error("operators are written in lower case: `{operator}`")]
    UpperCase {
        /// The operator in lower case.
        operator: String,
    },
    /// `http.host starts_with "a"`.
    #[error("`{function}` is a function, not an operator: write `{function}(field, \"…\")`")]
    FunctionAsOperator {
        /// Its name.
        function: String,
    },
    /// `ip.src not in {…}`.
    #[error("`not` stands before the field: `not ip.src in {{…}}`")]
    NotAfterField,
    /// `=`, `&` or `|`.
    #[error("`{symbol}` is no operator; did you mean `{instead}`?")]
    NoSuchOperator {
        /// What is written.
        symbol: String,
        /// What was probably meant.
        instead: &'static str,
    },
}
