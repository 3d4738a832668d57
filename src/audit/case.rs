//! One group of hosts that nothing tells apart, and what the model says of each client there.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::audit::Subject;
use crate::edge::Asks;
use crate::edge::Authority;
use crate::edge::Client;
use crate::edge::Course;
use crate::edge::Decision;
use crate::edge::Effect;
use crate::edge::HostTests;
use crate::edge::Model;
use crate::edge::Place;
use crate::edge::Presented;
use crate::edge::Reading;
use crate::edge::Rule;
use crate::edge::State;
use crate::edge::Verdict;
use crate::edge::ZoneState;
use crate::edge::presented;
use crate::expression::Bound;
use crate::expression::Guard;
use crate::expression::GuardSet;
use crate::expression::Request;
use crate::resource::Hostname;
use crate::resource::ZoneName;

/// Whether a certificate was revoked.
pub(super) const REVOKED: &str = "cf.tls_client_auth.cert_revoked";

/// Hosts that nothing tells apart.
pub(super) struct Case<'a> {
    pub(super) zone: &'a ZoneName,
    pub(super) rules: &'a [Rule],
    /// Empty for *any other host* of the zone.
    pub(super) hosts: Vec<Hostname>,
    pub(super) authorities: BTreeSet<Authority>,
    pub(super) asks: Asks,
    pub(super) clients: &'a [Client],
    /// How the host that speaks for all is spelled.
    spelled: String,
}

/// The model of one case, in which its questions are asked.
pub(super) struct Inquiry<'c, 'a> {
    pub(super) case: &'c Case<'a>,
    model: Model,
}

/// The cases of an account: hosts that ask for certificates, hosts that rules about certificates name, and any
/// other host of a zone with such rules.
pub(super) fn cases<'a>(
    state: &'a State,
    clients: &'a [Client],
    subject: &Subject,
) -> Vec<Case<'a>> {
    let served = |name: &ZoneName| {
        let zone = subject.live.zones.get(name);
        zone.is_some_and(|zone| zone.zone.is_serving())
    };
    let zones = state.zones.iter().filter(|(name, _)| served(name));
    zones
        .flat_map(|(name, zone)| of_zone(state, clients, name, zone, &odd(subject, name)))
        .collect()
}

fn of_zone<'a>(
    state: &State,
    clients: &'a [Client],
    name: &'a ZoneName,
    zone: &'a ZoneState,
    odd: &[&str],
) -> Vec<Case<'a>> {
    let mut hosts: BTreeMap<Hostname, BTreeSet<Authority>> = zone.hosts.clone();
    let about = zone
        .rules
        .iter()
        .filter(|rule| rule.is_about_certificates());
    let named: BTreeSet<Hostname> = about.flat_map(|rule| rule.hosts_named(name)).collect();
    for host in named {
        // Whether a wildcard makes it ask is not known.
        let may_ask = odd.iter().any(|entry| is_wildcard_of(entry, &host));
        if !may_ask {
            hosts.entry(host).or_default();
        }
    }
    let tests = HostTests::of(&zone.rules);
    let case = |hosts: Vec<Hostname>, authorities: BTreeSet<Authority>, spelled: String| Case {
        zone: name,
        rules: &zone.rules,
        hosts,
        asks: state.asks(&authorities),
        authorities,
        clients,
        spelled,
    };
    let kin = tests.kin(hosts).into_iter();
    let mut cases: Vec<Case<'a>> = kin
        .filter_map(|(authorities, hosts)| {
            let spelled = hosts.first()?.to_string();
            Some(case(hosts, authorities, spelled))
        })
        .collect();
    if zone.rules.iter().any(Rule::is_about_certificates) {
        // Not a name that anybody has.
        let other = format!("any-other-host.{name}");
        cases.push(case(Vec::new(), BTreeSet::new(), other));
    }
    cases
}

/// Entries of a zone's host lists that are no hosts of it.
pub(super) fn odd<'s>(subject: &'s Subject, name: &ZoneName) -> Vec<&'s str> {
    let lists = subject
        .live
        .zones
        .get(name)
        .and_then(|zone| zone.lists.as_ref());
    let entries = lists.into_iter().flatten().flat_map(|(_, list)| &list.0);
    let is_host = |entry: &&String| Hostname::parse(entry).is_ok_and(|host| name.contains(&host));
    let odd: BTreeSet<&str> = entries
        .filter(|entry| !is_host(entry))
        .map(String::as_str)
        .collect();
    odd.into_iter().collect()
}

fn is_wildcard_of(entry: &str, host: &Hostname) -> bool {
    let suffix = entry.strip_prefix('*').filter(|rest| rest.starts_with('.'));
    suffix.is_some_and(|suffix| host.as_str().ends_with(&suffix.to_ascii_lowercase()))
}

impl<'a> Case<'a> {
    /// The names under which findings about it are told.
    pub(super) fn objects(&self) -> Vec<String> {
        if self.hosts.is_empty() {
            vec![format!("any other host of {}", self.zone)]
        } else {
            self.hosts.iter().map(ToString::to_string).collect()
        }
    }

    /// Whether an uploaded CA is associated with it.
    pub(super) fn has_uploaded_ca(&self) -> bool {
        self.authorities
            .iter()
            .any(|one| *one != Authority::Managed)
    }

