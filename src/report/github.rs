//! Annotations, job summaries and outputs of GitHub Actions.
//!
//! A workflow command is one line of the output, `::error title=…::…`. In what it says, `%` and line breaks are
//! escaped; in its properties `:` and `,` too
//! (<https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts>).
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>

use std::fmt::Write as _;

use crate::config::Problem;
use crate::config::Severity;
use crate::edge::Verdict;
use crate::execute::StepOutcome;
use crate::plan::Refusal;
use crate::report::drift::items;
use crate::report::drift::text;
use crate::report::effects;
use crate::report::effects::Group;
use crate::report::effects::Told;
use crate::report::plan;
use crate::report::shown::Drifted;
use crate::report::shown::Failed;
use crate::report::shown::Planned;
use crate::report::shown::Ran;
use crate::report::verify;
use crate::report::words;
use crate::verify::Report;

/// How many annotations of one kind GitHub shows of a step
/// (<https://github.com/orgs/community/discussions/26680>); the last one counts the rest.
const MOST: usize = 10;

/// How serious an annotation is.
#[derive(Clone, Copy)]
enum Level {
    Error,
    Warning,
    Notice,
}

/// A plan: what stands against it, who changes verdict, and the sums.
#[must_use]
pub fn plan(planned: &Planned<'_>) -> String {
    let Planned { plan, refusals, .. } = planned;
    let mut out = refused(refusals);
    if !plan.is_empty() {
        let (careful, others) = verdicts(planned);
        for (level, about, told) in [
            (Level::Warning, "Who gets in", careful),
            (Level::Notice, "Who changes verdict", others),
        ] {
            if !told.is_empty() {
                out.push_str(&line(level, &[title(about)], &some(&told)));
            }
        }
    }
    let mut sums = format!("{}\n{}", plan::sum(plan), plan::slots_used(&plan.slots));
    if !plan.is_empty() && plan.safety.is_safe() {
        let _ = write!(sums, "\n{}", effects::evidence(&plan.safety.evidence));
    }
    out + &line(Level::Notice, &[title("mtlsctl plan")], &sums)
}

/// A run: what failed, and the sums.
#[must_use]
pub fn outcome(ran: &Ran<'_>) -> String {
    let Ran {
        planned,
        outcome,
        verified,
        failed,
        exit_code: _,
    } = ran;
    let Some(outcome) = outcome else {
        let error = failed.filter(|_| planned.refusals.is_empty()).map(error);
        return plan(planned)
            + &verified.map(hosts).unwrap_or_default()
            + &error.unwrap_or_default();
    };
    let steps = planned.plan.steps().zip(&outcome.steps);
    let failures = steps.filter_map(|(step, became)| match became {
        StepOutcome::Failed(failure) => Some(format!("{}: {failure}", step.address)),
        StepOutcome::Applied | StepOutcome::NotTried => None,
    });
    let mut out = limited(Level::Error, "Failed", &failures.collect::<Vec<_>>());
    if let Some(failed) = failed {
        out.push_str(&error(failed));
    }
    for meanwhile in &outcome.meanwhile {
        let told = format!("{meanwhile}.");
        out.push_str(&line(Level::Notice, &[title("Meanwhile")], &told));
    }
    out.push_str(&verified.map(hosts).unwrap_or_default());
    let (applied, failed, not_tried) = outcome.counts();
    let sums = format!("{applied} applied, {failed} failed, {not_tried} not tried.");
    out + &line(Level::Notice, &[title("mtlsctl apply")], &sums)
}

/// What is wrong with hosts seen from outside, and the sums.
fn hosts(report: &Report) -> String {
    let findings = report.hosts.iter().flat_map(|host| {
        host.findings.iter().map(|one| {
            format!(
                "{}: {}\nwhy: {}\nhelp: {}",
                host.host, one.what, one.why, one.remedy
            )
        })
    });
    let wrong = limited(Level::Error, "Hosts", &findings.collect::<Vec<_>>());
    wrong + &line(Level::Notice, &[title("Hosts")], &verify::sum(report))
}

/// Drift: who gets in or is stopped wrongly, failing access tests, and what differs.
#[must_use]
pub fn drift(drifted: &Drifted<'_>) -> String {
    let Drifted { drift, counts, .. } = drifted;
    let level = if *counts { Level::Error } else { Level::Notice };
    let mut out = String::new();
    let (exposed, locked_out) = text::sides(&drift.shifts);
    for (about, shifts) in [
        ("Who gets in and should not", exposed),
        ("Who is stopped and should get in", locked_out),
    ] {
        let told: Vec<String> = changes(effects::groups(shifts, Told::Drift))
            .map(|(_, told)| told)
            .collect();
        if !told.is_empty() {
            out.push_str(&line(level, &[title(about)], &some(&told)));
        }
    }
    let failing: Vec<String> = drift.tests.iter().map(text::failing).collect();
    out.push_str(&limited(level, "Access tests that do not hold", &failing));
    for (grade, items) in items::by_grade(&drift.differences) {
        let told = items
            .iter()
            .map(|item| format!("{} {}: {}", item.symbol, item.object, item.said.join("; ")));
        let told: Vec<String> = told.collect();
        out.push_str(&line(Level::Notice, &[title(grade)], &some(&told)));
    }
    let sums = items::sums(drift).into_iter();
    let sums: Vec<String> = std::iter::once(items::grade(drift)).chain(sums).collect();
    out + &line(Level::Notice, &[title("mtlsctl drift")], &sums.join("\n"))
}

