//! Hosts that neither the rules nor the steps of a plan tell apart.

use std::collections::BTreeSet;
use std::collections::HashMap;
use std::collections::HashSet;
use std::rc::Rc;
use std::sync::Arc;

use crate::edge::Asks;
use crate::edge::Authority;
use crate::edge::Ca;
use crate::edge::Client;
use crate::edge::Model;
use crate::edge::Presented;
use crate::edge::Reading;
use crate::edge::Rule;
use crate::edge::Verdict;
use crate::edge::presented;
use crate::expression::Bound;
use crate::expression::Expression;
use crate::expression::Request;
use crate::expression::Truth;
use crate::plan::safety::ground::Ground;
use crate::plan::safety::ground::Work;
use crate::plan::safety::moment::Cas;
use crate::plan::safety::moment::Moment;
use crate::plan::safety::moment::Seen;
use crate::plan::safety::moment::Verdicts;
use crate::plan::safety::moment::address;
use crate::plan::safety::trial::Judged;
use crate::plan::safety::trial::Trial;
use crate::resource::Hostname;
use crate::resource::ZoneName;

/// Hosts that nothing tells apart.
pub(in crate::plan) struct Kin<'p> {
    pub(super) zone: &'p ZoneName,
    /// Empty for any other host of the zone.
    pub(in crate::plan) hosts: Vec<Hostname>,
    /// How the host that speaks for all is spelled.
    spelled: String,
    /// Its CAs now.
    pub(in crate::plan) authorities: BTreeSet<Authority>,
    ever_asks: bool,
    ever_managed: bool,
    /// The rules, at some time, that could match a request to it, and their `ref`s.
    about: HashSet<usize>,
    about_named: BTreeSet<String>,
}

/// What the model says of some hosts; every state is asked about once.
pub(super) struct Oracle {
    pub(super) model: Model,
    /// The access tests about them.
    pub(super) trials: Vec<Trial>,
    known: HashMap<(Reading, Seen), Rc<Verdicts>>,
    /// What the clients present, by what matters to that.
    presented: HashMap<(Reading, Cas, Cas), Rc<Vec<Presented>>>,
    /// The states that were asked about since the last time they were forgotten.
    asked: HashSet<(Reading, Seen)>,
    /// States with which nothing is wrong by themselves, between ends that are always the same.
    pub(super) fine: HashSet<(Reading, Seen)>,
}

impl<'p> Kin<'p> {
    pub(in crate::plan) fn of(ground: &Ground<'p>, hosts: Vec<Hostname>) -> Self {
        let first = hosts.first();
        let spelled = first.map_or_else(
            || format!("any-other-host.{}", ground.zone),
            ToString::to_string,
        );
        let known = known(ground.zone, &spelled);
        let rules = ground.rules_now.iter().chain(ground.written());
        let about: Vec<&Arc<Rule>> = rules.filter(|rule| may_match(rule, &known)).collect();
        Self {
            zone: ground.zone,
            authorities: first.map_or_else(BTreeSet::new, |host| ground.authorities_now(host)),
            ever_asks: first.is_some_and(|host| ground.ever_lists(host)),
            ever_managed: first
                .is_some_and(|host| ground.ever_lists_for(&Authority::Managed, host)),
            about: about.iter().map(|rule| address(rule)).collect(),
            about_named: about.iter().map(|rule| rule.reference.clone()).collect(),
            hosts,
            spelled,
        }
    }

    /// What is known of every request to them.
    pub(in crate::plan) fn known(&self) -> Request {
        known(self.zone, &self.spelled)
    }

