//! Reads Markdown as far as needed to see that nothing from outside became a part of its layout.

use mtlsctl::report::markdown::LIMIT;

/// The tags that a text may have.
const TAGS: &[&str] = &[
    "<details>",
    "</details>",
    "<summary>",
    "</summary>",
    "<code>",
    "</code>",
    "<br>",
];

/// Checks that a text has an end, that its folds and fences are balanced, that there are no tags but ours and that
/// nobody is called.
#[track_caller]
pub(crate) fn is_harmless(text: &str) {
    assert!(text.len() <= LIMIT, "{} bytes", text.len());
    let (first, rest) = text.split_once('\n').expect("a first line");
    let mark = first.strip_prefix("<!-- mtlsctl:");
    let mark = mark.and_then(|rest| rest.strip_suffix(" -->"));
    assert!(!mark.expect("a mark").contains("--"), "{first}");
    let mut fence: Option<&str> = None;
    let (mut folds, mut columns) = (0_usize, None);
    for line in rest.lines() {
        let ticks = &line[..line.len() - line.trim_start_matches('`').len()];
        match fence {
            Some(open) if line == open => fence = None,
            Some(open) => {
                let inner = line.trim_start();
                let ticks = inner.len() - inner.trim_start_matches('`').len();
                assert!(ticks < open.len(), "`{line}` ends its fence");
            }
            None if ticks.len() >= 3 => {
                let language = &line[ticks.len()..];
                assert!(["", "diff"].contains(&language), "{line}");
                fence = Some(ticks);
            }
            None => {
                is_plain(line);
                folds += line.matches("<details>").count();
                let closed = line.matches("</details>").count();
                folds = folds.checked_sub(closed).expect("a fold that is open");
                let bars = line.matches('|').count();
                columns = match columns {
                    _ if bars == 0 => None,
                    None => Some(bars),
                    Some(before) => {
                        assert_eq!(bars, before, "{line}");
                        Some(bars)
                    }
                };
            }
        }
    }
    assert_eq!((fence, folds), (None, 0), "{text}");
}

/// A line outside of fences.
#[track_caller]
fn is_plain(line: &str) {
    let mut rest = line;
    let mut code = 0;
    while let Some(at) = rest.find(['<', '@', '`', '[', '\\', '&']) {
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("&#64;").or(rest.strip_prefix("&#35;")) {
            let is_apart = code > 0 || after.starts_with("&#8203;");
            assert!(is_apart, "somebody may be called: {line}");
            rest = after;
        } else if let Some(after) = rest.strip_prefix("&#") {
            rest = after;
        } else if let Some(tag) = TAGS.iter().find(|tag| rest.starts_with(**tag)) {
            code += usize::from(*tag == "<code>");
            code -= usize::from(*tag == "</code>");
            rest = &rest[tag.len()..];
        } else {
            panic!("`{rest}` means something in {line}");
        }
    }
    assert_eq!(code, 0, "code that does not end: {line}");
}
