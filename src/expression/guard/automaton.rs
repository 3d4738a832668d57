//! Sets of strings, as one automaton that reads a string once and says which sets it is in.

use std::collections::BTreeMap;

use super::case::Case;
use super::regular::FOUND;
use super::regular::Machine;
use super::regular::State;
use super::regular::Step;
use crate::expression::wildcard::Piece;

/// A number for each set of strings.
pub(super) type Language = usize;

/// A place in the automaton.
pub(super) type Place = u32;

/// A nondeterministic automaton for several languages side by side.
#[derive(Clone, Debug, Default)]
pub(super) struct Automaton {
    nodes: Vec<Node>,
    starts: Vec<Place>,
    edges: usize,
}

/// No automaton has more edges; the rest would be left out.
const MAX_EDGES: usize = 1 << 18;

#[derive(Clone, Debug)]
struct Node {
    language: Language,
    accepts: bool,
    /// Bytes from the first to the second lead to the third.
    edges: Vec<(u8, u8, Place)>,
}

impl Automaton {
    /// Adds the strings that a wildcard pattern matches once letter case has been seen to.
    pub(super) fn pattern(
        &mut self,
        language: Language,
        pieces: &[Piece],
        case: Case,
        strict: bool,
    ) {
        let mut here = self.start(language);
        for piece in pieces {
            match piece {
                Piece::Star => self.join(here, &[(0, u8::MAX)], here),
                Piece::Byte(byte) => {
                    let next = self.node(language);
                    self.join(here, &case.sources(*byte, strict), next);
                    here = next;
                }
            }
        }
        self.accept(here);
    }

    /// Adds the strings that come before `text`.
    pub(super) fn before(&mut self, language: Language, text: &[u8], case: Case) {
        let mut here = self.start(language);
        let smaller = self.node(language);
        self.accept(smaller);
        self.join(smaller, &[(0, u8::MAX)], smaller);
        for byte in text {
            self.accept(here);
            let next = self.node(language);
            self.join(here, &case.below(*byte), smaller);
            self.join(here, &case.sources(*byte, true), next);
            here = next;
        }
    }

    /// Adds the strings of at least `length` bytes.
    pub(super) fn at_least(&mut self, language: Language, length: usize) {
        let mut here = self.start(language);
        for _ in 0..length {
            let next = self.node(language);
            self.join(here, &[(0, u8::MAX)], next);
            here = next;
        }
        self.join(here, &[(0, u8::MAX)], here);
        self.accept(here);
    }

    /// Adds the strings in which a regular expression finds a match once letter case has been seen
    /// to.
    pub(super) fn regular(&mut self, language: Language, machine: &Machine, case: Case) {
        // A place for each state that a byte leads to, and one for the start of the string.
        let first = self.start(language);
        let mut places: BTreeMap<State, Place> = BTreeMap::new();
        let mut waiting = vec![(first, 0, true)];
        while let Some((place, state, at_start)) = waiting.pop().filter(|_| !self.is_cut_short()) {
            if machine.closure(state, at_start, true).contains(&FOUND) {
                self.accept(place);
            }
            for state in machine.closure(state, at_start, false) {
                for step in machine.steps(state) {
                    let Step::Byte(low, high, to) = step else {
                        continue;
                    };
                    let next = places.get(to).copied().unwrap_or_else(|| {
                        let next = self.node(language);
                        places.insert(*to, next);
                        waiting.push((next, *to, false));
                        next
                    });
                    self.join(place, &case.within(*low, *high), next);
                }
            }
        }
    }

    /// How many edges there are.
    pub(super) fn edges(&self) -> usize {
        self.edges
    }

    /// Whether there were too many edges, so that nothing follows from it.
    pub(super) fn is_cut_short(&self) -> bool {
        self.edges > MAX_EDGES
    }

    /// How many edges lead on from these places.
    pub(super) fn edges_at(&self, places: &[Place]) -> usize {
        let nodes = places.iter().filter_map(|place| self.at(*place));
        nodes.map(|node| node.edges.len()).sum()
    }

