//! Drift as Markdown.

use std::fmt::Write as _;

use crate::drift::Drift;
use crate::report::drift::items;
use crate::report::drift::items::Item;
use crate::report::drift::text as told;
use crate::report::effects::Told;
use crate::report::markdown::escape::code;
use crate::report::markdown::escape::sentence;
use crate::report::markdown::page::Section;
use crate::report::markdown::page::page;
use crate::report::markdown::steps;
use crate::report::shown::Drifted;

/// What differs from the file, who is concerned first.
pub(super) fn text(drifted: &Drifted<'_>) -> String {
    let Drifted {
        owner,
        drift,
        counts,
        exit_code: _,
    } = drifted;
    let Drift {
        account,
        at: _,
        grade: _,
        differences,
        shifts,
        unknown,
        tests,
        held,
        refusals,
        fingerprint,
    } = drift;
    let mut head = format!("<!-- mtlsctl:drift {account} {owner} -->\n");
    let _ = writeln!(head, "### mtlsctl drift for {}\n", code(owner.as_str()));
    let _ = writeln!(head, "**{}**\n", sentence(&items::grade(drift)));
    let sums = items::sums(drift).into_iter();
    let fingerprint = fingerprint.as_ref();
    let sums = sums.chain(fingerprint.map(|fingerprint| format!("Fingerprint {fingerprint}.")));
    let sums: Vec<String> = sums.collect();
    if !sums.is_empty() {
        let _ = writeln!(head, "{}\n", sentence(&sums.join(" ")));
    }
    let (exposed, locked_out) = told::sides(shifts);
    let failing: Vec<String> = tests.iter().map(told::failing).collect();
    let beyond: Vec<String> = unknown.iter().map(told::beyond).collect();
    let waiting: Vec<String> = held.iter().map(told::waiting).collect();
    let mut sections = vec![
        steps::verdicts("**Who gets in and should not**", exposed, Told::Drift),
        steps::verdicts(
            "**Who is stopped and should get in**",
            locked_out,
            Told::Drift,
        ),
        open("**Access tests that do not hold**", "test", &failing),
        open("**Not found out**", "line", &beyond),
    ];
    let groups = items::by_grade(differences).into_iter();
    sections.extend(groups.map(|(title, items)| {
        let parts = items.iter().map(part).collect();
        Section::open(&format!("**{title}**"), "difference", parts)
    }));
    let refused: Vec<String> = refusals.iter().map(ToString::to_string).collect();
    sections.push(open(
        "**Applying the file would be refused**",
        "refusal",
        &refused,
    ));
    let remedies = told::remedies(drift, *counts);
    sections.push(Section {
        open: String::new(),
        parts: remedies
            .iter()
            .map(|said| format!("{}\n\n", sentence(said)))
            .collect(),
        close: "\n",
        noun: "line",
    });
    sections.push(steps::list(
        "Held, which is no drift",
        "held object",
        &waiting,
    ));
    page(&head, &sections)
}

/// Sentences as a list that is seen at once.
fn open(heading: &str, noun: &'static str, sentences: &[String]) -> Section {
    let parts = sentences.iter().map(|one| format!("- {}\n", sentence(one)));
    Section::open(heading, noun, parts.collect())
}

fn part(item: &Item) -> String {
    let Item {
        symbol,
        object,
        said,
    } = item;
    let said: Vec<String> = said.iter().map(|one| sentence(one)).collect();
    let symbol = code(&symbol.to_string());
    format!("- {symbol} {}: {}\n", code(object), said.join("; "))
}
