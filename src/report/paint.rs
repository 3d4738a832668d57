//! Colours, by what they mean.

use std::fmt;

use anstyle::AnsiColor;
use anstyle::Style;

/// Something that is added.
pub const ADDED: Style = AnsiColor::Green.on_default();
/// Something that changes.
pub const CHANGED: Style = AnsiColor::Yellow.on_default();
/// Something that goes.
pub const REMOVED: Style = AnsiColor::Red.on_default();
/// Something that went wrong.
pub const WRONG: Style = AnsiColor::Red.on_default().bold();
/// Something to be careful about.
pub const CAREFUL: Style = AnsiColor::Yellow.on_default().bold();
/// A heading.
pub const HEADING: Style = Style::new().bold();
/// A side remark.
pub const ASIDE: Style = Style::new().dimmed();

/// The text in that style, as one value that can be formatted.
pub fn paint(style: Style, text: impl fmt::Display) -> impl fmt::Display {
    format!("{style}{text}{style:#}")
}
