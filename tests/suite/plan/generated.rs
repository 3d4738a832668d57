//! Files and accounts as chance makes them.

use mtlsctl::live::HostList;
use mtlsctl::live::Rules;
use proptest::prelude::Just;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prop_oneof;
use proptest::sample::Index;
use proptest::sample::subsequence;

use crate::support::foreign::block;
use crate::support::foreign::skip;
use crate::support::scenario::Scenario;

const PEMS: [&str; 4] = ["fleet-2025", "fleet-2026", "fleet-2027", "partners"];

/// What CAs are called: another content under the same name comes about by itself.
const NAMES: [&str; 4] = ["a", "b", "c", "cloudflare-managed"];

const RULES: [&str; 3] = ["alpha", "beta", "gamma"];

const EXCEPTIONS: [&str; 3] = [
    "http.request.uri.path eq \"/healthz\"",
    "http.host eq \"h2.example.com\" or (ssl and not http.host in {\"h3.example.com\" \"else.example.com\"})",
    "ip.src in {192.0.2.0/24}",
];

/// Every host of a test, with its zone's place in the account.
pub(crate) fn hosts() -> Vec<(String, usize)> {
    let zones = [
        (0, "example.com", 10),
        (1, "example.net", 5),
        (2, "example.org", 3),
    ];
    zones
        .into_iter()
        .flat_map(|(nth, zone, count)| (0..count).map(move |n| (format!("h{n}.{zone}"), nth)))
        .collect()
}

/// A rule of a file: its hosts, by the place of their group or their own.
#[derive(Debug, Clone)]
struct RuleSpec {
    name: &'static str,
    groups: Vec<usize>,
    singles: Vec<usize>,
    everywhere: bool,
    action: &'static str,
    pin: bool,
    unless: Option<usize>,
    enabled: bool,
}

/// A file, before it is written down.
#[derive(Debug, Clone)]
pub(crate) struct FileSpec {
    pems: Vec<&'static str>,
    groups: Vec<Vec<usize>>,
    members: Vec<Option<usize>>,
    rules: Vec<RuleSpec>,
    zones: Option<usize>,
    retired: Option<usize>,
    turned: bool,
}

pub(crate) fn file() -> impl Strategy<Value = FileSpec> {
    let groups = proptest::collection::vec(subsequence(vec![0, 1, 2, 3], 1..=3), 3);
    let members = proptest::collection::vec(proptest::option::of(0..3_usize), hosts().len());
    let rules = subsequence(RULES.to_vec(), 0..=3)
        .prop_shuffle()
        .prop_flat_map(|names| names.into_iter().map(rule).collect::<Vec<_>>());
    let pems = Just(PEMS.to_vec()).prop_shuffle();
    let zones = prop_oneof![Just(None), Just(Some(1)), Just(Some(2))];
    let retired = proptest::option::weighted(0.3, 0..3_usize);
    (pems, groups, members, rules, zones, retired).prop_map(
        |(pems, groups, members, rules, zones, retired)| {
            let retired = retired.filter(|one| groups.iter().all(|cas| cas != &[*one]));
            FileSpec {
                pems,
                groups,
                members,
                rules,
                zones,
                retired,
                turned: false,
            }
        },
    )
}

fn rule(name: &'static str) -> impl Strategy<Value = RuleSpec> {
    let groups = subsequence(vec![0, 1, 2], 0..=3);
    let singles = subsequence((0..hosts().len()).collect::<Vec<_>>(), 0..=4);
    let unless = proptest::option::of(0..EXCEPTIONS.len());
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (groups, singles, unless, flags).prop_map(move |(groups, singles, unless, flags)| RuleSpec {
        name,
        groups,
        singles,
        everywhere: flags.0,
        action: if flags.1 { "log" } else { "block" },
        pin: flags.2,
        unless,
        enabled: flags.3,
    })
}

impl FileSpec {
    /// The same file with its lists in another order, those of rules excepted.
    pub(crate) fn turned(&self) -> Self {
        Self {
            turned: true,
            ..self.clone()
        }
    }

    /// The text of the file.
    pub(crate) fn text(&self) -> String {
        let order = |mut lines: Vec<String>| {
            if self.turned {
                lines.reverse();
            }
            lines
        };
        let all = ["example.com", "example.net", "example.org"];
        let zones = self.zones.map_or(String::new(), |count| {
            let zones = order(all[..count].iter().map(ToString::to_string).collect());
            format!("zones: [{}]\n", zones.join(", "))
        });
        let cas = order((0..4).map(|nth| self.ca(nth)).collect()).concat();
        let groups = order((0..3).filter_map(|nth| self.group(nth, &order)).collect()).concat();
        let rules: String = self
            .rules
            .iter()
            .filter_map(|rule| self.rule(rule))
            .collect();
        format!(
            "owner: platform\nquota: 20\n{zones}cas:\n{cas}hostnames:\n{groups}rules:{}\n{rules}",
            if rules.is_empty() { " []" } else { "" }
        )
    }

