//! Regular expressions, in the dialect and the engine that Cloudflare uses
//! (<https://developers.cloudflare.com/ruleset-engine/rules-language/operators/#regular-expression-matching>).

use regex::bytes::Regex;
use regex::bytes::RegexBuilder;

/// No compiled expression takes more memory than this, in bytes.
const MAX_COMPILED: usize = 2 * 1024 * 1024;

/// Compiles `pattern`; `None` if it is malformed or too large.
///
/// Works on bytes: `.` and `\w` mean ASCII unless the pattern says `(?u)`, as in the published
/// engine.
pub(super) fn compile(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern)
        .unicode(false)
        .size_limit(MAX_COMPILED)
        .dfa_size_limit(MAX_COMPILED)
        .build()
        .ok()
}