    /// Takes note of rules that are about these hosts only.
    pub(in crate::plan) fn note<'r>(&mut self, rules: impl Iterator<Item = &'r Arc<Rule>>) {
        self.about.extend(rules.map(address));
    }

    /// Whether a rule could match a request to these hosts.
    pub(super) fn is_about(&self, rule: &Arc<Rule>) -> bool {
        self.about.contains(&address(rule))
    }

    /// Whether a step can make a difference to these hosts.
    pub(super) fn is_touched_by(&self, work: &Work) -> bool {
        match work {
            Work::Upload(_) | Work::Delete(_) => self.ever_asks,
            Work::Hosts { before, after, .. } => self
                .hosts
                .first()
                .is_some_and(|host| before.contains(host) != after.contains(host)),
            Work::Rules(edit) => self.about_named.contains(edit.reference()),
        }
    }

    /// The model of these hosts.
    pub(super) fn oracle(
        &self,
        ground: &Ground<'_>,
        clients: &[Client],
        trials: Vec<Trial>,
    ) -> Oracle {
        // What is fixed of a client is the same on every host that asks.
        let asking = Asks::of(&BTreeSet::from([Authority::Managed]), ground.cas.iter());
        let also: Vec<Expression> = clients
            .iter()
            .flat_map(|client| self.presented(client, &asking, Reading::PerHost).also)
            .collect();
        let rules = ground.rules_now.iter().chain(ground.written());
        let rules = rules.filter(|rule| self.is_about(rule)).map(AsRef::as_ref);
        Oracle {
            model: Model::over(rules, &also, &self.known()),
            trials,
            known: HashMap::new(),
            presented: HashMap::new(),
            asked: HashSet::new(),
            fine: HashSet::new(),
        }
    }

    /// What these hosts ask for with some CAs, in an account with those.
    pub(super) fn asks<'c>(
        &self,
        authorities: &BTreeSet<Authority>,
        account: impl Iterator<Item = (&'c Authority, &'c Ca)> + Clone,
    ) -> Asks {
        Asks::of(authorities, account).naming_managed(self.ever_managed)
    }

    fn presented(&self, client: &Client, asks: &Asks, reading: Reading) -> Presented {
        presented(self.zone, &self.spelled, client, asks, reading)
    }
}

impl Oracle {
    /// What becomes of each client's requests in a state.
    pub(super) fn verdicts(
        &mut self,
        moment: &Moment,
        (kin, ground): (&Kin<'_>, &Ground<'_>),
        clients: &[Client],
        seen: &(Reading, Seen),
    ) -> Result<Rc<Verdicts>, Bound> {
        if !self.asked.contains(seen) {
            self.asked.insert(seen.clone());
        }
        if let Some(verdicts) = self.known.get(seen) {
            return Ok(Rc::clone(verdicts));
        }
        let (reading, (cas, authorities, _)) = seen;
        let presented = self
            .presented
            .entry((*reading, cas.clone(), authorities.clone()))
            .or_insert_with(|| {
                let account = ground.cas.iter().filter(|(one, _)| cas.contains(one));
                let asks = kin.asks(authorities, account);
                let clients = clients.iter();
                Rc::new(
                    clients
                        .map(|client| kin.presented(client, &asks, *reading))
                        .collect(),
                )
            });
        let presented = Rc::clone(presented);
        let rules = moment.rules(kin);
        let verdicts = presented.iter().map(|request| {
            let course = self.model.course(&rules, request)?;
            Ok(Verdict::ALL.map(|verdict| course.with(verdict)))
        });
        let verdicts = Rc::new(verdicts.collect::<Result<Verdicts, Bound>>()?);
        self.known.insert(seen.clone(), Rc::clone(&verdicts));
        Ok(verdicts)
    }

    /// What stands against each access test in a state.
    pub(super) fn judged(
        &mut self,
        moment: &Moment,
        place: (&Kin<'_>, &Ground<'_>),
        reading: Reading,
    ) -> Judged {
        let trials = self.trials.iter_mut();
        trials
            .map(|trial| trial.judge(moment, place, reading))
            .collect()
    }

    /// Forgets which states were asked about.
    pub(super) fn forget(&mut self) {
        self.asked.clear();
    }

    /// How many states were asked about.
    pub(super) fn states(&self) -> usize {
        self.asked.len()
    }
}

/// What is known of every request to a host.
pub(super) fn known(zone: &ZoneName, host: &str) -> Request {
    Request::default()
        .with("http.host", host)
        .with("cf.zone.name", zone.as_str())
}

/// Whether a rule could match a request of which this is known.
pub(super) fn may_match(rule: &Rule, known: &Request) -> bool {
    let condition = rule.condition.as_ref();
    rule.enabled && condition.map_or(true, |one| one.evaluate(known) != Truth::False)
}
