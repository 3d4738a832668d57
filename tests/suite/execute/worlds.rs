//! Generated worlds: zones, two files that follow each other, and what others do before each of them.
//!
//! Whatever is drawn becomes a file without fault, so that no case is thrown away.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use proptest::array;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::sample::select;
use proptest::sample::subsequence;

/// The zones that a world may have.
pub(crate) const ZONES: [&str; 3] = ["example.com", "example.net", "eu.example.com"];

/// The contents of CAs: four of ours, the last of which others may have, too, and one that others have.
const CONTENTS: usize = 5;

/// What hosts are called; the last two are associated with CAs of others in every new account.
const HOSTS: [&str; 8] = ["h0", "h1", "h2", "h3", "h4", "h5", "legacy", "portal"];

const EXCEPTIONS: [&str; 2] = [
    r#"http.request.uri.path eq "/healthz""#,
    "ip.src in {192.0.2.0/24}",
];

/// An account and what becomes of it.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) zones: usize,
    /// Whether reads lag behind writes.
    pub(crate) lags: bool,
    /// What others do before the first file is applied, and before the second.
    pub(crate) others: [Vec<Deed>; 2],
    pub(crate) files: [File; 2],
}

/// Something that somebody else does. Numbers pick from what there is.
#[derive(Debug, Clone)]
pub(crate) enum Deed {
    /// Adds a rule, at the top or at the end.
    Rule {
        zone: usize,
        action: &'static str,
        at_top: bool,
    },
    /// Gives a CA of others one more host.
    Host { zone: usize, host: usize },
    /// Gives the managed CA one more host.
    Managed { zone: usize, host: usize },
    /// Uploads a CA that one of the files may declare.
    Upload,
}

/// A desired-state file.
#[derive(Debug, Clone)]
pub(crate) struct File {
    /// Which zones it lists besides those that it needs; `None` lists none.
    listed: Option<Vec<bool>>,
    /// Each declared content, with a date from which it is retired.
    cas: Vec<(usize, Option<bool>)>,
    /// Names change when this does.
    shift: usize,
    has_managed: bool,
    /// The group of each host, and the zone it is in.
    hosts: [Option<usize>; HOSTS.len()],
    /// Which of the CAs each group names.
    groups: [Vec<bool>; 3],
    rules: Vec<Rule>,
}

#[derive(Debug, Clone)]
struct Rule {
    groups: Option<Vec<bool>>,
    pin: bool,
    unless: Option<&'static str>,
    action: &'static str,
    enabled: bool,
}

pub(crate) fn world() -> impl Strategy<Value = World> {
    let others = || vec(deed(), 0..4);
    (
        1..=ZONES.len(),
        any::<bool>(),
        [others(), others()],
        [file(), file()],
    )
        .prop_map(|(zones, lags, others, files)| World {
            zones,
            lags,
            others,
            files,
        })
}

fn deed() -> impl Strategy<Value = Deed> {
    let at = || (0..ZONES.len(), 0..3_usize);
    proptest::prop_oneof![
        (
            0..ZONES.len(),
            select(vec!["skip", "skip", "log", "block"]),
            any::<bool>()
        )
            .prop_map(|(zone, action, at_top)| Deed::Rule {
                zone,
                action,
                at_top
            }),
        at().prop_map(|(zone, host)| Deed::Host { zone, host }),
        at().prop_map(|(zone, host)| Deed::Managed { zone, host }),
        proptest::strategy::Just(Deed::Upload),
    ]
}

fn file() -> impl Strategy<Value = File> {
    let bits = |count: usize| vec(any::<bool>(), count);
    let contents = subsequence((0..CONTENTS).collect::<Vec<_>>(), 1..=4);
    let dates = vec(option::weighted(0.2, any::<bool>()), CONTENTS);
    let cas =
        (contents, dates).prop_map(|(contents, dates)| contents.into_iter().zip(dates).collect());
    let rule = (
        option::of(bits(3)),
        any::<bool>(),
        option::of(select(EXCEPTIONS.to_vec())),
        select(vec!["block", "block", "log", "managed_challenge"]),
        option::weighted(0.2, any::<()>()),
    )
        .prop_map(|(groups, pin, unless, action, disabled)| Rule {
            groups,
            pin,
            unless,
            action,
            enabled: disabled.is_none(),
        });
    (
        option::of(bits(ZONES.len())),
        cas,
        0..3_usize,
        option::weighted(0.3, any::<()>()),
        array::uniform8(option::weighted(0.6, 0..3_usize)),
        array::uniform3(bits(CONTENTS + 1)),
        vec(rule, 0..=3),
    )
        .prop_map(|(listed, cas, shift, managed, hosts, groups, rules)| File {
            listed,
            cas,
            shift,
            has_managed: managed.is_some(),
            hosts,
            groups,
            rules,
        })
}

