//! Which answers were right.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use crate::story::HOSTS;
use crate::story::Stage;
use crate::story::Who;

/// One request, by the clock of the traffic.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    pub(crate) began: Duration,
    pub(crate) ended: Duration,
    /// `None` if there was no answer.
    pub(crate) got_in: Option<bool>,
}

/// The requests of one kind of client on one host, in their order.
pub(crate) type Seens = BTreeMap<(usize, Who), Vec<Seen>>;

/// A change, from right before its first call until everything has arrived.
pub(crate) struct Window {
    pub(crate) opens: Duration,
    pub(crate) closes: Duration,
    /// What it leads to.
    pub(crate) stage: &'static Stage,
}

#[derive(Debug, Default, Clone, Copy)]
struct Sums {
    right: u64,
    blocked: u64,
    passed: u64,
    unanswered: u64,
}

/// The answers of every request class.
pub(crate) struct Tally {
    classes: BTreeMap<(usize, Who), Sums>,
    /// How many requests met a host that let in neither all who got in before nor all who do afterwards.
    gaps: u64,
}

/// Holds every answer against the story, which begins with a stage.
pub(crate) fn judge(seens: Seens, beginning: &Stage, windows: &[Window]) -> Tally {
    let gaps = gaps(&seens, beginning, windows);
    let classes = seens.into_iter().map(|((host, who), seens)| {
        let mut sums = Sums::default();
        // The stage whose answer was seen last: one client's requests follow each other.
        let mut reached = 0;
        for seen in seens {
            let Some(got_in) = seen.got_in else {
                sums.unanswered += 1;
                continue;
            };
            if is_right(
                (host, who),
                (seen, got_in),
                (beginning, windows),
                &mut reached,
            ) {
                sums.right += 1;
            } else if got_in {
                sums.passed += 1;
            } else {
                sums.blocked += 1;
            }
        }
        ((host, who), sums)
    });
    Tally {
        classes: classes.collect(),
        gaps,
    }
}

/// The requests, each right by itself, that show together that nobody got in for a while: of clients that get in only
/// after a change, turned away after one that got in only before it was turned away.
fn gaps(seens: &Seens, beginning: &Stage, windows: &[Window]) -> u64 {
    let stages = windows.iter().map(|window| window.stage);
    let befores = std::iter::once(beginning).chain(stages);
    let mut gaps = 0;
    for (window, before) in windows.iter().zip(befores) {
        for host in 0..HOSTS.len() {
            let turned_away = |who: &Who| {
                let seens = seens.get(&(host, *who)).into_iter().flatten();
                let within =
                    seens.filter(|seen| (window.opens..window.closes).contains(&seen.began));
                within.filter(|seen| seen.got_in == Some(false))
            };
            let (mut lost, mut gained) = (Vec::new(), Vec::new());
            for who in Who::ALL.iter().filter(|who| **who != Who::Nobody) {
                match (before.lets_in(host, *who), window.stage.lets_in(host, *who)) {
                    (true, false) => lost.push(who),
                    (false, true) => gained.push(who),
                    _ => {}
                }
            }
            let closed = lost
                .into_iter()
                .flat_map(turned_away)
                .map(|seen| seen.ended)
                .min();
            let Some(closed) = closed else { continue };
            for seen in gained.into_iter().flat_map(turned_away) {
                gaps += u64::from(closed <= seen.began);
            }
        }
    }
    gaps
}

/// Whether it is the answer of a stage that the request may have met: from the one that was seen last, or is over
/// for certain, to the last one that was begun.
fn is_right(
    (host, who): (usize, Who),
    (seen, got_in): (Seen, bool),
    (beginning, windows): (&Stage, &[Window]),
    reached: &mut usize,
) -> bool {
    let over = windows.iter().filter(|window| window.closes <= seen.began);
    let begun = windows.iter().filter(|window| window.opens < seen.ended);
    let first = over.count().max(*reached);
    let mut stages = first..=begun.count();
    let met = stages.find(|number| {
        let stage = number.checked_sub(1).and_then(|nth| windows.get(nth));
        let stage = stage.map_or(beginning, |window| window.stage);
        stage.lets_in(host, who) == got_in
    });
    *reached = met.unwrap_or(*reached);
    met.is_some()
}

impl Tally {
    /// How many answers were wrong, or missing.
    pub(crate) fn wrong(&self) -> u64 {
        let wrong = |sums: &Sums| sums.blocked + sums.passed + sums.unanswered;
        self.classes.values().map(wrong).sum::<u64>() + self.gaps
    }

    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        let _ = writeln!(
            out,
            "{:18} {:22} {:>8} {:>8} {:>8} {:>8}",
            "host", "certificate", "right", "blocked", "passed", "none"
        );
        let mut all = Sums::default();
        for ((host, who), sums) in &self.classes {
            row(&mut out, HOSTS[*host], who.words(), sums);
            all.right += sums.right;
            all.blocked += sums.blocked;
            all.passed += sums.passed;
            all.unanswered += sums.unanswered;
        }
        row(&mut out, "all", "", &all);
        let _ = writeln!(
            out,
            "{} wrongly blocked, {} wrongly passed, {} in a gap, {} without an answer.",
            all.blocked, all.passed, self.gaps, all.unanswered
        );
        out
    }
}

fn row(out: &mut String, host: &str, who: &str, sums: &Sums) {
    let Sums {
        right,
        blocked,
        passed,
        unanswered,
    } = sums;
    let _ = writeln!(
        out,
        "{host:18} {who:22} {right:>8} {blocked:>8} {passed:>8} {unanswered:>8}"
    );
}
