//! Strings that are examples: one for each combination of languages that any string is in.

use std::cell::Cell;
use std::collections::HashSet;
use std::collections::VecDeque;
use std::mem;
use std::ops::ControlFlow;
use std::rc::Rc;

use super::automaton::Automaton;
use super::automaton::Language;
use super::automaton::Place;

/// How many states of the automaton one search visits at most.
pub(super) const MAX_STATES: usize = 16_384;

/// How many steps one question takes at most: edges of automata that are made or looked at.
const MAX_STEPS: usize = 1 << 22;

/// How many steps it takes to try what a test answers.
const ANSWER: usize = 4;

/// The search would take too long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exceeded;

/// What may still be spent on a question.
#[derive(Debug)]
pub(super) struct Effort(Cell<usize>);

impl Effort {
    pub(super) fn new() -> Self {
        Self(Cell::new(MAX_STEPS))
    }

    /// What it takes to try so many answers.
    pub(super) fn answers(&self, count: usize) -> Result<(), Exceeded> {
        self.spend(ANSWER * count)
    }

    fn spend(&self, steps: usize) -> Result<(), Exceeded> {
        let left = self.0.get().checked_sub(steps);
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
    let starts = automaton.starts();
    let mut states = vec![State {
        places: starts.as_slice().into(),
        from: 0,
        byte: 0,
    }];
    let mut visited: HashSet<Rc<[Place]>> = HashSet::new();
    let mut waiting = VecDeque::from([0]);
    let mut found: HashSet<Vec<Language>> = HashSet::new();
    while let Some(from) = waiting.pop_front() {
        let Some(state) = states.get(from) else {
            continue;
        };
        let mut after = automaton.steps(&state.places, &alphabet);
        for (byte, kind) in alphabet.chosen() {
            let mut places = after.get_mut(*kind).map(mem::take).unwrap_or_default();
            effort.spend(places.len() + 1)?;
            places.sort_unstable();
            places.dedup();
            if visited.contains(places.as_slice()) || automaton.bound_to_enter(&places, unwanted) {
                continue;
            }
            if states.len() == MAX_STATES {
                return Err(Exceeded);
            }
            let languages = automaton.accepted(&places);
            let places: Rc<[Place]> = places.into();
            visited.insert(Rc::clone(&places));
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
    if !automaton.bound_to_enter(&starts, unwanted) && !found.contains(&automaton.accepted(&starts))
    {
        let _ = visit(Vec::new());
    }
    Ok(())
}

/// Where an automaton can be after some string.
struct State {
    places: Rc<[Place]>,
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
