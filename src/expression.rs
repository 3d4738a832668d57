//! Cloudflare's rules language: an expression as a tree, read from text and printed again, and what
//! it says of a request of which not everything is known. Whether a field exists, of what type it
//! is, or what a rule does to a request, is not decided here.
//!
//! Three questions can be asked. [`Expression::evaluate`]: what is the answer for this request, as
//! far as it is known? [`decide`]: is the answer the same whatever the rest may be, and if not, for
//! what? [`Guards`]: the same about several expressions and their combinations, on the same
//! requests.
//!
//! The language is the one described at
//! <https://developers.cloudflare.com/ruleset-engine/rules-language/>. Where those pages are silent
//! (octal and hexadecimal integers, the quotes inside a character class of a regular expression,
//! how deep an expression may nest), the engine that Cloudflare publishes at
//! <https://github.com/cloudflare/wirefilter> decides.

mod build;
mod evaluate;
mod fault;
mod found;
mod function;
mod guard;
mod holds;
mod lane;
mod length;
mod mention;
mod parse;
mod pattern;
mod print;
mod request;
mod scan;
mod tree;
mod truth;
mod value;
mod wildcard;

pub use fault::Fault;
pub use fault::SyntaxError;
pub use found::Found;
pub use guard::Answer;
pub use guard::Bound;
pub use guard::Choice;
pub use guard::Guard;
pub use guard::GuardSet;
pub use guard::Guards;
pub use guard::decide;
pub use length::normalised_length;
pub use parse::parse;
pub use request::Request;
pub use request::Value;
pub use tree::Argument;
pub use tree::Call;
pub use tree::Comparison;
pub use tree::Condition;
pub use tree::Expression;
pub use tree::Index;
pub use tree::Operand;
pub use tree::Relation;
pub use tree::Source;
pub use tree::Span;
pub use truth::Truth;
pub use value::Addresses;
pub use value::Literal;
pub use value::Member;
pub use value::Name;
pub use value::Text;

/// The longest text that is read, in bytes. Cloudflare stores 4,096 characters; the rest is room
/// for layout and comments.
pub const MAX_BYTES: usize = 128 * 1024;

/// How deep brackets, `not` and calls may stand inside one another, in the text that is read and in
/// the text that is printed. It is what Cloudflare's published engine allows unless it is told
/// otherwise.
pub const MAX_NESTING: usize = 128;
