//! What one host makes of a state: who gets in, who is challenged, who is blocked.

use std::collections::HashMap;
use std::rc::Rc;

use mtlsctl::plan::Place;

use crate::oracle::account::Edit;
use crate::oracle::account::Effect;
use crate::oracle::account::Rule;
use crate::oracle::clients::Callers;
use crate::oracle::clients::Cas;
use crate::oracle::clients::READINGS;
use crate::oracle::language::EVERY;
use crate::oracle::language::GUARDS;
use crate::oracle::language::Guards;
use crate::oracle::language::Presented;
use crate::oracle::language::holding;

/// What a rule that nobody can read may do: let pass, challenge, block, or nothing.
const OUTCOMES: usize = 4;

/// For each client and reading the guards that pass, are challenged and are blocked.
pub(super) type Verdicts = Vec<[Guards; 3]>;

/// A host, and all rules that can be about it at some time.
pub(super) struct Host<'c> {
    callers: &'c Callers,
    /// As a client spells it.
    pub(super) spelled: String,
    /// What clients can show, nothing first.
    shown: Vec<Presented>,
    /// All guards, those of the outcomes of a rule that nobody can read included.
    pub(super) guards: Guards,
    rules: Vec<(Rule, Matching)>,
    known: HashMap<Moment, Rc<Verdicts>>,
}

/// A rule by what it matches.
enum Matching {
    /// For each thing that clients can show, the guards.
    Decides(Effect, Vec<Guards>),
    Executes(Vec<Guards>, Vec<Matching>),
    Never,
}

/// A state as far as one host can tell.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Moment {
    /// The CAs in the account.
    pub(super) account: Cas,
    /// Those of the host.
    pub(super) here: Cas,
    pub(super) rules: Vec<Standing>,
}

/// A rule where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Standing {
    /// Which of the host's rules.
    rule: usize,
    /// Whether it is there; if not it only keeps the place of one to come.
    is_there: bool,
}

impl<'c> Host<'c> {
    pub(super) fn new(callers: &'c Callers, spelled: &str, has_unknown: bool) -> Self {
        let guards = (0..if has_unknown { OUTCOMES } else { 1 })
            .fold(0, |all, outcome| all | EVERY << (outcome * GUARDS));
        let mut shown = vec![Presented::default()];
        for client in &callers.clients {
            for reading in READINGS {
                for (account, here) in [(0, 1), (Cas::MAX, Cas::MAX), (0, 1 << 63)] {
                    let one = callers.presented(client, reading, account, here);
                    if !shown.contains(&one) {
                        shown.push(one);
                    }
                }
            }
        }
        Self {
            callers,
            spelled: spelled.to_owned(),
            shown,
            guards,
            rules: Vec::new(),
            known: HashMap::new(),
        }
    }

    pub(super) fn callers(&self) -> &'c Callers {
        self.callers
    }

    /// Takes note of a rule, and gives its place.
    pub(super) fn note(&mut self, rule: &Rule) -> usize {
        if let Some(at) = self.rules.iter().position(|(one, _)| one == rule) {
            return at;
        }
        let matching = self.matching(rule);
        self.rules.push((rule.clone(), matching));
        self.rules.len() - 1
    }

    /// Whether a rule ever decides something here.
    pub(super) fn is_decided_by(&self, rule: usize) -> bool {
        !matches!(self.rules[rule].1, Matching::Never)
    }

    /// How many rules were noted.
    pub(super) fn count(&self) -> usize {
        self.rules.len()
    }

    pub(super) fn name_of(&self, rule: usize) -> &str {
        &self.rules[rule].0.name
    }

    fn matching(&self, rule: &Rule) -> Matching {
        if rule.effect == Effect::Nothing {
            return Matching::Never;
        }
        let shown = self.shown.iter();
        let matched: Vec<Guards> = shown
            .map(|shown| {
                let holds = holding(&rule.text, &self.spelled, *shown);
                let all = (0..OUTCOMES).fold(0, |all, outcome| all | holds << (outcome * GUARDS));
                all & self.guards
            })
            .collect();
        if matched.iter().all(|guards| *guards == 0) {
            return Matching::Never;
        }
        match &rule.effect {
            Effect::Execute(rules) => {
                let rules = rules.iter().map(|rule| self.matching(rule));
                Matching::Executes(matched, rules.collect())
            }
            effect => Matching::Decides(effect.clone(), matched),
        }
    }

    /// What becomes of every client's requests.
    pub(super) fn verdicts(&mut self, moment: &Moment) -> Rc<Verdicts> {
        if let Some(known) = self.known.get(moment) {
            return Rc::clone(known);
        }
        let mut found: Vec<Option<[Guards; 3]>> = vec![None; self.shown.len()];
        let mut verdicts = Vec::new();
        let there = moment.rules.iter().filter(|one| one.is_there);
        let rules: Vec<&Matching> = there.map(|one| &self.rules[one.rule].1).collect();
        for client in &self.callers.clients {
            for reading in READINGS {
                let shown = self
                    .callers
                    .presented(client, reading, moment.account, moment.here);
                let at = self.shown.iter().position(|one| *one == shown);
                let at = at.expect("what clients can show");
                let of = *found[at].get_or_insert_with(|| walk(&rules, at, self.guards));
                verdicts.push(of);
            }
        }
        let verdicts = Rc::new(verdicts);
        self.known.insert(moment.clone(), Rc::clone(&verdicts));
        verdicts
    }
}

