//! Foreign text made fit to be shown: one line, short, no control characters.

/// The most characters that are shown of a text we did not write.
const LIMIT: usize = 200;

/// The beginning of `text` in one line of at most 200 characters.
pub(crate) fn excerpt(text: &str) -> String {
    let mut line = printable(text);
    if let Some((end, _)) = line.char_indices().nth(LIMIT) {
        line.truncate(end);
        line.pop();
        line.push('…');
    }
    line
}

/// What stands around byte `at` of `body`, in one line of at most 200 characters.
pub(crate) fn excerpt_at(body: &[u8], at: usize) -> String {
    let at = at.min(body.len());
    let from = at.saturating_sub(LIMIT / 2);
    let until = (at + LIMIT / 2 - 2).min(body.len());
    let text = String::from_utf8_lossy(&body[from..until]);
    let inner = printable(text.trim_matches('\u{fffd}'));
    let mark = |cut: bool| if cut { "…" } else { "" };
    format!("{}{inner}{}", mark(from > 0), mark(until < body.len()))
}

/// A text with its white space squeezed and its control characters gone.
fn printable(text: &str) -> String {
    let is_gap = |c: char| c.is_whitespace() || c.is_control() || is_direction(c);
    let words: Vec<_> = text.split(is_gap).filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// Characters that turn the direction of the text after them, which a terminal would obey.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::excerpt;
    use super::excerpt_at;

    #[test]
    fn it_is_one_short_line_without_control_characters() {
        assert_eq!(excerpt("  a\r\n\t b\u{1b}[31mc \u{202e}d "), "a b [31mc d");
        assert_eq!(excerpt(&"x".repeat(200)), "x".repeat(200));
        assert!(excerpt(&"ü".repeat(5000)).ends_with("ü…"));
        assert_eq!(excerpt(&"ü".repeat(5000)).chars().count(), 200);
    }

    #[test]
    fn it_shows_the_place_that_is_meant() {
        let body = format!("{{{}\"ca\":\"yes\"{}}}", " ".repeat(500), "y".repeat(500));
        let shown = excerpt_at(body.as_bytes(), 510);
        assert!(shown.contains("\"ca\":\"yes\""), "{shown}");
        assert!(shown.chars().count() <= 200, "{shown}");
        assert_eq!(excerpt_at(b"{}", 999), "{}");
        assert_eq!(excerpt_at(b"", 0), "");
    }
}
