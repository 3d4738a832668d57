//! The coverage matrix: a row for each group of hosts, a column for each client, and what the words mean.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anstyle::Style;

use crate::audit::Cell;
use crate::audit::Coverage;
use crate::audit::Outcome;
use crate::audit::Row;
use crate::edge::Reading;
use crate::edge::Verdict;
use crate::report::audit::columns::Column;
use crate::report::audit::columns::columns;
use crate::report::audit::columns::openness;
use crate::report::audit::labelled;
use crate::report::paint;
use crate::report::paint::paint;
use crate::report::words;

/// How many rows are shown before the rest is counted.
const ROWS_SHOWN: usize = 40;
/// A group of more hosts than this shows the first few and a count.
const HOSTS_SHOWN: usize = 3;
/// So many it shows then.
const HOSTS_OF_MANY: usize = 2;
/// Blanks between two columns.
const GAP: usize = 2;

/// The matrix with its legend.
pub(super) fn text(coverage: &Coverage, width: usize) -> String {
    let rows: Vec<&Row> = coverage.rows.iter().take(ROWS_SHOWN).collect();
    if rows.is_empty() {
        let nothing = "No host of the zones that were read and are served asks for client certificates, and none \
                       of their rules is about them.";
        return words::wrap(nothing, 0, width).join("\n") + "\n";
    }
    let (columns, remarks) = columns(coverage);
    let intro = "Who gets in where, leaving aside requests that other rules stop; a CA stands for its clients:";
    let mut out = words::wrap(intro, 0, width).join("\n") + "\n";
    for block in blocks(&rows, &columns, width) {
        out.push('\n');
        out.push_str(&table(&rows, block));
    }
    if let Some(more) = (coverage.rows.len().checked_sub(ROWS_SHOWN)).filter(|more| *more > 0) {
        let _ = writeln!(out, "… and {more} more (all of them in --format json)");
    }
    out.push('\n');
    out.push_str(&legend(&rows, &columns, width));
    for remark in remarks {
        out.push_str(&labelled("  ", &remark, width));
    }
    out
}

/// The columns in portions that fit beside the hosts.
fn blocks<'c>(rows: &[&Row], columns: &'c [Column], width: usize) -> Vec<&'c [Column]> {
    let room = width.saturating_sub(hosts_width(rows));
    let mut blocks = Vec::new();
    let mut rest = columns;
    while !rest.is_empty() {
        let mut used = 0;
        let fitting = rest.iter().take_while(|column| {
            used += GAP + column_width(rows, column);
            used <= room
        });
        let (block, after) = rest.split_at(fitting.count().max(1));
        blocks.push(block);
        rest = after;
    }
    blocks
}

fn table(rows: &[&Row], columns: &[Column]) -> String {
    let first = hosts_width(rows);
    let widths: Vec<usize> = columns.iter().map(|one| column_width(rows, one)).collect();
    let line = |host: &str, cells: &[(Style, String)]| {
        let mut line = host.to_owned();
        let mut behind = first.saturating_sub(host.chars().count());
        for ((style, cell), width) in cells.iter().zip(&widths) {
            let _ = write!(line, "{}{}", " ".repeat(behind + GAP), paint(*style, cell));
            behind = width.saturating_sub(cell.chars().count());
        }
        line + "\n"
    };
    let headings = columns
        .iter()
        .map(|one| (paint::HEADING, one.heading.clone()));
    let mut out = line("", &headings.collect::<Vec<_>>());
    for row in rows {
        let shown = columns.iter().map(|column| {
            let (word, style) = row.cells.get(column.client).map_or_else(
                || (String::new(), Style::new()),
                |cell| (word(*cell), style(row, column, *cell)),
            );
            (style, word)
        });
        let shown: Vec<(Style, String)> = shown.collect();
        for (nth, host) in hosts(row).iter().enumerate() {
            let cells = if nth == 0 { shown.as_slice() } else { &[] };
            out.push_str(&line(host, cells));
        }
    }
    out
}

/// What stands before a row, in one line or several.
fn hosts(row: &Row) -> Vec<String> {
    if row.hosts.is_empty() {
        return vec![format!("any other host of {}", row.zone)];
    }
    if row.hosts.len() <= HOSTS_SHOWN {
        return row.hosts.iter().map(ToString::to_string).collect();
    }
    let first = row
        .hosts
        .iter()
        .take(HOSTS_OF_MANY)
        .map(ToString::to_string);
    let more = format!("and {} more", row.hosts.len() - HOSTS_OF_MANY);
    first.chain([more]).collect()
}