    fn ca(&self, nth: usize) -> String {
        let retire = if self.retired == Some(nth) {
            ", retire: 2026-01-01"
        } else {
            ""
        };
        match NAMES[nth] {
            "cloudflare-managed" => {
                "  - { name: cloudflare-managed, key_ids: [A5AC554235DBA6D9] }\n".to_owned()
            }
            name => format!(
                "  - {{ name: {name}, certificates: {}.pem{retire} }}\n",
                self.pems[nth]
            ),
        }
    }

    fn group(&self, nth: usize, order: &impl Fn(Vec<String>) -> Vec<String>) -> Option<String> {
        let hosts: Vec<String> = (0..hosts().len())
            .filter(|host| self.group_of(*host) == Some(nth))
            .map(|host| hosts()[host].0.clone())
            .collect();
        let cas = self.groups[nth].iter().map(|ca| NAMES[*ca].to_owned());
        (!hosts.is_empty()).then(|| {
            format!(
                "  - {{ name: g{nth}, cas: [{}], hosts: [{}] }}\n",
                order(cas.collect()).join(", "),
                order(hosts).join(", ")
            )
        })
    }

    /// The group of a host; the first host always has one, and hosts outside the listed zones have none.
    fn group_of(&self, host: usize) -> Option<usize> {
        let (_, zone) = hosts()[host];
        let group = self.members[host].or((host == 0).then_some(0))?;
        self.zones.is_none_or(|count| zone < count).then_some(group)
    }

    /// `None` where it would have no host.
    fn rule(&self, rule: &RuleSpec) -> Option<String> {
        let has_hosts =
            |group: &&usize| (0..hosts().len()).any(|host| self.group_of(host) == Some(**group));
        let groups = rule
            .groups
            .iter()
            .filter(has_hosts)
            .map(|group| format!("g{group}"));
        let singles = rule
            .singles
            .iter()
            .filter(|host| self.group_of(**host).is_some());
        let names: Vec<String> = groups
            .chain(singles.map(|host| hosts()[*host].0.clone()))
            .collect();
        if names.is_empty() && !rule.everywhere {
            return None;
        }
        let hosts = if rule.everywhere {
            String::new()
        } else {
            format!("    hostnames: [{}]\n", names.join(", "))
        };
        let unless = rule.unless.map_or(String::new(), |unless| {
            format!("    unless: '{}'\n", EXCEPTIONS[unless])
        });
        Some(format!(
            "  - name: {}\n{hosts}{unless}    pin: {}\n    enabled: {}\n    action: {}\n",
            rule.name, rule.pin, rule.enabled, rule.action
        ))
    }
}

/// What people do to an account behind our back.
#[derive(Debug, Clone)]
pub(crate) enum Bend {
    /// Lists a host, in some spelling, for some CA.
    List(Index, Index, bool),
    /// Takes a host off a list.
    Unlist(Index, Index),
    /// Puts a rule of theirs somewhere.
    Insert(Index, Index, bool),
    /// Deletes a rule of ours.
    Delete(Index),
    /// Rewrites a rule of ours.
    Rewrite(Index, u8),
    /// Moves a rule of ours to another place.
    Shuffle(Index, Index),
    /// Copies a rule of ours, mark and all.
    Copy(Index),
}

pub(crate) fn bend() -> impl Strategy<Value = Bend> {
    let index = any::<Index>;
    prop_oneof![
        (index(), index(), any::<bool>()).prop_map(|(a, b, c)| Bend::List(a, b, c)),
        (index(), index()).prop_map(|(a, b)| Bend::Unlist(a, b)),
        (index(), index(), any::<bool>()).prop_map(|(a, b, c)| Bend::Insert(a, b, c)),
        index().prop_map(Bend::Delete),
        (index(), 0..6_u8).prop_map(|(a, b)| Bend::Rewrite(a, b)),
        (index(), index()).prop_map(|(a, b)| Bend::Shuffle(a, b)),
        index().prop_map(Bend::Copy),
    ]
}

const ZONES: [&str; 3] = crate::support::scenario::ZONES;

/// An account in which others are at home.
pub(crate) fn account(file: &FileSpec) -> Scenario {
    Scenario::new(&file.text())
        .with_ca("Somebody's CA", "somebody.pem")
        .with_ca("by hand", "fleet-2027.pem")
        .listing(
            "example.com",
            "Somebody",
            &["h0.example.com", "shop.example.com"],
        )
        .listing("example.org", "by hand", &["shop.example.org"])
        .with_rule(
            "example.com",
            0,
            "Shop",
            block("http.host eq \"shop.example.com\""),
        )
        .with_rule("example.net", 0, "Monitoring", skip("ip.src eq 192.0.2.7"))
}