    /// The places before the first byte.
    pub(super) fn starts(&self) -> &[Place] {
        &self.starts
    }

    /// The places after one more byte.
    pub(super) fn step(&self, places: &[Place], byte: u8) -> Vec<Place> {
        let mut after = Vec::with_capacity(places.len());
        for node in places.iter().filter_map(|place| self.at(*place)) {
            let edges = node.edges.iter();
            let taken = edges.filter(|(first, last, _)| (*first..=*last).contains(&byte));
            after.extend(taken.map(|(_, _, to)| *to));
        }
        after.sort_unstable();
        after.dedup();
        after
    }

    /// The languages that a string ending here belongs to, in order.
    pub(super) fn accepted(&self, places: &[Place]) -> Vec<Language> {
        let nodes = places.iter().filter_map(|place| self.at(*place));
        let accepting = nodes.filter(|node| node.accepts);
        let mut accepted: Vec<_> = accepting.map(|node| node.language).collect();
        accepted.sort_unstable();
        accepted.dedup();
        accepted
    }

    /// Whether every string that goes on from here belongs to one of `languages`.
    pub(super) fn bound_to_enter(&self, places: &[Place], languages: &[Language]) -> bool {
        places.iter().any(|place| {
            self.at(*place).is_some_and(|node| {
                node.accepts
                    && languages.contains(&node.language)
                    && node.edges.contains(&(0, u8::MAX, *place))
            })
        })
    }

    /// One byte of each kind that the automaton tells apart, the most readable first.
    pub(super) fn alphabet(&self) -> Vec<u8> {
        let mut cuts = [false; 256];
        for (first, last, _) in self.nodes.iter().flat_map(|node| &node.edges) {
            let after_last = last.checked_add(1);
            for cut in [Some(*first), after_last].into_iter().flatten() {
                if let Some(cut) = cuts.get_mut(usize::from(cut)) {
                    *cut = true;
                }
            }
        }
        let mut kinds: Vec<u8> = Vec::new();
        for (byte, cut) in (0..=u8::MAX).zip(cuts) {
            match kinds.last_mut() {
                Some(chosen) if !cut => {
                    if unreadable(byte) < unreadable(*chosen) {
                        *chosen = byte;
                    }
                }
                _ => kinds.push(byte),
            }
        }
        kinds.sort_by_key(|byte| unreadable(*byte));
        kinds
    }

    fn start(&mut self, language: Language) -> Place {
        let start = self.node(language);
        self.starts.push(start);
        start
    }

    fn node(&mut self, language: Language) -> Place {
        let place = Place::try_from(self.nodes.len()).unwrap_or(Place::MAX);
        self.nodes.push(Node {
            language,
            accepts: false,
            edges: Vec::new(),
        });
        place
    }

    fn accept(&mut self, place: Place) {
        if let Some(node) = self.nodes.get_mut(place as usize) {
            node.accepts = true;
        }
    }

    fn join(&mut self, from: Place, ranges: &[(u8, u8)], to: Place) {
        self.edges += ranges.len();
        if self.is_cut_short() {
            return;
        }
        if let Some(node) = self.nodes.get_mut(from as usize) {
            let edges = ranges.iter().map(|(first, last)| (*first, *last, to));
            node.edges.extend(edges);
        }
    }

    fn at(&self, place: Place) -> Option<&Node> {
        self.nodes.get(place as usize)
    }
}

/// How badly a byte reads in an example: a letter is best, and `x` the plainest.
fn unreadable(byte: u8) -> (u8, u8) {
    let rank = match byte {
        b'x' => 0,
        b'a'..=b'z' => 1,
        b'0'..=b'9' => 2,
        b'-' | b'/' | b'.' | b'_' => 3,
        b'A'..=b'Z' => 4,
        b'!'..=b'~' => 5,
        b' ' => 6,
        _ => 7,
    };
    (rank, byte)
}
