//! The declared hosts as a table: whose clients each accepts, and which rules ask for that.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use comfy_table::ColumnConstraint;
use comfy_table::ContentArrangement;
use comfy_table::Table;
use comfy_table::Width;
use comfy_table::presets;

use crate::desired::Desired;
use crate::resource::Hostname;
use crate::resource::Name;

/// How many hosts are shown before the rest is counted.
const SHOWN: usize = 30;

const HEADER: [&str; 3] = ["host", "accepts clients of", "enforced by"];

/// One row per host.
#[must_use]
pub fn table(desired: &Desired, width: usize) -> String {
    if desired.hosts.is_empty() {
        return String::new();
    }
    let hosts = desired.hosts.iter().take(SHOWN);
    let rows: Vec<[String; 3]> = hosts
        .map(|(host, resolved)| {
            let rules = rules(desired, host);
            let cas = resolved.cas.iter().map(|name| called(desired, name));
            let rules = rules.iter().map(ToString::to_string);
            [host.to_string(), names(cas), names(rules)]
        })
        .collect();
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(width).unwrap_or(u16::MAX))
        .set_header(HEADER)
        .set_constraints(whole_names(&rows))
        .add_rows(&rows);
    if let Some(first) = table.column_mut(0) {
        first.set_padding((0, 1));
    }
    let mut text = format!("\n{}\n", table.trim_fmt());
    if let Some(more) = desired
        .hosts
        .len()
        .checked_sub(SHOWN)
        .filter(|more| *more > 0)
    {
        let _ = writeln!(text, "… and {more} more");
    }
    text
}

/// Each column is at least as wide as its longest name, even where the window is too narrow for that: a
/// name that is cut can be neither read nor copied.
fn whole_names(rows: &[[String; 3]]) -> [ColumnConstraint; 3] {
    [0, 1, 2].map(|column| {
        let names = rows.iter().flat_map(|row| row[column].split(' '));
        let longest = names.map(|name| name.chars().count()).max();
        let width = longest.unwrap_or_default() + PADDING;
        ColumnConstraint::LowerBoundary(Width::Fixed(u16::try_from(width).unwrap_or(u16::MAX)))
    })
}

/// Blanks around a cell.
const PADDING: usize = 2;

/// The enabled rules that cover a host.
fn rules(desired: &Desired, host: &Hostname) -> BTreeSet<Name> {
    let covers = |rule: &&crate::desired::Rule| {
        rule.enabled
            && rule
                .zones
                .values()
                .any(|requirement| requirement.hosts.contains_key(host))
    };
    desired
        .rules
        .iter()
        .filter(covers)
        .map(|rule| rule.name.clone())
        .collect()
}

/// The name of a CA; where it has left the file, with the digest that tells it from what has its name now.
fn called(desired: &Desired, name: &Name) -> String {
    let left = desired.cas.get(name).and_then(|ca| ca.left.as_ref());
    left.map_or_else(
        || name.to_string(),
        |mark| format!("{}@{}", mark.name, mark.digest),
    )
}

fn names(names: impl Iterator<Item = String>) -> String {
    let names: Vec<String> = names.collect();
    if names.is_empty() {
        return "nothing".to_owned();
    }
    names.join(", ")
}
