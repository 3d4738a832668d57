//! Small words: counts with their nouns, lists, wrapped sentences, lengths of time.

use std::time::Duration;

/// `1 rule`, `2 rules`.
#[must_use]
pub fn count(number: usize, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}

/// `a`, `a and b`, `a, b and c`.
#[must_use]
pub fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// A text on one line that does nothing to a terminal: control characters and marks of direction, which
/// names in the account may hold, are escaped.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        {
            visible.extend(c.escape_unicode());
        } else {
            visible.push(c);
        }
    }
    visible
}

/// The words of a text, broken into lines of at most `width` characters, each after `indent` blanks;
/// control characters are escaped.
#[must_use]
pub fn wrap(text: &str, indent: usize, width: usize) -> Vec<String> {
    let blanks = " ".repeat(indent);
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace().map(visible) {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(format!("{blanks}{word}")),
        }
    }
    lines
}

/// `800 ms`, `12 s`, `3 min`, `1 min 30 s`.
#[must_use]
pub fn duration(time: Duration) -> String {
    match (time.as_secs() / 60, time.as_secs() % 60) {
        (0, 0) => format!("{} ms", time.as_millis()),
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::count;
    use super::duration;
    use super::list;
    use super::visible;
    use super::wrap;

    #[test]
    fn counts_lists_and_times_read_like_sentences() {
        assert_eq!(count(1, "rule"), "1 rule");
        assert_eq!(count(0, "rule"), "0 rules");
        assert_eq!(list(&["a", "b", "c"].map(String::from)), "a, b and c");
        assert_eq!(duration(Duration::from_millis(250)), "250 ms");
        assert_eq!(duration(Duration::from_secs(90)), "1 min 30 s");
    }

    #[test]
    fn wrapping_keeps_to_the_width_and_loses_no_word() {
        let lines = wrap("one two three four", 2, 11);
        assert_eq!(lines, ["  one two", "  three", "  four"]);
        assert_eq!(wrap("unbreakable", 2, 5), ["  unbreakable"]);
    }

    #[test]
    fn names_from_outside_do_nothing_to_a_terminal() {
        assert_eq!(visible("a\u{1b}[2J\u{202e}b ö"), "a\\u{1b}[2J\\u{202e}b ö");
        assert_eq!(wrap("a\u{7}\nb", 0, 80), ["a\\u{7} b"]);
    }
}
