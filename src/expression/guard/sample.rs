//! Strings that are examples: one for each combination of languages that any string is in.

use std::cell::Cell;
use std::collections::HashSet;
use std::collections::VecDeque;
use std::ops::ControlFlow;

use super::automaton::Automaton;
use super::automaton::Language;
use super::automaton::Place;

/// How many states of the automaton one search visits at most.
pub(super) const MAX_STATES: usize = 16_384;

/// How many edges of automata are made or looked at for one question at most.
const MAX_EDGES: usize = 1 << 24;

/// The search would take too long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exceeded;

/// What may still be spent on a question.
#[derive(Debug)]
pub(super) struct Effort(Cell<usize>);

impl Effort {
    pub(super) fn new() -> Self {
        Self(Cell::new(MAX_EDGES))
    }

    fn spend(&self, edges: usize) -> Result<(), Exceeded> {
        let left = self.0.get().checked_sub(edges);
        self.0.set(left.unwrap_or(0));
        left.map(|_| ()).ok_or(Exceeded)
    }
}

/// Shows `visit` a string for each combination of languages that there is, as short as possible,
/// though not empty unless it must be, until it breaks off.
///
/// Strings in a language of `unwanted` that they cannot leave again are left out.
pub(super) fn samples(
    automaton: &Automaton,
    unwanted: &[Language],
    effort: &Effort,
    visit: &mut dyn FnMut(Vec<u8>) -> ControlFlow<()>,
) -> Result<(), Exceeded> {
    effort.spend(automaton.edges())?;
    if automaton.is_cut_short() {
        return Err(Exceeded);
    }
    let alphabet = automaton.alphabet();
    let mut states = vec![State {
        places: automaton.starts().to_vec(),
        from: 0,
        byte: 0,
    }];
    let mut visited: HashSet<Vec<Place>> = HashSet::new();
    let mut waiting = VecDeque::from([0]);
    let mut found: HashSet<Vec<Language>> = HashSet::new();
    while let Some(from) = waiting.pop_front() {
        let Some(state) = states.get(from) else {
            continue;
        };
        let before = state.places.clone();
        effort.spend(alphabet.len() * (automaton.edges_at(&before) + 1))?;
        for byte in &alphabet {
            let places = automaton.step(&before, *byte);
            if automaton.bound_to_enter(&places, unwanted) || !visited.insert(places.clone()) {
                continue;
            }
            if states.len() == MAX_STATES {
                return Err(Exceeded);
            }
            let languages = automaton.accepted(&places);
            waiting.push_back(states.len());
            states.push(State {
                places,
                from,
                byte: *byte,
            });
            if !found.insert(languages) {
                continue;
            }
            if visit(spelled(&states)).is_break() {
                return Ok(());
            }
        }
    }
    let empty = automaton.starts();
    if !automaton.bound_to_enter(empty, unwanted) && !found.contains(&automaton.accepted(empty)) {
        let _ = visit(Vec::new());
    }
    Ok(())
}

/// Where an automaton can be after some string.
struct State {
    places: Vec<Place>,
    /// The state before, and the byte that led from there.
    from: usize,
    byte: u8,
}

/// The string that leads to the last state.
fn spelled(states: &[State]) -> Vec<u8> {
    let mut text = Vec::new();
    let mut at = states.len() - 1;
    while let Some(state) = states.get(at).filter(|_| at > 0) {
        text.push(state.byte);
        at = state.from;
    }
    text.reverse();
    text
}