/// A failure; problems of a file at their places.
#[must_use]
pub fn failure(failed: &Failed<'_>) -> String {
    let mut out = error(failed);
    if let Some(faulty) = failed.faulty {
        // The error itself is one of those that are shown.
        let shown = faulty.problems.iter().take(MOST - 1);
        shown.for_each(|problem| out.push_str(&of_file(faulty.file, problem)));
    }
    out + &refused(failed.refusals)
}

/// The lines for the file of outputs; each value has its lines between marks that it does not hold itself.
#[must_use]
pub fn outputs(values: &[(&str, String)]) -> String {
    let mut out = String::new();
    for (name, value) in values {
        let marks = (0..).map(|nth: usize| format!("mtlsctl_{nth}"));
        let mut unused = marks.filter(|mark| value.lines().all(|line| line != mark));
        let mark = unused.next().unwrap_or_default();
        let _ = write!(out, "{name}<<{mark}\n{value}\n{mark}\n");
    }
    out
}

fn refused(refusals: &[Refusal]) -> String {
    let told: Vec<String> = refusals
        .iter()
        .map(|refusal| format!("{refusal}\nhelp: {}", refusal.help()))
        .collect();
    limited(Level::Error, "Refused", &told)
}

/// Who gets in that did not, and who else changes verdict; a line each.
fn verdicts(planned: &Planned<'_>) -> (Vec<String>, Vec<String>) {
    let lines = changes(effects::groups(&planned.plan.safety.shifts, Told::Plan));
    let (careful, others): (Vec<_>, Vec<_>) = lines.partition(|(is_careful, _)| *is_careful);
    let told = |lines: Vec<(bool, String)>| lines.into_iter().map(|(_, told)| told).collect();
    (told(careful), told(others))
}

/// A line each, and whether somebody gets in by it.
fn changes(groups: Vec<Group>) -> impl Iterator<Item = (bool, String)> {
    groups.into_iter().flat_map(|group| {
        let hosts = words::list(&group.hosts);
        group.lines.into_iter().map(move |line| {
            let clients = words::list(&line.clients);
            let told = format!("{hosts}: {}{}: clients {clients}", line.change, line.so);
            (line.got == Verdict::Pass, told)
        })
    })
}

fn error(failed: &Failed<'_>) -> String {
    let mut told = failed.text.to_owned();
    for hint in failed.hints {
        let _ = write!(told, "\nhelp: {hint}");
    }
    let title = title(&format!("mtlsctl {}", failed.command));
    line(Level::Error, &[title], &told)
}

fn of_file(file: &str, problem: &Problem) -> String {
    let Problem {
        severity,
        at,
        message,
        help,
        related: _,
    } = problem;
    let level = match severity {
        Severity::Error => Level::Error,
        Severity::Warning => Level::Warning,
    };
    let mut properties = vec![("file", file.to_owned())];
    if let Some(at) = at {
        properties.push(("line", at.line.to_string()));
        properties.push(("col", at.column.to_string()));
    }
    let help = help.as_ref().map(|help| format!("\nhelp: {help}"));
    let told = format!("{message}{}", help.unwrap_or_default());
    line(level, &properties, &told)
}

/// Annotations of one kind, no more than are shown.
fn limited(level: Level, about: &str, told: &[String]) -> String {
    let shown = if told.len() > MOST { MOST - 1 } else { MOST };
    let mut out = String::new();
    for one in told.iter().take(shown) {
        out.push_str(&line(level, &[title(about)], one));
    }
    if told.len() > shown {
        let more = format!("… and {} more", told.len() - shown);
        out.push_str(&line(level, &[title(about)], &more));
    }
    out
}

/// Lines of one annotation; of very many, the first and how many more.
fn some(told: &[String]) -> String {
    const LINES: usize = 20;
    let shown = told.iter().take(LINES).cloned();
    let more = told.len().saturating_sub(LINES);
    let rest = (more > 0).then(|| format!("… and {more} more"));
    shown.chain(rest).collect::<Vec<_>>().join("\n")
}

fn title(text: &str) -> (&'static str, String) {
    ("title", text.to_owned())
}

fn line(level: Level, properties: &[(&str, String)], told: &str) -> String {
    let level = match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Notice => "notice",
    };
    let properties: Vec<String> = properties
        .iter()
        .map(|(name, value)| format!("{name}={}", property(value)))
        .collect();
    format!("::{level} {}::{}\n", properties.join(","), data(told))
}

/// What a command says; line breaks stay, other control characters are shown.
fn data(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(words::visible).collect();
    let lines = lines.into_iter().map(|line| line.replace('%', "%25"));
    lines.collect::<Vec<_>>().join("%0A")
}

fn property(text: &str) -> String {
    let text = words::visible(text).replace('%', "%25");
    text.replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::Level;
    use super::line;
    use super::outputs;

    #[test]
    fn nothing_in_a_command_ends_it_or_begins_another() {
        let properties = [("file", "a:b,c%\n".to_owned())];
        assert_eq!(
            line(Level::Error, &properties, "100 %\n::warning::a\r"),
            "::error file=a%3Ab%2Cc%25\\u{a}::100 %25%0A::warning::a\\u{d}\n"
        );
    }

    #[test]
    fn no_value_ends_its_own_lines() {
        let values = [("a", "1".to_owned()), ("b", "x\nmtlsctl_0\ny=z".to_owned())];
        assert_eq!(
            outputs(&values),
            "a<<mtlsctl_0\n1\nmtlsctl_0\nb<<mtlsctl_1\nx\nmtlsctl_0\ny=z\nmtlsctl_1\n"
        );
    }
}
