//! What a rule demands, and all that it may be on the way from one demand to another.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use mtlsctl::desired;
use mtlsctl::desired::Accepts;
use mtlsctl::resource::Hostname;
use mtlsctl::resource::KeyId;
use mtlsctl::resource::ZoneName;
use serde_json::Value;

use crate::oracle::account::Effect;
use crate::oracle::account::Rule;
use crate::oracle::account::effect;

/// What a rule demands in a zone.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Demand {
    hosts: BTreeMap<Hostname, Accepts>,
    unless: Option<&'static str>,
    action: &'static str,
    enabled: bool,
}

/// One of several ways to bring two things together.
#[derive(Clone, Copy)]
enum Join {
    Live,
    Desired,
    Either,
    Both,
}

const JOINS: [Join; 4] = [Join::Live, Join::Desired, Join::Either, Join::Both];

impl Demand {
    /// That of a rule of a file; none where it has no host in the zone.
    pub(super) fn of(
        rule: &desired::Rule,
        zone: &ZoneName,
        unless: Option<&'static str>,
    ) -> Option<Self> {
        let requirement = rule.zones.get(zone)?;
        Some(Self {
            hosts: requirement.hosts.clone(),
            unless,
            action: rule.action,
            enabled: rule.enabled,
        })
    }

    /// The rule that demands just this.
    pub(super) fn rule(&self, name: &str) -> Rule {
        let clauses: Vec<(&Hostname, String)> = self
            .hosts
            .iter()
            .map(|(host, accepts)| (host, accepted(accepts)))
            .collect();
        written(name, &clauses, self.unless, self.action, self.enabled)
    }

    /// The condition under which it turns a request to a host away; none if it never does.
    fn stops(&self, host: &Hostname) -> Option<String> {
        let accepts = self.hosts.get(host).filter(|_| self.enabled)?;
        let unless = self.unless.map(|unless| format!(" and not ({unless})"));
        let unless = unless.unwrap_or_default();
        Some(format!("(not {}{unless})", accepted(accepts)))
    }
}

/// A rule that turns away what is not accepted on its hosts. One that decides nothing is written as nothing.
fn written(
    name: &str,
    clauses: &[(&Hostname, String)],
    unless: Option<&str>,
    action: &str,
    enabled: bool,
) -> Rule {
    let effect = if enabled {
        effect(action, &Value::Null)
    } else {
        Effect::Nothing
    };
    let clauses = clauses
        .iter()
        .map(|(host, accepted)| format!("(http.host eq \"{host}\" and not {accepted})"));
    let clauses = clauses.collect::<Vec<_>>().join(" or ");
    let unless = unless.map(|unless| format!(" and not ({unless})"));
    Rule {
        name: name.to_owned(),
        text: if effect == Effect::Nothing {
            String::new()
        } else {
            format!("({clauses}){}", unless.unwrap_or_default())
        },
        effect,
    }
}

/// The condition under which a certificate is accepted.
fn accepted(accepts: &Accepts) -> String {
    let pins = accepts.pins.as_ref().map(|pins| {
        let pins = pins.iter().map(KeyId::as_str);
        let pins: Vec<String> = pins.map(|pin| format!("\"{pin}\"")).collect();
        format!(
            " and cf.tls_client_auth.cert_issuer_ski in {{{}}}",
            pins.join(" ")
        )
    });
    let revoked = if accepts.revocable {
        " and not cf.tls_client_auth.cert_revoked"
    } else {
        ""
    };
    format!(
        "(cf.tls_client_auth.cert_verified{}{revoked})",
        pins.unwrap_or_default()
    )
}

/// Every rule between two demands, the first of which is the live one and the second the desired one.
pub(super) fn between(name: &str, live: Option<&Demand>, desired: Option<&Demand>) -> Vec<Rule> {
    let (Some(one), Some(other)) = (live.or(desired), desired.or(live)) else {
        return Vec::new();
    };
    let mut rules = vec![one.rule(name), other.rule(name)];
    for hosts in JOINS {
        for pins in JOINS {
            let clauses = clauses(one, other, hosts, pins);
            if clauses.is_empty() {
                continue;
            }
            for unless in [one.unless, other.unless] {
                for action in [one.action, other.action] {
                    for enabled in [one.enabled, other.enabled] {
                        let rule = written(name, &clauses, unless, action, enabled);
                        if !rules.contains(&rule) {
                            rules.push(rule);
                        }
                    }
                }
            }
        }
    }
    rules
}

fn clauses<'a>(
    one: &'a Demand,
    other: &'a Demand,
    hosts: Join,
    pins: Join,
) -> Vec<(&'a Hostname, String)> {
    let all: BTreeSet<&Hostname> = one.hosts.keys().chain(other.hosts.keys()).collect();
    let is_meant = |host: &&Hostname| {
        let (live, desired) = (
            one.hosts.contains_key(*host),
            other.hosts.contains_key(*host),
        );
        match hosts {
            Join::Live => live,
            Join::Desired => desired,
            Join::Either => live || desired,
            Join::Both => live && desired,
        }
    };
    let accepted = |host: &Hostname| match (one.hosts.get(host), other.hosts.get(host)) {
        (Some(live), Some(desired)) if live != desired => {
            let (live, desired) = (accepted(live), accepted(desired));
            match pins {
                Join::Live => live,
                Join::Desired => desired,
                Join::Either => format!("({live} or {desired})"),
                Join::Both => format!("({live} and {desired})"),
            }
        }
        (live, desired) => live.or(desired).map(accepted).expect("one of them"),
    };
    let meant = all.into_iter().filter(is_meant);
    meant.map(|host| (host, accepted(host))).collect()
}

/// The rules that may stand above all others for a while: one turns away whom both the live rules and the
/// desired ones do, the other whom either do.
pub(super) fn bridges(live: &[&Demand], desired: &[&Demand]) -> Vec<Rule> {
    let all = live.iter().chain(desired);
    let hosts: BTreeSet<&Hostname> = all.clone().flat_map(|one| one.hosts.keys()).collect();
    let blocks = all.clone().any(|one| one.action == "block");
    let action = if blocks { "block" } else { "managed_challenge" };
    let stops = |demands: &[&Demand], host: &Hostname| {
        let demands = demands.iter().filter(|one| one.action == action);
        let stops: Vec<String> = demands.filter_map(|one| one.stops(host)).collect();
        (!stops.is_empty()).then(|| format!("({})", stops.join(" or ")))
    };
    let mut both = Vec::new();
    let mut either = Vec::new();
    for host in hosts {
        let on = |condition: String| format!("(http.host eq \"{host}\" and {condition})");
        match (stops(live, host), stops(desired, host)) {
            (Some(live), Some(desired)) => {
                both.push(on(format!("({live} and {desired})")));
                either.push(on(format!("({live} or {desired})")));
            }
            (Some(only), None) | (None, Some(only)) => either.push(on(only)),
            (None, None) => {}
        }
    }
    let rules = [both, either]
        .into_iter()
        .filter(|clauses| !clauses.is_empty());
    let rules = rules.map(|clauses| Rule {
        name: "the bridge".to_owned(),
        text: clauses.join(" or "),
        effect: effect(action, &Value::Null),
    });
    let mut rules: Vec<Rule> = rules.collect();
    rules.dedup();
    rules
}
