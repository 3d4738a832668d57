//! From what the edge knows of an account to the picture, and from two of that to what changes.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::edge;
use crate::edge::Authority;
use crate::edge::Client;
use crate::edge::Effect;
use crate::edge::HostTests;
use crate::edge::State;
use crate::edge::ZoneState;
use crate::edge::clients;
use crate::expression::Truth;
use crate::report::graph::Asks;
use crate::report::graph::Ca;
use crate::report::graph::Change;
use crate::report::graph::Graph;
use crate::report::graph::Group;
use crate::report::graph::Reaches;
use crate::report::graph::Rule;
use crate::report::graph::Was;
use crate::report::graph::Zone;
use crate::report::graph::access::Hosts;
use crate::resource::Hostname;
use crate::resource::ZoneName;

/// What is drawn: a state, and the one before it if a plan is shown.
struct Scene<'s> {
    before: Option<&'s State>,
    now: &'s State,
    clients: Vec<Client>,
    /// The CAs by their places in the picture.
    cas: BTreeMap<Authority, usize>,
}

static NO_CAS: BTreeSet<Authority> = BTreeSet::new();

/// Hosts by their CAs before and now.
type Standing<'s> = (&'s BTreeSet<Authority>, &'s BTreeSet<Authority>);

impl Graph {
    /// What one state looks like.
    #[must_use]
    pub fn of(state: &State) -> Self {
        Self::between(None, state)
    }

    /// What changes from one state to another.
    #[must_use]
    pub fn change(before: &State, now: &State) -> Self {
        Self::between(Some(before), now)
    }

    fn between(before: Option<&State>, now: &State) -> Self {
        let states = || before.into_iter().chain([now]);
        let mut names: Vec<(String, Authority)> = Vec::new();
        let asked = states().flat_map(|state| state.zones.values());
        let asked = asked.flat_map(|zone| zone.hosts.values().flatten());
        let known = states().flat_map(|state| state.cas.keys());
        let all: BTreeSet<&Authority> = asked.chain(known).collect();
        for authority in all {
            let holder = [Some(now), before].into_iter().flatten();
            let mut holder = holder.filter(|state| state.cas.contains_key(authority));
            let one = BTreeSet::from([authority.clone()]);
            let name = holder.next().unwrap_or(now).names(&one).pop();
            names.push((name.unwrap_or_default(), authority.clone()));
        }
        names.sort();
        let cas = names.iter().map(|(name, authority)| {
            let holds = |state: &State| {
                *authority == Authority::Managed || state.cas.contains_key(authority)
            };
            Ca {
                name: name.clone(),
                change: before.map_or(Change::Kept, |before| Change::of(holds(before), holds(now))),
            }
        });
        let scene = Scene {
            before,
            now,
            clients: clients(states()),
            cas: names
                .iter()
                .enumerate()
                .map(|(place, (_, authority))| (authority.clone(), place))
                .collect(),
        };
        let zones: BTreeSet<&ZoneName> = states().flat_map(|state| state.zones.keys()).collect();
        let zones = zones.into_iter().map(|name| scene.zone(name));
        Self {
            is_change: before.is_some(),
            cas: cas.collect(),
            zones: zones.filter(|zone| !zone.groups.is_empty()).collect(),
        }
    }
}

