//! Where a string literal ends. Reading an expression and measuring it both need to know, and must
//! agree.

/// Which escapes a quoted string has; it depends on the operator before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quoting {
    /// `\"`, `\\`, `\xHH` and `\OOO`.
    Basic,
    /// After `matches` and `~`: a backslash belongs to the regular expression, and a quote inside a
    /// character class does not end the string.
    Regex,
}

/// The content of the quoted string that `text` starts with, escapes and all, without its quotes.
///
/// `None` if it never ends. The first character is taken to be the opening quote.
pub(super) fn quoted(text: &str, quoting: Quoting) -> Option<&str> {
    let mut in_class = false;
    let mut escaped = false;
    let content = text.get(1..)?;
    for (at, byte) in content.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' if !in_class => return content.get(..at),
            b'[' => in_class = quoting == Quoting::Regex,
            b']' => in_class = false,
            _ => {}
        }
    }
    None
}

/// The opening of a raw string, and its content if it ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Raw<'t> {
    /// How many `#` stand around it.
    pub(super) hashes: usize,
    /// What is between the quotes; `None` if the string never ends.
    pub(super) content: Option<&'t str>,
}

impl Raw<'_> {
    /// The length of the opening delimiter, and of the closing one plus the `r`.
    pub(super) fn opening(&self) -> usize {
        "r".len() + self.hashes + "\"".len()
    }

    /// The length of the whole literal, in bytes; `None` if it never ends.
    pub(super) fn length(&self) -> Option<usize> {
        let closing = "\"".len() + self.hashes;
        Some(self.opening() + self.content?.len() + closing)
    }
}

/// The raw string that `text` starts with: `r"…"`, `r#"…"#` and so on. `None` if it starts with
/// none.
pub(super) fn raw(text: &str) -> Option<Raw<'_>> {
    let after_r = text.strip_prefix('r')?;
    let opened = after_r.trim_start_matches('#').strip_prefix('"')?;
    let hashes = after_r.len() - opened.len() - "\"".len();
    let closing = format!("\"{}", "#".repeat(hashes));
    let content = opened.find(&closing).and_then(|end| opened.get(..end));
    Some(Raw { hashes, content })
}

/// How many `#` a raw string needs around `content`.
pub(super) fn hashes_around(content: &str) -> usize {
    content
        .split('"')
        .skip(1)
        .map(|after_quote| after_quote.len() - after_quote.trim_start_matches('#').len() + 1)
        .max()
        .unwrap_or(0)
}
