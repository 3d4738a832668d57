//! Where the CAs stand, as a table and for programs.

use std::fmt::Write as _;

use comfy_table::ContentArrangement;
use comfy_table::Table;
use comfy_table::presets;
use schemars::JsonSchema;
use serde::Serialize;

use crate::plan::status::CaStatus;
use crate::plan::status::Event;
use crate::plan::status::State;
use crate::plan::status::Status;
use crate::plan::status::What;
use crate::report::words;

const HEADER: [&str; 7] = [
    "CA", "content", "days", "in file", "asked", "passes", "state",
];

/// Counts up when a field of the JSON changes its meaning or goes.
const FORMAT_VERSION: u32 = 1;

/// The table, what its columns mean, and the next date.
#[must_use]
pub fn text(status: &Status, width: usize) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(width).unwrap_or(u16::MAX))
        .set_header(HEADER)
        .add_rows(status.cas.iter().map(row));
    if let Some(first) = table.column_mut(0) {
        first.set_padding((0, 1));
    }
    let mut out = String::new();
    if !status.cas.is_empty() {
        let _ = writeln!(out, "{}\n", table.trim_fmt());
    }
    let mut say = |sentence: &str| {
        for line in words::wrap(sentence, 0, width) {
            let _ = writeln!(out, "{line}");
        }
    };
    say(
        "Days of validity left; hosts on which the file accepts the CA, hosts that ask for its certificates, \
         and hosts on which our rules let its clients past.",
    );
    match status.dates.first() {
        Some(next) => say(&format!("Next date: {}.", event(next))),
        None => say("No date is to come."),
    }
    say(&format!(
        "CA slots: {} of {} in use.",
        status.slots, status.quota
    ));
    out
}

fn row(ca: &CaStatus) -> [String; 7] {
    [
        words::visible(&ca.label),
        ca.digest.clone().unwrap_or_else(|| "-".to_owned()),
        ca.days.map_or("-".to_owned(), |days| days.to_string()),
        ca.declared.to_string(),
        ca.live.to_string(),
        ca.accepted.to_string(),
        state(&ca.state),
    ]
}

fn state(state: &State) -> String {
    match state {
        State::NotUploaded => "not uploaded".to_owned(),
        State::WaitsForSlot => "waits for a free CA slot".to_owned(),
        State::Held { until } => format!("rotating: held until {until}"),
        State::Retiring { on } => format!("retiring on {on}"),
        State::Retired { on, is_live: true } => format!("retired on {on}, goes with the next plan"),
        State::Retired { on, is_live: false } => format!("retired on {on}, gone"),
        State::Leaving => "not in the file, goes with the next plan".to_owned(),
        State::Expired => "expired".to_owned(),
        State::Expires => "expires soon".to_owned(),
        State::Live => "live".to_owned(),
        State::NotOurs => "not in the file, not ours".to_owned(),
    }
}

fn event(Event { on, ca, what }: &Event) -> String {
    match what {
        What::Expires => format!("{on}, {ca} expires"),
        What::Retires => format!("{on}, {ca} retires"),
        What::MayGo => {
            format!("{on}, {ca} may go: its successor has been accepted for `min_overlap`")
        }
    }
}

/// Everything for programs, with a newline at its end.
#[must_use]
pub fn json(status: &Status) -> String {
    let report = Report {
        format_version: FORMAT_VERSION,
        today: status.today.to_string(),
        slots: Slots {
            quota: status.quota,
            used: status.slots,
        },
        cas: status.cas.iter().map(Row::of).collect(),
        dates: status.dates.iter().map(Dated::of).collect(),
    };
    // Texts, numbers and lists of them: there is nothing that could not be written.
    serde_json::to_string_pretty(&report).unwrap_or_default() + "\n"
}

/// Where each CA stands, and what dates will bring.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Status")]
pub(super) struct Report<'a> {
    format_version: u32,
    today: String,
    slots: Slots,
    cas: Vec<Row<'a>>,
    /// The next first.
    dates: Vec<Dated<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct Slots {
    quota: usize,
    used: usize,
}

#[derive(Serialize, JsonSchema)]
struct Row<'a> {
    name: &'a str,
    in_file: bool,
    digest: Option<&'a str>,
    not_after: Option<String>,
    days_left: Option<i64>,
    hosts_in_file: usize,
    hosts_asking: usize,
    hosts_passing: usize,
    state: &'static str,
    /// The day that the state speaks of.
    date: Option<String>,
}

impl<'a> Row<'a> {
    fn of(ca: &'a CaStatus) -> Self {
        let (state, date) = match &ca.state {
            State::NotUploaded => ("not_uploaded", None),
            State::WaitsForSlot => ("waits_for_slot", None),
            State::Held { until } => ("held", Some(until)),
            State::Retiring { on } => ("retiring", Some(on)),
            State::Retired { on, is_live: true } => ("retired", Some(on)),
            State::Retired { on, is_live: false } => ("gone", Some(on)),
            State::Leaving => ("leaving", None),
            State::Expired => ("expired", None),
            State::Expires => ("expires", None),
            State::Live => ("live", None),
            State::NotOurs => ("not_ours", None),
        };
        Self {
            name: &ca.label,
            in_file: ca.in_file,
            digest: ca.digest.as_deref(),
            not_after: ca.not_after.map(|end| end.to_string()),
            days_left: ca.days,
            hosts_in_file: ca.declared,
            hosts_asking: ca.live,
            hosts_passing: ca.accepted,
            state,
            date: date.map(ToString::to_string),
        }
    }
}

#[derive(Serialize, JsonSchema)]
struct Dated<'a> {
    date: String,
    ca: &'a str,
    event: &'static str,
}

impl<'a> Dated<'a> {
    fn of(event: &'a Event) -> Self {
        Self {
            date: event.on.to_string(),
            ca: &event.ca,
            event: match event.what {
                What::Expires => "expires",
                What::Retires => "retires",
                What::MayGo => "may_go",
            },
        }
    }
}
