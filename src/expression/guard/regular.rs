//! Regular expressions as machines, as far as they say nothing but which bytes follow which, and
//! where the string starts and ends.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::Class;
use regex_syntax::hir::Hir;
use regex_syntax::hir::HirKind;
use regex_syntax::hir::Look;
use regex_syntax::hir::Repetition;

/// Machines with more states are not built.
const MAX_STATES: usize = 1_024;

/// A state of a machine.
pub(super) type State = usize;

/// A machine that finds a match anywhere in a string. It starts in state 0 and has found one in
/// state 1.
#[derive(Clone, Debug)]
pub(super) struct Machine {
    steps: Vec<Vec<Step>>,
    /// Whether a match can begin at the start of the string only.
    pub(super) anchored: bool,
}

/// A way from one state to another.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// With a byte from the first to the second.
    Byte(u8, u8, State),
    /// With nothing.
    Free(State),
    /// At the start of the string.
    Start(State),
    /// At the end of the string.
    End(State),
}

/// The state in which a match has been found.
pub(super) const FOUND: State = 1;

impl Machine {
    /// `None` for an expression that is malformed, too large, or asks for more, such as for the
    /// ends of words or lines.
    pub(super) fn of(pattern: &str) -> Option<Self> {
        let mut parser = ParserBuilder::new().unicode(false).utf8(false).build();
        let hir = parser.parse(pattern).ok()?;
        let anchored = hir.properties().look_set_prefix().contains(Look::Start);
        let any = |to| vec![Step::Byte(0, u8::MAX, to)];
        let mut machine = Self {
            steps: vec![any(0), any(FOUND)],
            anchored,
        };
        let begin = machine.before(&hir, FOUND)?;
        machine.step(0, Step::Free(begin));
        Some(machine)
    }

    pub(super) fn steps(&self, state: State) -> &[Step] {
        self.steps.get(state).map_or(&[], Vec::as_slice)
    }

    /// All states that are reached from `state` without a byte.
    pub(super) fn closure(&self, state: State, at_start: bool, at_end: bool) -> Vec<State> {
        let mut seen = vec![false; self.steps.len()];
        let mut reached = vec![state];
        let mut next = 0;
        while let Some(state) = reached.get(next).copied() {
            for step in self.steps(state) {
                let to = match step {
                    Step::Free(to) => *to,
                    Step::Start(to) if at_start => *to,
                    Step::End(to) if at_end => *to,
                    _ => continue,
                };
                if let Some(seen @ false) = seen.get_mut(to) {
                    *seen = true;
                    reached.push(to);
                }
            }
            next += 1;
        }
        reached
    }

    /// A state from which `hir` leads to `after`.
    fn before(&mut self, hir: &Hir, after: State) -> Option<State> {
        match hir.kind() {
            HirKind::Empty => Some(after),
            HirKind::Literal(literal) => {
                let bytes = literal.0.iter().rev();
                bytes.copied().try_fold(after, |after, byte| {
                    let state = self.state()?;
                    self.step(state, Step::Byte(byte, byte, after));
                    Some(state)
                })
            }
            HirKind::Class(Class::Bytes(class)) => {
                let state = self.state()?;
                for range in class.iter() {
                    self.step(state, Step::Byte(range.start(), range.end(), after));
                }
                Some(state)
            }
            HirKind::Class(Class::Unicode(_)) => None,
            HirKind::Look(look) => {
                let state = self.state()?;
                let step = match look {
                    Look::Start => Step::Start(after),
                    Look::End => Step::End(after),
                    _ => return None,
                };
                self.step(state, step);
                Some(state)
            }
            HirKind::Repetition(repetition) => self.repeated(repetition, after),
            HirKind::Capture(capture) => self.before(&capture.sub, after),
            HirKind::Concat(parts) => {
                let mut parts = parts.iter().rev();
                parts.try_fold(after, |after, part| self.before(part, after))
            }
            HirKind::Alternation(parts) => {
                let state = self.state()?;
                for part in parts {
                    let begin = self.before(part, after)?;
                    self.step(state, Step::Free(begin));
                }
                Some(state)
            }
        }
    }

    fn repeated(&mut self, repetition: &Repetition, after: State) -> Option<State> {
        let Repetition { min, max, sub, .. } = repetition;
        let optional = if let Some(max) = max {
            (*min..*max).try_fold(after, |next, _| {
                let state = self.state()?;
                let begin = self.before(sub, next)?;
                self.step(state, Step::Free(begin));
                self.step(state, Step::Free(after));
                Some(state)
            })?
        } else {
            let state = self.state()?;
            let begin = self.before(sub, state)?;
            self.step(state, Step::Free(begin));
            self.step(state, Step::Free(after));
            state
        };
        (0..*min).try_fold(optional, |next, _| self.before(sub, next))
    }

    fn state(&mut self) -> Option<State> {
        self.steps.push(Vec::new());
        (self.steps.len() <= MAX_STATES).then(|| self.steps.len() - 1)
    }

    fn step(&mut self, from: State, step: Step) {
        if let Some(steps) = self.steps.get_mut(from) {
            steps.push(step);
        }
    }
}
