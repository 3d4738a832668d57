//! Places in an order that can grow between any two of them, so that one rule can move without the others.

use std::collections::BTreeMap;

/// A place: compared digit by digit, like the digits behind a decimal point. Never ends in zero.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank(Vec<u64>);

impl Rank {
    /// A place between two others, the first of them smaller; without one, before or after all.
    fn between(low: Option<&Self>, high: Option<&Self>) -> Self {
        let mut digits = Vec::new();
        let mut low = low.map_or(&[][..], |rank| rank.0.as_slice()).iter();
        let mut high = high.map(|rank| rank.0.iter());
        loop {
            let floor = low.next().copied().unwrap_or_default();
            let above = high
                .as_mut()
                .map(|digits| digits.next().copied().unwrap_or_default());
            let room = above.map_or(u64::MAX, |above| above.saturating_sub(floor));
            let room = if above.is_none() { room - floor } else { room };
            if room > 1 {
                digits.push(floor + room / 2);
                return Self(digits);
            }
            digits.push(floor);
            if room == 1 {
                // Whatever follows is below the upper one already.
                high = None;
            }
        }
    }
}

/// The places of things in `order`. Those that stayed in order among themselves keep the place that they
/// had; as few as possible get a new one.
pub(crate) fn ranks<'k>(before: &BTreeMap<&'k str, Rank>, order: &[&'k str]) -> Vec<Rank> {
    let known: Vec<Option<&Rank>> = order.iter().map(|key| before.get(key)).collect();
    let stayed: Option<Vec<&Rank>> = known.iter().copied().collect();
    if let Some(stayed) = stayed.filter(|stayed| stayed.is_sorted()) {
        return stayed.into_iter().cloned().collect();
    }
    let kept = in_order(&known);
    let mut ranks: Vec<Rank> = Vec::with_capacity(order.len());
    for (at, kept_here) in kept.iter().enumerate() {
        let rank = match kept_here {
            Some(rank) => (*rank).clone(),
            None => Rank::between(ranks.last(), kept.iter().skip(at).flatten().next().copied()),
        };
        ranks.push(rank);
    }
    ranks
}

/// A longest run of places that rise, at the positions where they stand.
fn in_order<'r>(known: &[Option<&'r Rank>]) -> Vec<Option<&'r Rank>> {
    /// The longest run that ends at a position.
    struct Run<'r> {
        at: usize,
        rank: &'r Rank,
        length: usize,
        before: Option<usize>,
    }
    let mut runs: Vec<Run<'r>> = Vec::new();
    for (at, rank) in known.iter().enumerate() {
        let Some(rank) = *rank else { continue };
        let best = runs
            .iter()
            .enumerate()
            .filter(|(_, run)| run.rank < rank)
            .max_by_key(|(_, run)| run.length);
        let (before, length) = best.map_or((None, 1), |(nth, run)| (Some(nth), run.length + 1));
        runs.push(Run {
            at,
            rank,
            length,
            before,
        });
    }
    let mut kept = vec![None; known.len()];
    let longest = runs.iter().enumerate().max_by_key(|(_, run)| run.length);
    let mut next = longest.map(|(nth, _)| nth);
    while let Some(run) = next.and_then(|nth| runs.get(nth)) {
        if let Some(slot) = kept.get_mut(run.at) {
            *slot = Some(run.rank);
        }
        next = run.before;
    }
    kept
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::Rank;
    use super::ranks;

    fn placed<'k>(before: &BTreeMap<&'k str, Rank>, order: &[&'k str]) -> BTreeMap<&'k str, Rank> {
        let ranks = ranks(before, order);
        assert!(ranks.is_sorted(), "{ranks:?}");
        order.iter().copied().zip(ranks).collect()
    }

    #[test]
    fn what_moves_is_what_was_moved() {
        let first = placed(&BTreeMap::new(), &["a", "b", "c", "d"]);
        let moved = placed(&first, &["d", "a", "b", "c"]);
        for stays in ["a", "b", "c"] {
            assert_eq!(moved[stays], first[stays]);
        }
        assert!(moved["d"] < moved["a"]);
        let grown = placed(&moved, &["d", "a", "new", "c"]);
        for stays in ["d", "a", "c"] {
            assert_eq!(grown[stays], moved[stays]);
        }
    }

    #[test]
    fn there_is_always_room() {
        let mut order = vec!["first", "last"];
        let mut ranks = placed(&BTreeMap::new(), &order);
        let names: Vec<String> = (0..300).map(|n| n.to_string()).collect();
        for (nth, name) in names.iter().enumerate() {
            // At the top, at the end, and again and again at one spot between two.
            let at = [0, order.len(), 1][nth % 3];
            order.insert(at, name);
            let next = placed(&ranks, &order);
            assert!(ranks.iter().all(|(key, rank)| next[key] == *rank));
            assert_eq!(
                next.values()
                    .collect::<std::collections::BTreeSet<_>>()
                    .len(),
                order.len()
            );
            ranks = next;
        }
    }
}
