//! Pieces of YAML put into a text: values, keys, entries and items, in the style that stands there.

use std::ops::Range;

use crate::config::Span;

/// What is to be put in, and where.
pub(super) struct Splices<'t> {
    text: &'t str,
    pieces: Vec<(Range<usize>, String)>,
}

impl<'t> Splices<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        Self {
            text,
            pieces: Vec::new(),
        }
    }

    /// The text with everything put in.
    pub(super) fn apply(mut self) -> String {
        // An alias names one place several times.
        self.pieces
            .sort_by_key(|(range, _)| (range.start, range.end));
        self.pieces.dedup();
        let mut out = String::with_capacity(self.text.len());
        let mut done = 0;
        for (range, piece) in &self.pieces {
            out.push_str(self.text.get(done..range.start).unwrap_or_default());
            out.push_str(piece);
            done = range.end.max(done);
        }
        out.push_str(self.text.get(done..).unwrap_or_default());
        out
    }

    /// Another value in the place of one.
    pub(super) fn replace_value(&mut self, at: Span, value: &str) {
        let range = self.value(at);
        self.pieces.push((range, value.to_owned()));
    }

    /// Another key beside the one whose value stands here.
    pub(super) fn add_key(&mut self, at: Span, key: &str) {
        let value = self.value(at);
        if self.is_in_flow(value.end) {
            self.insert(value.end, format!(", {key}"));
            return;
        }
        let indent = " ".repeat(self.key_column(value.start));
        self.insert_line(value.end, &format!("{indent}{key}"));
    }

    /// Another entry behind the one that has this value.
    pub(super) fn add_entry(&mut self, at: Span, keys: &[String]) {
        let value = self.value(at);
        let flow = format!("{{ {} }}", keys.join(", "));
        let is_flow = self.is_in_flow(value.end);
        if is_flow {
            let open = self.opening(value.start);
            let close = self.closing(value.end);
            if !self.follows_dash(open) {
                self.insert(close, format!(", {flow}"));
                return;
            }
            let indent = self.column_as_blanks(self.dash(open));
            self.insert_line(close, &format!("{indent}- {flow}"));
            return;
        }
        let column = self.key_column(value.start);
        let (dash, end) = self.block_entry(value.start, column);
        let indent = " ".repeat(dash);
        let inner = " ".repeat(column.saturating_sub(dash + 1));
        let below = format!("{}{}", self.line_break(), " ".repeat(column));
        self.insert_line(end, &format!("{indent}-{inner}{}", keys.join(&below)));
    }

    /// Another item behind the one that stands here.
    pub(super) fn add_item(&mut self, at: Span, item: &str) {
        let value = self.value(at);
        if self.follows_dash(value.start) {
            let indent = self.column_as_blanks(self.dash(value.start));
            self.insert_line(value.end, &format!("{indent}- {item}"));
        } else {
            self.insert(value.end, format!(", {item}"));
        }
    }

    fn insert(&mut self, at: usize, piece: String) {
        self.pieces.push((at..at, piece));
    }

    /// A line below the one that a place is in.
    fn insert_line(&mut self, at: usize, line: &str) {
        let end = self.line_end(at);
        let end = self
            .text
            .get(..end)
            .map_or(end, |text| end - usize::from(text.ends_with('\r')));
        self.insert(end, format!("{}{line}", self.line_break()));
    }

    /// The value at a place, with its quotes, or with its indicator where it is a block of lines.
    fn value(&self, at: Span) -> Range<usize> {
        let line = self.line_start(at.start);
        let before = self.text.get(line..at.start).unwrap_or_default();
        let begins = |c: char| {
            self.text
                .get(at.start..)
                .is_some_and(|text| text.starts_with(c))
        };
        let is_block = begins('|') || begins('>') || before.trim().is_empty();
        if !is_block {
            let written = self.text.get(at.start..at.end).unwrap_or_default();
            return at.start..at.start + written.trim_end().len();
        }
        let key = if begins('|') || begins('>') {
            line
        } else {
            self.line_start(line.saturating_sub(1))
        };
        let head = self.text.get(key..).unwrap_or_default();
        let start = match head.lines().next().and_then(|head| head.rfind(['|', '>'])) {
            Some(indicator) => key + indicator,
            None => at.start,
        };
        let column = self.indent_of(key);
        let mut end = self.line_end(start);
        let mut next = end + 1;
        while let Some(rest) = self.text.get(next..).filter(|rest| !rest.is_empty()) {
            let line = rest.lines().next().unwrap_or_default();
            let is_blank = line.trim().is_empty();
            if !is_blank && self.indent_of(next) <= column {
                break;
            }
            let line_end = self.line_end(next);
            if !is_blank {
                end = line_end;
            }
            next = line_end + 1;
        }
        let text = self.text.get(start..end).unwrap_or_default();
        start..start + text.trim_end().len()
    }

    /// Whether what follows a value belongs to a mapping or list in brackets.
    fn is_in_flow(&self, end: usize) -> bool {
        let rest = self.text.get(end..).unwrap_or_default().trim_start();
        rest.starts_with([',', '}'])
    }

    /// The bracket that opens the mapping in which a place is.
    fn opening(&self, at: usize) -> usize {
        let before = self.text.get(..at).unwrap_or_default();
        before.rfind('{').unwrap_or(at)
    }

    /// Behind the bracket that closes the mapping in which a place is.
    fn closing(&self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or_default();
        let mut quote = None;
        let mut open = 0_usize;
        for (offset, c) in rest.char_indices() {
            match (quote, c) {
                (Some(with), c) if with == c => quote = None,
                (None, '"' | '\'') => quote = Some(c),
                (None, '{') => open += 1,
                (None, '}') if open == 0 => return at + offset + 1,
                (None, '}') => open -= 1,
                _ => {}
            }
        }
        at
    }

    fn follows_dash(&self, at: usize) -> bool {
        let before = self.text.get(..at).unwrap_or_default();
        before.trim_end_matches(' ').ends_with('-') && before.ends_with(' ')
    }

    /// The dash before a place.
    fn dash(&self, at: usize) -> usize {
        let before = self.text.get(..at).unwrap_or_default();
        before.rfind('-').unwrap_or(at)
    }

    /// Where the key of a value begins in its line; what stands before it counts as blanks.
    fn key_column(&self, value: usize) -> usize {
        let line = self.line_start(value);
        let before = self.text.get(line..value).unwrap_or_default();
        let key = before.trim_end().trim_end_matches(':').trim_end();
        key.rfind(' ').map_or(0, |blank| blank + 1)
    }

    /// The column of the dash of a block entry whose keys stand in `column`, and a place in its last line.
    fn block_entry(&self, at: usize, column: usize) -> (usize, usize) {
        let mut line = self.line_start(at);
        let dash = loop {
            let text = self.text.get(line..self.line_end(line)).unwrap_or_default();
            let indent = self.indent_of(line);
            if indent < column && text.trim_start().starts_with('-') {
                break indent;
            }
            if line == 0 {
                break 0;
            }
            line = self.line_start(line - 1);
        };
        let mut last = self.line_end(at);
        let mut next = last + 1;
        while let Some(rest) = self.text.get(next..).filter(|rest| !rest.is_empty()) {
            let text = rest.lines().next().unwrap_or_default().trim();
            let is_silent = text.is_empty() || text.starts_with('#');
            if !is_silent && self.indent_of(next) <= dash {
                break;
            }
            let end = self.line_end(next);
            if !is_silent {
                last = end;
            }
            next = end + 1;
        }
        (dash, last)
    }

    fn column_as_blanks(&self, at: usize) -> String {
        " ".repeat(at - self.line_start(at))
    }

    fn indent_of(&self, line: usize) -> usize {
        let text = self.text.get(line..).unwrap_or_default();
        text.len() - text.trim_start_matches(' ').len()
    }

    fn line_start(&self, at: usize) -> usize {
        let before = self.text.get(..at).unwrap_or_default();
        before.rfind('\n').map_or(0, |newline| newline + 1)
    }

    fn line_end(&self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or_default();
        at + rest.find('\n').unwrap_or(rest.len())
    }

    fn line_break(&self) -> &'static str {
        if self.text.contains("\r\n") {
            "\r\n"
        } else {
            "\n"
        }
    }
}
