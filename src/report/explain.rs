//! Which rule decides for a request, and why, as text.

use std::fmt::Write as _;

use crate::edge;
use crate::edge::Client;
use crate::edge::Effect;
use crate::edge::Explanation;
use crate::edge::Matching;
use crate::edge::Reading;
use crate::edge::Verdict;
use crate::expression::Bound;
use crate::report::layout;
use crate::report::paint;
use crate::report::paint::paint;
use crate::report::words;
use crate::resource::Hostname;
use crate::resource::ZoneName;

/// What was asked about one kind of clients, and what becomes of their requests under each reading.
pub type Explained<'a> = (Asked<'a>, &'a [(Reading, Result<Explanation, Bound>)]);

/// A request, as it was asked about.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The host.
    pub host: &'a Hostname,
    /// Its zone.
    pub zone: &'a ZoneName,
    /// The client.
    pub client: &'a Client,
    /// The fields that were given, as they were written.
    pub given: &'a [String],
    /// The names of the CAs that the host asks for.
    pub cas: &'a [String],
    /// Whose rules they are, such as *as it is now*.
    pub state: &'a str,
}

/// The explanation under each reading; once where the readings agree.
#[must_use]
pub fn text(
    asked: &Asked<'_>,
    explanations: &[(Reading, Result<Explanation, Bound>)],
    width: usize,
) -> String {
    let mut out = String::new();
    let title = format!(
        "Requests to {} (zone {}), clients {}, {}",
        asked.host, asked.zone, asked.client, asked.state
    );
    paragraph(&mut out, &title, 0, width);
    for given in asked.given {
        let _ = writeln!(out, "  where {}", words::visible(given));
    }
    let asks = if asked.cas.is_empty() {
        "The host has no CA: the edge asks nobody for a certificate, and none counts.".to_owned()
    } else {
        format!(
            "The host asks for certificates of {}.",
            words::list(asked.cas)
        )
    };
    paragraph(&mut out, &asks, 0, width);
    let agree = explanations
        .windows(2)
        .all(|pair| matches!(pair, [(_, one), (_, other)] if one == other));
    let shown = if agree { 1 } else { explanations.len() };
    for (reading, explanation) in explanations.iter().take(shown) {
        out.push('\n');
        if !agree {
            let reading = match reading {
                Reading::PerHost => {
                    "If certificates are verified against the CAs of the host only:"
                }
                Reading::AccountWide => "If they are verified against all CAs of the account:",
            };
            let _ = writeln!(out, "{}", paint(paint::HEADING, reading));
        }
        match explanation {
            Ok(explanation) => one(&mut out, explanation, width),
            Err(bound) => paragraph(
                &mut out,
                &format!("This could not be found out: {bound}."),
                0,
                width,
            ),
        }
    }
    out
}

fn one(out: &mut String, explanation: &Explanation, width: usize) {
    let mut quiet = 0;
    for rule in &explanation.rules {
        if matches!(rule.matching, Matching::Nothing) {
            quiet += 1;
            continue;
        }
        not_matching(out, &mut quiet);
        line(out, rule, width);
    }
    not_matching(out, &mut quiet);
    if explanation.is_undecided {
        hanging(out, "end   ", "No rule decides: it passes.", 6, width);
    }
    verdict(out, explanation, width);
}

/// Rules that are for none of the requests, in one line.
fn not_matching(out: &mut String, quiet: &mut usize) {
    if *quiet > 0 {
        let verb = if *quiet == 1 { "does" } else { "do" };
        let line = format!("      {} {verb} not match", words::count(*quiet, "rule"));
        let _ = writeln!(out, "{}", paint(paint::ASIDE, line));
        *quiet = 0;
    }
}

fn line(out: &mut String, rule: &edge::Explained, width: usize) {
    let number = match rule.place.executed {
        None => format!("{}", rule.place.rule + 1),
        Some(inner) => format!("{}.{}", rule.place.rule + 1, inner + 1),
    };
    let name = words::wrap(&rule.name, 0, usize::MAX).join(" ");
    let what = match &rule.matching {
        Matching::Disabled => "is disabled".to_owned(),
        Matching::NotReached => "is not reached".to_owned(),
        Matching::Nothing => "does not match".to_owned(),
        Matching::Everything => format!("matches: {}", does(&rule.effect)),
        Matching::Some(guard) => format!("matches where {guard}: {}", does(&rule.effect)),
    };
    let text = format!("`{name}` {what}.");
    hanging(out, &format!("{number:<6}"), &text, 6, width);
    if matches!(rule.matching, Matching::Everything | Matching::Some(_)) {
        for line in expression(&rule.text, width) {
            let _ = writeln!(out, "{}", paint(paint::ASIDE, format!("        {line}")));
        }
    }
}

/// An expression on one line if it fits, else on some.
fn expression(text: &str, width: usize) -> Vec<String> {
    const MOST: usize = 12;
    let whole = words::visible(text);
    if whole.chars().count() + 8 <= width {
        return vec![whole];
    }
    let lines = layout::lines(text);
    let shown = lines.iter().take(MOST).map(|line| words::visible(line));
    let more = lines.len().saturating_sub(MOST);
    let rest = (more > 0).then(|| format!("… and {more} more lines"));
    shown.chain(rest).collect()
}

/// What a rule does with a request that matches.
fn does(effect: &Effect) -> &'static str {
    match effect {
        Effect::Block => "it is blocked",
        Effect::Challenge => "it is challenged",
        Effect::SkipRuleset => "the remaining rules of this ruleset are skipped",
        Effect::SkipPhase => "the rest of the custom rules is skipped",
        Effect::Nothing => "that decides nothing",
        Effect::Execute(_) => "the rules of another ruleset come first",
        Effect::Unknown => "what then happens could not be read",
    }
}

fn verdict(out: &mut String, explanation: &Explanation, width: usize) {
    let word = |verdict: Verdict| {
        let style = match verdict {
            Verdict::Pass => paint::ADDED,
            Verdict::Challenge => paint::CHANGED,
            Verdict::Block => paint::REMOVED,
        };
        paint(style, verdict.word()).to_string()
    };
    match explanation.verdicts.as_slice() {
        [] => paragraph(out, "There is no such request.", 0, width),
        [(only, _)] => {
            let _ = writeln!(out, "{} {}", paint(paint::HEADING, "Verdict:"), word(*only));
        }
        several => {
            let _ = writeln!(out, "{} it depends", paint(paint::HEADING, "Verdict:"));
            for (verdict, guard) in several {
                let label = format!("  {} ", word(*verdict));
                let indent = verdict.word().len() + 3;
                hanging(
                    out,
                    &label,
                    &format!("for one where {guard}"),
                    indent,
                    width,
                );
            }
            paragraph(
                out,
                "Fix what it depends on with --path or --set FIELD=VALUE.",
                0,
                width,
            );
        }
    }
}

/// A text after a label that takes `indent` columns.
fn hanging(out: &mut String, label: &str, text: &str, indent: usize, width: usize) {
    let lines = words::wrap(text, indent, width).join("\n");
    let _ = writeln!(out, "{label}{}", lines.trim_start());
}

fn paragraph(out: &mut String, text: &str, indent: usize, width: usize) {
    for line in words::wrap(text, indent, width) {
        out.push_str(&line);
        out.push('\n');
    }
}
