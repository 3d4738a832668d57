//! Texts from outside, made harmless in Markdown and in the HTML within it.
//!
//! One spelling serves both: character references are text wherever they stand, and never structure
//! (`CommonMark` 0.31.2, section 2.5, <https://spec.commonmark.org/0.31.2/#entity-and-numeric-character-references>).
//! They do not keep a site from finding names of people (`@name`) and issues (`#1`) in the finished text, so in
//! prose an empty character parts these; inside `<code>` nothing is looked for.

use std::fmt::Write as _;

use crate::report::words;

/// Parts what belongs together, and is not seen.
const APART: &str = "&#8203;";

/// A name or a value, as code.
pub(super) fn code(text: &str) -> String {
    format!("<code>{}</code>", referenced(text, ""))
}

/// A sentence, in which what stands between backticks is code.
pub(super) fn sentence(text: &str) -> String {
    let pieces: Vec<&str> = text.split('`').collect();
    // An odd number of backticks does not pair up.
    if pieces.len().is_multiple_of(2) {
        return prose(text);
    }
    let mut out = String::new();
    for (nth, piece) in pieces.iter().enumerate() {
        match nth % 2 {
            0 if nth == 0 => out.push_str(&prose(piece)),
            0 => out.push_str(&referenced(piece, APART)),
            _ if piece.is_empty() => out.push_str("&#96;&#96;"),
            _ => out.push_str(&code(piece)),
        }
    }
    out
}

/// A text that may stand at the beginning of a line.
fn prose(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        // It could begin a list or underline a heading.
        Some(first) if "+-=0123456789".contains(first) => {
            let rest = referenced(characters.as_str(), APART);
            format!("&#{};{rest}", u32::from(first))
        }
        _ => referenced(text, APART),
    }
}

/// What could mean something, as character references; `apart` follows what a site looks for.
fn referenced(text: &str, apart: &str) -> String {
    let text = words::visible(text);
    let mut out = String::with_capacity(text.len());
    let mut before = ['\0'; 3];
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let follows = rest.clone().next();
        // `http://` and `www.` become links by themselves, `:word:` a picture.
        let is_part_of_link = match c {
            ':' => follows.is_some_and(|next| next == '/' || next.is_alphanumeric()),
            '.' => before.iter().all(|one| one.eq_ignore_ascii_case(&'w')),
            _ => false,
        };
        if is_part_of_link || "&<>\\`*_[]#|~$@".contains(c) {
            let _ = write!(out, "&#{};", u32::from(c));
        } else {
            out.push(c);
        }
        if matches!(c, '@' | '#') {
            out.push_str(apart);
        }
        before = [before[1], before[2], c];
    }
    out
}

/// Lines as a block of code, in a language for colours, perhaps none.
pub(super) fn fenced<'a>(language: &str, lines: impl IntoIterator<Item = &'a str>) -> String {
    let lines: Vec<String> = lines.into_iter().map(words::visible).collect();
    let longest = lines.iter().map(|line| longest_run(line)).max();
    let fence = "`".repeat(longest.unwrap_or_default().max(2) + 1);
    let mut out = format!("{fence}{language}\n");
    for line in lines {
        out.push_str(&line);
        out.push('\n');
    }
    out + &fence + "\n"
}

/// How many backticks stand in a row at the most.
fn longest_run(line: &str) -> usize {
    let runs = line.split(|c| c != '`').map(str::len);
    runs.max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::code;
    use super::fenced;
    use super::sentence;

    #[test]
    fn nothing_from_outside_is_structure() {
        assert_eq!(
            code("a`b|</details>\n@all"),
            "<code>a&#96;b&#124;&#60;/details&#62;&#92;u{a}&#64;all</code>"
        );
        assert_eq!(
            sentence("ask @all in #1"),
            "ask &#64;&#8203;all in &#35;&#8203;1"
        );
        assert_eq!(sentence("1. a"), "&#49;. a");
        assert_eq!(
            sentence("see http://a.example or WWW.example.com :tada:"),
            "see http&#58;//a.example or WWW&#46;example.com &#58;tada:"
        );
    }

    #[test]
    fn what_stands_between_backticks_is_code_if_they_pair_up() {
        assert_eq!(sentence("add `--yes`"), "add <code>--yes</code>");
        assert_eq!(sentence("rule `@a"), "rule &#96;&#64;&#8203;a");
        assert_eq!(sentence("``"), "&#96;&#96;");
    }

    #[test]
    fn a_fence_is_longer_than_any_row_of_backticks_in_it() {
        assert_eq!(
            fenced("diff", ["+ a", "````"]),
            "`````diff\n+ a\n````\n`````\n"
        );
        assert_eq!(fenced("", ["a\nb"]), "```\na\\u{a}b\n```\n");
    }
}