    /// The rule at a place.
    pub(super) fn rule(&self, place: Place) -> Option<&'a Rule> {
        let rule = self.rules.get(place.rule)?;
        match (place.executed, &rule.effect) {
            (None, _) => Some(rule),
            (Some(index), Effect::Execute(inner)) => inner.get(index),
            (Some(_), _) => None,
        }
    }

    /// The rule that makes the one at a place about certificates: itself, or the one that executes it.
    pub(super) fn about_certificates(&self, place: Place) -> Option<&'a Rule> {
        let executor = Place {
            executed: None,
            ..place
        };
        let mut rules = [place, executor].into_iter().filter_map(|at| self.rule(at));
        rules.find(|rule| rule.mentions_certificates())
    }

    /// Asks about it.
    pub(super) fn inquire(&self) -> Inquiry<'_, 'a> {
        self.inquire_over(self.rules)
    }

    /// Asks about it with these rules.
    pub(super) fn inquire_over<'r>(
        &self,
        rules: impl IntoIterator<Item = &'r Rule>,
    ) -> Inquiry<'_, 'a> {
        let known = self.in_zone().with("http.host", self.spelled.as_str());
        self.inquire_knowing(&known, rules)
    }

    /// Asks about it with the host spelled in one way and in another.
    pub(super) fn inquire_in_any_spelling(&self) -> Inquiry<'_, 'a> {
        self.inquire_knowing(&self.in_zone(), self.rules)
    }

    fn in_zone(&self) -> Request {
        Request::default().with("cf.zone.name", self.zone.as_str())
    }

    fn inquire_knowing<'r>(
        &self,
        known: &Request,
        rules: impl IntoIterator<Item = &'r Rule>,
    ) -> Inquiry<'_, 'a> {
        let requests: Vec<Presented> = self
            .clients
            .iter()
            .map(|client| self.presented(&self.spelled, client, Reading::PerHost))
            .collect();
        let also = requests.iter().flat_map(|request| &request.also);
        Inquiry {
            case: self,
            model: Model::over(rules, also, known),
        }
    }

    /// How the host that speaks for all is spelled.
    pub(super) fn spelled(&self) -> &str {
        &self.spelled
    }

    pub(super) fn presented(&self, host: &str, client: &Client, reading: Reading) -> Presented {
        presented(self.zone, host, client, &self.asks, reading)
    }
}

impl Inquiry<'_, '_> {
    /// The course of a client's requests.
    pub(super) fn course(&mut self, client: &Client, reading: Reading) -> Result<Course, Bound> {
        self.course_through(self.case.rules, self.case.spelled(), client, reading)
    }

    /// The course of a client's requests, the host spelled like this, through another list of rules.
    pub(super) fn course_through(
        &mut self,
        rules: &[Rule],
        host: &str,
        client: &Client,
        reading: Reading,
    ) -> Result<Course, Bound> {
        let request = self.case.presented(host, client, reading);
        self.model.course(rules, &request)
    }

    /// The course of a client's requests, were its certificate revoked and the edge knew.
    pub(super) fn course_if_revoked(
        &mut self,
        client: &Client,
        reading: Reading,
    ) -> Result<Course, Bound> {
        let case = self.case;
        let mut request = case.presented(case.spelled(), client, reading);
        request.known = request.known.with(REVOKED, true);
        self.model.course(case.rules, &request)
    }

    /// The guards on which rules about certificates stop a request, by a block or a challenge.
    pub(super) fn stopped(&mut self, course: &Course) -> Result<GuardSet, Bound> {
        self.stopped_by(course, true)
    }

    /// The guards on which a request without a certificate is stopped for want of one: by rules about
    /// certificates, or by others, past which a rule lets those with some certificate.
    pub(super) fn needing_certificate(&mut self, none: &Course) -> Result<GuardSet, Bound> {
        let mut needing = self.stopped(none)?;
        let refused = self.either(none.with(Verdict::Block), none.with(Verdict::Challenge))?;
        let clients = self.case.clients;
        for client in clients.iter().filter(|client| client.has_certificate()) {
            for reading in Reading::BOTH {
                let course = self.course(client, reading)?;
                let passing = self.both(course.with(Verdict::Pass), refused)?;
                needing = self.either(needing, passing)?;
            }
        }
        Ok(needing)
    }

    /// The guards on which rules that have nothing to do with certificates stop a request.
    pub(super) fn stopped_otherwise(&mut self, course: &Course) -> Result<GuardSet, Bound> {
        self.stopped_by(course, false)
    }

    fn stopped_by(&mut self, course: &Course, about_certificates: bool) -> Result<GuardSet, Bound> {
        let case = self.case;
        let stops = |decision: &&Decision| {
            matches!(decision.verdict, Some(Verdict::Block | Verdict::Challenge))
                && case.about_certificates(decision.place).is_some() == about_certificates
        };
        let mut stopped = GuardSet::NONE;
        for decision in course.decisions.iter().filter(stops) {
            stopped = self.model.either(stopped, decision.matched)?;
        }
        Ok(stopped)
    }

    /// The guards of both sets.
    pub(super) fn both(&mut self, one: GuardSet, other: GuardSet) -> Result<GuardSet, Bound> {
        self.model.both(one, other)
    }

    /// The guards of at least one of the sets.
    pub(super) fn either(&mut self, one: GuardSet, other: GuardSet) -> Result<GuardSet, Bound> {
        self.model.either(one, other)
    }

    /// The guards of one set that are not in the other.
    pub(super) fn without(&mut self, one: GuardSet, other: GuardSet) -> Result<GuardSet, Bound> {
        self.model.without(one, other)
    }

    /// One request of a set.
    pub(super) fn witness(&self, set: GuardSet) -> Result<Option<Guard>, Bound> {
        self.model.witness(set)
    }

    /// Whether there is a request in a set.
    pub(super) fn is_any(&self, set: GuardSet) -> Result<bool, Bound> {
        Ok(self.witness(set)?.is_some())
    }
}