fn hosts_width(rows: &[&Row]) -> usize {
    let lines = rows.iter().flat_map(|row| hosts(row));
    lines
        .map(|line| line.chars().count())
        .max()
        .unwrap_or_default()
}

fn column_width(rows: &[&Row], column: &Column) -> usize {
    let cells = rows.iter().filter_map(|row| row.cells.get(column.client));
    let widest = cells.map(|cell| word(*cell).chars().count()).max();
    widest
        .unwrap_or_default()
        .max(column.heading.chars().count())
}

/// The outcome that lets in furthest, and the reading that alone says so.
fn outcome(cell: Cell) -> (Outcome, Option<Reading>) {
    if openness(cell.account_wide) > openness(cell.per_host) {
        (cell.account_wide, Some(Reading::AccountWide))
    } else if cell.per_host == cell.account_wide {
        (cell.per_host, None)
    } else {
        (cell.per_host, Some(Reading::PerHost))
    }
}

fn word(cell: Cell) -> String {
    let (outcome, only) = outcome(cell);
    format!("{}{}", outcome_word(outcome), only.map_or("", mark))
}

fn outcome_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Always(verdict) => verdict.word(),
        Outcome::Depends => "some",
        Outcome::Unknown => "?",
    }
}

fn mark(only: Reading) -> &'static str {
    match only {
        Reading::AccountWide => "*",
        Reading::PerHost => "+",
    }
}

/// Red where somebody gets in whom the host should not know, green where that is refused.
fn style(row: &Row, column: &Column, cell: Cell) -> Style {
    let knows_nobody = column.client < 2;
    match outcome(cell).0 {
        _ if row.cas.is_empty() => Style::new(),
        Outcome::Always(Verdict::Block) if knows_nobody => paint::ADDED,
        Outcome::Always(Verdict::Pass) if knows_nobody => paint::REMOVED,
        _ if knows_nobody => paint::CHANGED,
        Outcome::Always(Verdict::Block) => paint::ASIDE,
        _ => Style::new(),
    }
}

/// Every heading and word that occurs and does not explain itself.
fn legend(rows: &[&Row], columns: &[Column], width: usize) -> String {
    let cells = rows.iter().flat_map(|row| {
        columns
            .iter()
            .filter_map(|column| row.cells.get(column.client))
    });
    let (mut used, mut marks) = (BTreeSet::new(), BTreeSet::new());
    for cell in cells {
        let (outcome, only) = outcome(*cell);
        used.insert(outcome_word(outcome));
        marks.extend(only);
    }
    let mut entries: Vec<(&str, String)> = columns
        .iter()
        .filter_map(|one| {
            Some((
                one.heading.as_str(),
                format!("clients {}", one.explained.as_ref()?),
            ))
        })
        .collect();
    let mut explain = |occurs: bool, word: &'static str, meaning: &str| {
        if occurs {
            entries.push((word, meaning.to_owned()));
        }
    };
    for (word, meaning) in WORDS {
        explain(used.contains(word), word, meaning);
    }
    for (reading, meaning) in MARKS {
        explain(marks.contains(&reading), mark(reading), meaning);
    }
    let longest = entries.iter().map(|(word, _)| word.chars().count()).max();
    let longest = longest.unwrap_or_default();
    entries
        .iter()
        .map(|(word, meaning)| labelled(&format!("  {word:longest$}  "), meaning, width))
        .collect()
}

const WORDS: [(&str, &str); 5] = [
    ("pass", "they get in"),
    ("block", "they are refused"),
    (
        "challenge",
        "they are challenged: people can get in, machines cannot",
    ),
    ("some", "it depends on the request"),
    ("?", "it could not be found out"),
];

/// Which reading holds, nobody outside Cloudflare can tell.
const MARKS: [(Reading, &str); 2] = [
    (
        Reading::AccountWide,
        "only if the edge verifies certificates against all CAs of the account; if against those of the host, \
         fewer get in",
    ),
    (
        Reading::PerHost,
        "only if the edge verifies certificates against the CAs of the host; if against all of the account, fewer \
         get in",
    ),
];
