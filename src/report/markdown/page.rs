//! A text of bounded length: parts that do not fit are left out whole, and counted.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::report::words;

/// How many bytes, and therefore characters, a text has at the most. A comment on GitHub may have 65,536 characters
/// (<https://github.com/peter-evans/create-issue-from-file/issues/1049>).
pub const LIMIT: usize = 65_000;

/// Parts of one kind, between what opens and what closes their place.
pub(super) struct Section {
    /// What stands before them.
    pub(super) open: String,
    /// The parts, each whole for itself.
    pub(super) parts: Vec<String>,
    /// What stands behind them.
    pub(super) close: &'static str,
    /// What a part is, in the singular.
    pub(super) noun: &'static str,
}

impl Section {
    /// Parts that are seen at once.
    pub(super) fn open(heading: &str, noun: &'static str, parts: Vec<String>) -> Self {
        Self {
            open: format!("{heading}\n\n"),
            parts,
            close: "\n",
            noun,
        }
    }

    /// Parts that are folded away; `summary` is harmless HTML.
    pub(super) fn folded(summary: &str, noun: &'static str, parts: Vec<String>) -> Self {
        Self {
            open: format!("<details><summary>{summary}</summary>\n\n"),
            parts,
            close: "\n</details>\n\n",
            noun,
        }
    }
}

/// Room for the line that counts what a section left out.
const COUNT: usize = 120;

/// The text: its beginning, which is short, and the sections that have parts, those first that matter most.
pub(super) fn page(head: &str, sections: &[Section]) -> String {
    let mut out = head.to_owned();
    let mut hidden: BTreeMap<&str, usize> = BTreeMap::new();
    // The last line counts the parts of sections that have no room at all.
    let room = LIMIT - COUNT * 3;
    for section in sections.iter().filter(|section| !section.parts.is_empty()) {
        let Section {
            open,
            parts,
            close,
            noun,
        } = section;
        let frame = open.len() + close.len() + COUNT;
        if out.len() + frame > room {
            *hidden.entry(noun).or_default() += parts.len();
            continue;
        }
        let mut left = room - out.len() - frame;
        let mut left_out = 0;
        out.push_str(open);
        for part in parts {
            if part.len() <= left {
                left -= part.len();
                out.push_str(part);
            } else {
                left_out += 1;
            }
        }
        if left_out > 0 {
            let _ = write!(out, "\n**{}**\n", not_shown(left_out, noun));
        }
        out.truncate(out.trim_end().len());
        out.push('\n');
        out.push_str(close);
    }
    if !hidden.is_empty() {
        let counts = hidden
            .iter()
            .map(|(noun, count)| words::count(*count, noun));
        let counts: Vec<String> = counts.collect();
        let _ = writeln!(
            out,
            "**{} not shown, for want of room.**",
            words::list(&counts)
        );
    }
    out.truncate(out.trim_end().len());
    out + "\n"
}

fn not_shown(count: usize, noun: &str) -> String {
    format!("{} not shown, for want of room.", words::count(count, noun))
}

#[cfg(test)]
mod tests {
    use super::LIMIT;
    use super::Section;
    use super::page;

    #[test]
    fn what_does_not_fit_is_left_out_whole_and_counted() {
        let long = format!("{}\n", "x".repeat(LIMIT / 2 - 1000));
        let parts = vec![long.clone(), long.clone(), "short\n".to_owned(), long];
        let sections = [
            Section::folded("one", "step", parts),
            Section::folded(
                &"y".repeat(3000),
                "note",
                vec!["a".to_owned(), "b".to_owned()],
            ),
            Section::open("three", "note", vec!["end\n".to_owned()]),
        ];
        let text = page("head\n", &sections);
        assert!(text.len() <= LIMIT);
        assert!(text.contains("short\n"));
        assert!(
            text.contains("**1 step not shown, for want of room.**"),
            "{text}"
        );
        assert!(text.ends_with("**2 notes not shown, for want of room.**\n"));
        assert_eq!(
            text.matches("<details>").count(),
            text.matches("</details>").count()
        );
    }
}