impl World {
    pub(crate) fn zones(&self) -> &'static [&'static str] {
        &ZONES[..self.zones]
    }

    /// The hosts that one of the files declares.
    pub(crate) fn declared(&self) -> BTreeSet<String> {
        let all = self.files.iter().flat_map(|file| file.members(self.zones));
        all.map(|(host, _)| host).collect()
    }

    /// The contents that one of the files wants to be gone, whoever uploaded them.
    pub(crate) fn retired(&self) -> BTreeSet<usize> {
        let all = self.files.iter().flat_map(File::cas);
        all.filter(|(_, retired)| *retired == Some(true))
            .map(|(content, _)| content)
            .collect()
    }
}

impl File {
    /// The declared hosts, each with its group.
    fn members(&self, zones: usize) -> Vec<(String, usize)> {
        let members =
            HOSTS
                .iter()
                .zip(&self.hosts)
                .enumerate()
                .filter_map(|(nth, (host, group))| {
                    // The hosts of others are in the first zone.
                    let zone = if nth < 6 {
                        ZONES[nth % zones]
                    } else {
                        ZONES[0]
                    };
                    Some((format!("{host}.{zone}"), (*group)?))
                });
        members.collect()
    }

    /// The declared contents with their dates; each group keeps one that has none.
    fn cas(&self) -> impl Iterator<Item = (usize, Option<bool>)> + '_ {
        let cas = self.cas.iter().enumerate();
        cas.map(|(nth, (content, date))| (*content, date.filter(|_| nth > 0)))
    }

    /// The file as text.
    pub(crate) fn text(&self, zones: usize) -> String {
        let mut groups: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        let mut needed = BTreeSet::new();
        for (host, group) in self.members(zones) {
            let zone = ZONES[..zones]
                .iter()
                .filter(|zone| host.ends_with(&format!(".{zone}")));
            needed.extend(zone.max_by_key(|zone| zone.len()));
            groups.entry(group).or_default().push(host);
        }
        let name = |content: usize| format!("ca-{}", (content + self.shift) % CONTENTS);
        let mut lines = vec!["version: 1\naccount: ${ID}\nowner: team".to_owned()];
        if let Some(listed) = &self.listed {
            let also = ZONES[..zones]
                .iter()
                .zip(listed)
                .filter(|(_, listed)| **listed);
            let zones: BTreeSet<&str> = needed
                .into_iter()
                .chain(also.map(|(zone, _)| zone))
                .copied()
                .collect();
            if !zones.is_empty() {
                lines.push(format!("zones: {:?}", Vec::from_iter(zones)));
            }
        }
        lines.push("cas:".to_owned());
        for (content, retired) in self.cas() {
            let retire = retired.map_or("", |past| {
                if past {
                    ", retire: 2026-12-31"
                } else {
                    ", retire: 2099-12-31"
                }
            });
            let name = name(content);
            lines.push(format!(
                "  - {{ name: {name}, certificates: ca/{content}.pem{retire} }}"
            ));
        }
        if self.has_managed {
            lines.push("  - { name: cloudflare-managed, key_ids: [A5AC554235DBA6D963B9CDE0185CFAD6E3F55E9F] }".to_owned());
        }
        if !groups.is_empty() {
            lines.push("hostnames:".to_owned());
        }
        for (group, hosts) in &groups {
            let bits = &self.groups[*group];
            let chosen = self
                .cas()
                .enumerate()
                .filter(|(nth, _)| *nth == 0 || bits[*nth]);
            let mut cas: Vec<String> = chosen.map(|(_, (content, _))| name(content)).collect();
            if self.has_managed && bits[CONTENTS] {
                cas.push("cloudflare-managed".to_owned());
            }
            lines.push(format!(
                "  - {{ name: group-{group}, cas: {cas:?}, hosts: {hosts:?} }}"
            ));
        }
        let mut rules = self
            .rules
            .iter()
            .enumerate()
            .filter(|_| !groups.is_empty())
            .peekable();
        if rules.peek().is_some() {
            lines.push("rules:".to_owned());
        }
        for (nth, rule) in rules {
            lines.push(rule.text((nth + self.shift / 2) % 4, &groups));
        }
        lines.join("\n") + "\n"
    }
}

impl Rule {
    fn text(&self, name: usize, groups: &BTreeMap<usize, Vec<String>>) -> String {
        let Self {
            groups: chosen,
            pin,
            unless,
            action,
            enabled,
        } = self;
        let chosen: Vec<String> = groups
            .keys()
            .filter(|group| chosen.as_ref().is_some_and(|chosen| chosen[**group]))
            .map(|group| format!("group-{group}"))
            .collect();
        let hostnames = if chosen.is_empty() {
            String::new()
        } else {
            format!(", hostnames: {chosen:?}")
        };
        let unless = unless
            .map(|unless| format!(", unless: '{unless}'"))
            .unwrap_or_default();
        format!(
            "  - {{ name: rule-{name}, pin: {pin}, action: {action}, enabled: {enabled}{hostnames}{unless} }}"
        )
    }
}
