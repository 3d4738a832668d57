//! What becomes of strangers and of the clients of each CA, on hosts that nothing tells apart.

use std::collections::BTreeSet;

use crate::edge::Authority;
use crate::edge::Client;
use crate::edge::Course;
use crate::edge::Decision;
use crate::edge::Effect;
use crate::edge::Model;
use crate::edge::Path;
use crate::edge::Place;
use crate::edge::Presented;
use crate::edge::Reading;
use crate::edge::Rule;
use crate::edge::State;
use crate::edge::Verdict;
use crate::edge::presented;
use crate::expression::Bound;
use crate::expression::GuardSet;
use crate::expression::Request;
use crate::report::graph::Outcome;
use crate::resource::ZoneName;

/// Some hosts of a zone in a state.
pub(super) struct Hosts<'s> {
    pub(super) state: &'s State,
    pub(super) zone: &'s ZoneName,
    pub(super) rules: &'s [Rule],
    /// How one of them, which speaks for all, is spelled.
    pub(super) spelled: &'s str,
    pub(super) authorities: &'s BTreeSet<Authority>,
}

impl Hosts<'_> {
    /// What is known of every request to them.
    pub(super) fn known(&self) -> Request {
        Request::default()
            .with("http.host", self.spelled)
            .with("cf.zone.name", self.zone.as_str())
    }

    /// What becomes of clients without a certificate.
    pub(super) fn strangers(&self) -> Outcome {
        self.outcome(&[Client::None])
    }

    /// What becomes of the clients of a CA, which may have several issuers.
    pub(super) fn clients_of(&self, authority: &Authority, clients: &[Client]) -> Outcome {
        if !self.authorities.contains(authority) {
            return Outcome::NotAsked;
        }
        let ca = self.state.cas.get(authority);
        let is_meant = |client: &&Client| match (client, authority) {
            (Client::Managed { revoked, .. }, Authority::Managed) => !revoked,
            (Client::Issued(issued), _) => {
                issued.path == Path::Direct && ca.is_some_and(|ca| issued.is_of(ca))
            }
            _ => false,
        };
        let meant: Vec<Client> = clients.iter().filter(is_meant).cloned().collect();
        self.outcome(&meant)
    }

    /// What becomes of all requests of some clients, under both readings.
    fn outcome(&self, clients: &[Client]) -> Outcome {
        let asks = self.state.asks(self.authorities);
        let requests: Vec<Presented> = clients
            .iter()
            .flat_map(|client| Reading::BOTH.map(|reading| (client, reading)))
            .map(|(client, reading)| presented(self.zone, self.spelled, client, &asks, reading))
            .collect();
        let also = requests.iter().flat_map(|request| &request.also);
        let mut model = Model::over(self.rules, also, &self.known());
        let mut found: BTreeSet<Verdict> = BTreeSet::new();
        for request in &requests {
            match self.verdicts(&mut model, request) {
                Ok(verdicts) => found.extend(verdicts),
                Err(_) => return Outcome::Unknown,
            }
        }
        let mut found = found.into_iter();
        match (found.next(), found.next()) {
            (Some(only), None) => Outcome::Always(only),
            (Some(_), Some(_)) => Outcome::Depends,
            (None, _) => Outcome::Unknown,
        }
    }

    fn verdicts(&self, model: &mut Model, request: &Presented) -> Result<Vec<Verdict>, Bound> {
        let course = model.course(self.rules, request)?;
        let otherwise = self.stopped_otherwise(model, &course)?;
        let relevant = model.without(course.possible, otherwise)?;
        let found = among(model, &course, relevant)?;
        if found.is_empty() {
            // Rules that have nothing to do with certificates stop all of them, in one way or another.
            return among(model, &course, course.possible);
        }
        Ok(found)
    }

    /// The requests that rules stop which have nothing to do with certificates.
    fn stopped_otherwise(&self, model: &mut Model, course: &Course) -> Result<GuardSet, Bound> {
        let stops = |decision: &&Decision| {
            matches!(decision.verdict, Some(Verdict::Block | Verdict::Challenge))
                && !self.is_about_certificates(decision.place)
        };
        let mut stopped = GuardSet::NONE;
        for decision in course.decisions.iter().filter(stops) {
            stopped = model.either(stopped, decision.matched)?;
        }
        Ok(stopped)
    }

    /// Whether the rule at a place is about certificates, by itself or by the one that executes it.
    fn is_about_certificates(&self, place: Place) -> bool {
        let Some(rule) = self.rules.get(place.rule) else {
            return false;
        };
        let inner = match (&rule.effect, place.executed) {
            (Effect::Execute(inner), Some(index)) => inner.get(index),
            _ => None,
        };
        rule.mentions_certificates() || inner.is_some_and(Rule::mentions_certificates)
    }
}

/// What becomes of some of the requests.
fn among(model: &mut Model, course: &Course, some: GuardSet) -> Result<Vec<Verdict>, Bound> {
    let mut found = Vec::new();
    for verdict in Verdict::ALL {
        let guards = model.both(some, course.with(verdict))?;
        if model.witness(guards)?.is_some() {
            found.push(verdict);
        }
    }
    Ok(found)
}