/// The account after somebody was there.
pub(crate) fn bent(world: Scenario, bend: &Bend) -> Scenario {
    match bend {
        Bend::List(host, ca, canonical) => {
            let hosts = hosts();
            let (host, zone) = host.get(&hosts);
            let spelled = if *canonical {
                host.clone()
            } else {
                host.to_uppercase()
            };
            lists(world, *zone, *ca, |list| {
                list.0.insert(spelled);
            })
        }
        Bend::Unlist(zone, ca) => lists(world, zone.index(ZONES.len()), *ca, |list| {
            list.0.pop_first();
        }),
        Bend::Insert(zone, at, is_skip) => {
            let zone = *zone.get(&ZONES);
            let at = at.index(world.rules(zone).len() + 1);
            let what = "http.host in {\"shop.example.com\" \"x.example.net\"}";
            let rule = if *is_skip { skip(what) } else { block(what) };
            world.with_rule(zone, at, "Theirs", rule)
        }
        Bend::Delete(which) => ours(world, *which, |rules, at| {
            rules.remove(at);
        }),
        Bend::Rewrite(which, how) => ours(world, *which, |rules, at| rewrite(&mut rules[at], *how)),
        Bend::Shuffle(which, to) => ours(world, *which, |rules, at| {
            let rule = rules.remove(at);
            rules.insert(to.index(rules.len() + 1), rule);
        }),
        Bend::Copy(which) => ours(world, *which, |rules, at| {
            let mut copy = rules[at].clone();
            let mark = copy.mark().expect("ours");
            let taken = rules
                .iter()
                .map(|rule| usize::from_str_radix(rule.id.as_str(), 16));
            let free = taken
                .map(|id| id.expect("an id of a test"))
                .max()
                .unwrap_or(0)
                + 1;
            copy.id = crate::support::interpreter::rule_id(free);
            copy.reference = copy.id.to_string();
            copy.description = format!("Copy [{mark}]");
            rules.insert(at, copy);
        }),
    }
}

fn rewrite(rule: &mut mtlsctl::resource::CustomRule, how: u8) {
    match how {
        0 => rule.enabled = !rule.enabled,
        1 => "Mine".clone_into(&mut rule.description),
        2 => rule.expression = rule.expression.replacen("h1.", "else.", 1),
        3 => "(http.host in".clone_into(&mut rule.expression),
        4 => {
            "skip".clone_into(&mut rule.action);
            rule.parameters = serde_json::json!({ "phase": "current" });
        }
        _ => rule.expression.push_str(" # by hand"),
    }
    if !rule.reference.starts_with("platform/") && !rule.description.ends_with(']') {
        "Copy [platform/alpha/1]".clone_into(&mut rule.description);
    }
}

/// Changes one list of a zone.
fn lists(world: Scenario, zone: usize, ca: Index, by: impl FnOnce(&mut HostList)) -> Scenario {
    world.account_bent(|account| {
        let zone = account.zones.values_mut().nth(zone).expect("a zone");
        let lists = zone.lists.as_mut().expect("all lists");
        let nth = ca.index(lists.len());
        by(lists.values_mut().nth(nth).expect("a list"));
    })
}

/// Changes the rules of a zone at the place of one of ours, if there is one.
fn ours(
    world: Scenario,
    which: Index,
    by: impl FnOnce(&mut Vec<mtlsctl::resource::CustomRule>, usize),
) -> Scenario {
    world.account_bent(|account| {
        let entries = account
            .zones
            .values_mut()
            .filter_map(|zone| match &mut zone.rules {
                Some(Rules::EntryPoint(entry)) => Some(entry),
                _ => None,
            });
        let mut found: Vec<(&mut Vec<_>, usize)> = Vec::new();
        for entry in entries {
            let at = entry.rules.iter().position(is_ours);
            found.extend(at.map(|at| (&mut entry.rules, at)));
        }
        if !found.is_empty() {
            let nth = which.index(found.len());
            let (rules, first) = found.swap_remove(nth);
            let last = rules.iter().rposition(is_ours).unwrap_or(first);
            let at = if which.index(2) == 0 { first } else { last };
            by(rules, at);
        }
    })
}

/// Whether a rule carries the mark of these files.
pub(crate) fn is_ours(rule: &mtlsctl::resource::CustomRule) -> bool {
    rule.mark()
        .is_some_and(|mark| mark.owner.as_str() == "platform")
}