/// Where requests are, by guards.
struct Walk {
    verdicts: [Guards; 3],
    /// Those that nothing has decided in the list.
    open: Guards,
    /// Those that skip the rest of the list only.
    skipped: Guards,
}

/// Pass, challenge and block, for one thing that clients can show.
fn walk(rules: &[&Matching], shown: usize, guards: Guards) -> [Guards; 3] {
    let mut walk = Walk {
        verdicts: [0; 3],
        open: guards,
        skipped: 0,
    };
    walk.list(rules, shown);
    walk.verdicts[0] |= walk.open | walk.skipped;
    walk.verdicts
}

impl Walk {
    fn list(&mut self, rules: &[&Matching], shown: usize) {
        for rule in rules {
            match rule {
                Matching::Never => {}
                Matching::Decides(effect, matched) => self.take(effect, matched[shown]),
                Matching::Executes(matched, inner) => {
                    let matched = matched[shown] & self.open;
                    let mut through = Walk {
                        verdicts: [0; 3],
                        open: matched,
                        skipped: 0,
                    };
                    through.list(&inner.iter().collect::<Vec<_>>(), shown);
                    for (all, more) in self.verdicts.iter_mut().zip(through.verdicts) {
                        *all |= more;
                    }
                    // What skips the rest of the inner list only goes on in this one.
                    self.open = self.open & !matched | through.open | through.skipped;
                }
            }
        }
    }

    fn take(&mut self, effect: &Effect, matched: Guards) {
        let matched = matched & self.open;
        let [passed, challenged, blocked] = &mut self.verdicts;
        match effect {
            Effect::Block => *blocked |= matched,
            Effect::Challenge => *challenged |= matched,
            Effect::SkipRuleset => self.skipped |= matched,
            Effect::SkipPhase => *passed |= matched,
            Effect::Unknown => {
                let outcome = |nth: usize| matched & EVERY << (nth * GUARDS);
                *passed |= outcome(0);
                *challenged |= outcome(1);
                *blocked |= outcome(2);
                self.open &= !(outcome(0) | outcome(1) | outcome(2));
                return;
            }
            Effect::Nothing | Effect::Execute(_) => return,
        }
        self.open &= !matched;
    }
}

impl Moment {
    /// A list of rules as it is.
    pub(super) fn standing(rule: usize) -> Standing {
        Standing {
            rule,
            is_there: true,
        }
    }

    /// Changes the list of rules. What does not take effect yet keeps the place of a new rule.
    pub(super) fn edit(&mut self, edit: &Edit, takes_effect: bool, host: &mut Host<'_>) {
        match edit {
            Edit::Insert(rule, place) => {
                let rule = host.note(rule);
                let standing = Standing {
                    rule,
                    is_there: takes_effect,
                };
                self.insert(standing, place, host);
            }
            _ if !takes_effect => {}
            Edit::Replace(rule) => {
                let at = self.place_of(&rule.name, host);
                self.rules[at].rule = host.note(rule);
            }
            Edit::Move(name, place) => {
                let at = self.place_of(name, host);
                let moved = self.rules.remove(at);
                self.insert(moved, place, host);
            }
            Edit::Remove(name) => {
                let at = self.place_of(name, host);
                self.rules.remove(at);
            }
        }
    }

    fn insert(&mut self, standing: Standing, place: &Place, host: &Host<'_>) {
        let at = match place {
            Place::First => 0,
            Place::After(name) => self.place_of(name, host) + 1,
        };
        self.rules.insert(at, standing);
    }

    /// Forgets places that nothing keeps any more.
    pub(super) fn settle(&mut self) {
        self.rules.retain(|one| one.is_there);
    }

    fn place_of(&self, name: &str, host: &Host<'_>) -> usize {
        let mut rules = self.rules.iter();
        let at = rules.position(|one| host.name_of(one.rule) == name);
        at.unwrap_or_else(|| panic!("no rule {name}"))
    }
}