impl Scene<'_> {
    fn zone(&self, name: &ZoneName) -> Zone {
        let none = ZoneState::default();
        let before = self.before.and_then(|state| state.zones.get(name));
        let before = before.unwrap_or(&none);
        let now = self.now.zones.get(name).unwrap_or(&none);
        let earlier: &[edge::Rule] = if self.before.is_some() {
            &before.rules
        } else {
            &[]
        };
        let shown = rules(earlier, &now.rules, self.before.is_some());
        let tests = HostTests::of(earlier.iter().chain(&now.rules));
        let mut groups = Vec::new();
        for (standing, hosts) in tests.kin(hosts(name, before, now, earlier)) {
            let spelled = hosts.first().map(ToString::to_string).unwrap_or_default();
            let place = (name, spelled.as_str(), standing);
            groups.push(self.group(place, (before, now), &shown, hosts));
        }
        // Not a name that anybody has.
        let other = format!("any-other-host.{name}");
        let place = (name, other.as_str(), (&NO_CAS, &NO_CAS));
        let rest = self.group(place, (before, now), &shown, Vec::new());
        if rest.rules.iter().any(|reach| {
            let rule = shown.get(reach.rule);
            rule.is_some_and(|(_, rule)| rule.is_about_certificates())
        }) {
            groups.push(rest);
        }
        let used: BTreeSet<usize> = groups
            .iter()
            .flat_map(|group| group.rules.iter().map(|reach| reach.rule))
            .collect();
        let places: BTreeMap<usize, usize> = used
            .iter()
            .enumerate()
            .map(|(place, rule)| (*rule, place))
            .collect();
        for reach in groups.iter_mut().flat_map(|group| &mut group.rules) {
            reach.rule = places.get(&reach.rule).copied().unwrap_or_default();
        }
        let rules = shown.into_iter().enumerate();
        let rules = rules.filter(|(place, _)| used.contains(place));
        Zone {
            name: name.clone(),
            groups,
            rules: rules.map(|(_, (rule, _))| rule).collect(),
        }
    }

    fn group(
        &self,
        (zone, spelled, (cas_before, cas_now)): (&ZoneName, &str, Standing<'_>),
        (before, now): (&ZoneState, &ZoneState),
        shown: &[(Rule, &edge::Rule)],
        hosts: Vec<Hostname>,
    ) -> Group {
        let here = Hosts {
            state: self.now,
            zone,
            rules: &now.rules,
            spelled,
            authorities: cas_now,
        };
        let earlier = self.before.map(|state| Hosts {
            state,
            zone,
            rules: &before.rules,
            spelled,
            authorities: cas_before,
        });
        let was = |before, now| Was {
            before: Some(before).filter(|before| *before != now),
            now,
        };
        let stranger = here.strangers();
        let stranger = match &earlier {
            Some(earlier) => was(earlier.strangers(), stranger),
            None => was(stranger, stranger),
        };
        let all: BTreeSet<&Authority> = match &earlier {
            Some(earlier) => earlier.authorities.union(cas_now).collect(),
            None => cas_now.iter().collect(),
        };
        let asks = all.into_iter().filter_map(|authority| {
            let clients = here.clients_of(authority, &self.clients);
            Some(Asks {
                ca: *self.cas.get(authority)?,
                change: earlier.as_ref().map_or(Change::Kept, |earlier| {
                    let held = earlier.authorities.contains(authority);
                    Change::of(held, cas_now.contains(authority))
                }),
                clients: match &earlier {
                    Some(earlier) => was(earlier.clients_of(authority, &self.clients), clients),
                    None => was(clients, clients),
                },
            })
        });
        let mut asks: Vec<Asks> = asks.collect();
        asks.sort_by_key(|asks| asks.ca);
        let known = here.known();
        let may_match = |rules: &[edge::Rule], reference: &str| {
            let mut rules = rules.iter().filter(|rule| rule.reference == reference);
            rules.any(|rule| {
                let condition = rule.condition.as_ref();
                condition.map_or(true, |one| one.evaluate(&known) != Truth::False)
            })
        };
        let rules = shown.iter().enumerate().filter_map(|(place, (_, rule))| {
            let reaches = may_match(&now.rules, &rule.reference);
            let was_reached = match &earlier {
                Some(earlier) => may_match(earlier.rules, &rule.reference),
                None => reaches,
            };
            (reaches || was_reached).then(|| Reaches {
                rule: place,
                change: Change::of(was_reached, reaches),
            })
        });
        Group {
            hosts,
            stranger,
            asks,
            rules: rules.collect(),
        }
    }
}

/// The hosts of a zone that ask for certificates, or that rules about certificates name.
fn hosts<'s>(
    name: &ZoneName,
    before: &'s ZoneState,
    now: &'s ZoneState,
    earlier: &[edge::Rule],
) -> Vec<(Hostname, Standing<'s>)> {
    let about = earlier.iter().chain(&now.rules);
    let about = about.filter(|rule| rule.is_about_certificates());
    let mut hosts: BTreeSet<Hostname> = about.flat_map(|rule| rule.hosts_named(name)).collect();
    hosts.extend(before.hosts.keys().chain(now.hosts.keys()).cloned());
    let standing = |host: &Hostname| {
        let of = |zone: &'s ZoneState| zone.hosts.get(host).unwrap_or(&NO_CAS);
        (of(before), of(now))
    };
    hosts
        .into_iter()
        .map(|host| {
            let standing = standing(&host);
            (host, standing)
        })
        .collect()
}

/// The rules that are about certificates, and those that let requests past them: those of now in their order,
/// and then those that are gone.
fn rules<'r>(
    earlier: &'r [edge::Rule],
    now: &'r [edge::Rule],
    is_change: bool,
) -> Vec<(Rule, &'r edge::Rule)> {
    let matters = |rule: &&edge::Rule| {
        let lets_past = matches!(rule.effect, Effect::SkipRuleset | Effect::SkipPhase);
        rule.is_about_certificates() || lets_past
    };
    let find = |rules: &'r [edge::Rule], rule: &edge::Rule| {
        let mut found = rules.iter().filter(|one| one.reference == rule.reference);
        found.next()
    };
    let shown = |rule: &'r edge::Rule, change| {
        let node = Rule {
            name: rule.name.clone(),
            action: action(&rule.effect),
            enabled: rule.enabled,
            change,
        };
        (node, rule)
    };
    let mut all: Vec<(Rule, &edge::Rule)> = Vec::new();
    for rule in now.iter().filter(matters) {
        let change = match find(earlier, rule) {
            _ if !is_change => Change::Kept,
            None => Change::Added,
            Some(was) if was == rule => Change::Kept,
            Some(_) => Change::Changed,
        };
        all.push(shown(rule, change));
    }
    let gone = earlier.iter().filter(matters);
    let gone = gone.filter(|rule| find(now, rule).is_none());
    all.extend(gone.map(|rule| shown(rule, Change::Removed)));
    all
}

fn action(effect: &Effect) -> &'static str {
    match effect {
        Effect::Block => "block",
        Effect::Challenge => "challenge",
        Effect::SkipRuleset | Effect::SkipPhase => "let past",
        Effect::Nothing => "decides nothing",
        Effect::Execute(_) => "execute a custom ruleset",
        Effect::Unknown => "not known",
    }
}
