//! Sets of strings, as one automaton that reads a string once and says which sets it is in.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;

use super::alphabet::Alphabet;
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
    /// Where the strings end that are spelled out.
    ends: HashMap<Language, Place>,
    /// The place from which a byte leads to a place inside them.
    leading: HashMap<(u8, Place), Place>,
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
    /// Adds the strings that a wildcard pattern matches once letter case has been seen to, which
    /// has to be the same for all patterns of a language.
    pub(super) fn pattern(
        &mut self,
        language: Language,
        pieces: &[Piece],
        case: Case,
        strict: bool,
    ) {
        if !pieces.contains(&Piece::Star) {
            return self.spelled_out(language, pieces, case, strict);
        }
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

    /// Adds one string. Those that end alike share the places of their ends: hundreds of hosts in
    /// one domain differ at their beginnings only.
    fn spelled_out(&mut self, language: Language, pieces: &[Piece], case: Case, strict: bool) {
        let mut here = if let Some(end) = self.ends.get(&language) {
            *end
        } else {
            let end = self.node(language);
            self.accept(end);
            self.ends.insert(language, end);
            end
        };
        for piece in pieces.iter().rev() {
            let Piece::Byte(byte) = piece else { continue };
            here = if let Some(leading) = self.leading.get(&(*byte, here)) {
                *leading
            } else {
                let leading = self.node(language);
                self.join(leading, &case.sources(*byte, strict), here);
                self.leading.insert((*byte, here), leading);
                leading
            };
        }
        self.starts.push(here);
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

    /// Adds all strings, a new language beginning at each of these lengths.
    pub(super) fn lengths(&mut self, cuts: &BTreeSet<usize>, mut next: impl FnMut() -> Language) {
        let mut language = next();
        let mut here = self.start(language);
        self.accept(here);
        for length in 1..=cuts.last().copied().unwrap_or(0) {
            if cuts.contains(&length) {
                language = next();
            }
            let longer = self.node(language);
            self.accept(longer);
            self.join(here, &[(0, u8::MAX)], longer);
            here = longer;
        }
        self.join(here, &[(0, u8::MAX)], here);
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

    /// The places before the first byte.
    pub(super) fn starts(&self) -> Vec<Place> {
        let mut starts = self.starts.clone();
        starts.sort_unstable();
        starts.dedup();
        starts
    }

    /// The places after one more byte of each kind, as often as edges lead there.
    pub(super) fn steps(&self, places: &[Place], alphabet: &Alphabet) -> Vec<Vec<Place>> {
        let mut after = vec![Vec::new(); alphabet.len()];
        let nodes = places.iter().filter_map(|place| self.at(*place));
        for (first, last, to) in nodes.flat_map(|node| &node.edges) {
            let kinds = alphabet.kind(*first)..=alphabet.kind(*last);
            for after in after.get_mut(kinds).unwrap_or_default() {
                after.push(*to);
            }
        }
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

    /// The bytes that the automaton tells apart.
    pub(super) fn alphabet(&self) -> Alphabet {
        let edges = self.nodes.iter().flat_map(|node| &node.edges);
        Alphabet::of(edges.map(|(first, last, _)| (*first, *last)))
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
