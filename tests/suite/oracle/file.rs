//! Files as chance makes them, and as chance changes them.

mod changed; // files that resemble others

use std::fmt::Write as _;

use crate::oracle::random::Random;

/// The hosts that a file may declare.
pub(super) const HOSTS: [&str; 6] = [
    "a.example.com",
    "b.example.com",
    "c.example.com",
    "d.example.com",
    "a.example.net",
    "a.example.org",
];

const ZONES: [&str; 3] = ["example.com", "example.net", "example.org"];

/// Contents of CAs: two of them are of one key, and one holds another's issuer.
const PEMS: [&str; 7] = [
    "fleet-2025",
    "fleet-2026",
    "fleet-2027",
    "partners",
    "partners-root",
    "gates-2025",
    "gates-2026",
];

const NAMES: [&str; 5] = ["east", "north", "south", "west", "sixth"];

const UNLESS: [&str; 4] = [
    r#"http.request.uri.path eq "/healthz""#,
    r#"http.request.uri.path in {"/healthz" "/admin"}"#,
    r#"http.request.method eq "POST""#,
    r#"ip.src.country eq "RU""#,
];

/// The most groups that there are.
const GROUPS: usize = 3;

/// A desired-state file.
#[derive(Debug, Clone)]
pub(super) struct File {
    /// How many of the zones it lists; `None` lists none.
    zones: Option<usize>,
    pub(super) quota: usize,
    cas: Vec<Ca>,
    has_managed: bool,
    /// The CAs that each group names, by their names; the last is the managed one.
    groups: Vec<Vec<bool>>,
    /// The group of each host.
    hosts: Vec<Option<usize>>,
    rules: Vec<Rule>,
}

#[derive(Debug, Clone)]
struct Ca {
    /// By its place in [`NAMES`].
    name: usize,
    pem: usize,
    /// A day that has passed, or one to come.
    retire: Option<bool>,
    has_issuers: bool,
}

#[derive(Debug, Clone)]
struct Rule {
    name: usize,
    everywhere: bool,
    /// The hosts that it names; others' groups come with them where all of a group are named.
    hosts: Vec<bool>,
    pin: bool,
    unless: Option<usize>,
    action: &'static str,
    enabled: bool,
}

/// How large a world is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    pub(super) hosts: usize,
    pub(super) cas: usize,
    pub(super) rules: usize,
}

impl File {
    /// Any file of that size.
    pub(super) fn any(random: &mut Random, size: Size) -> Self {
        let mut cas: Vec<Ca> = Vec::new();
        let count = 1 + random.below(size.cas);
        for name in 0..count {
            let taken: Vec<usize> = cas.iter().map(|ca| ca.pem).collect();
            cas.push(Ca {
                name,
                pem: free_pem(random, &taken),
                retire: None,
                has_issuers: random.chance(15),
            });
        }
        let groups = (0..GROUPS).map(|_| bits(random, NAMES.len() + 1, 45));
        let groups = groups.collect();
        let hosts = (0..HOSTS.len()).map(|host| {
            let is_there = host < size.hosts && random.chance(70);
            is_there.then(|| random.below(GROUPS))
        });
        let hosts = hosts.collect();
        let mut file = Self {
            zones: random.chance(20).then(|| 1 + random.below(ZONES.len())),
            quota: 20,
            cas,
            has_managed: random.chance(20),
            groups,
            hosts,
            rules: Vec::new(),
        };
        for _ in 0..=random.below(size.rules) {
            file.add_rule(random);
        }
        file.mended()
    }

    fn add_rule(&mut self, random: &mut Random) {
        let name = (0..4).find(|name| self.rules.iter().all(|rule| rule.name != *name));
        let Some(name) = name else { return };
        let rule = Rule {
            name,
            everywhere: random.chance(40),
            hosts: bits(random, HOSTS.len(), 55),
            pin: random.chance(75),
            unless: random.chance(25).then(|| random.below(UNLESS.len())),
            action: action(random),
            enabled: random.chance(92),
        };
        self.rules.push(rule);
    }

    /// Without what would be an error.
    fn mended(mut self) -> Self {
        if self.hosts.iter().all(Option::is_none) {
            self.hosts[0] = Some(0);
        }
        // Each group keeps a CA that has no date.
        self.cas[0].retire = None;
        let first = self.cas[0].name;
        for group in &mut self.groups {
            let lasting = self.cas.iter().filter(|ca| ca.retire.is_none());
            let mut lasting = lasting.map(|ca| ca.name);
            if !lasting.any(|name| group[name]) {
                group[first] = true;
            }
        }
        let mut names: Vec<usize> = Vec::new();
        self.rules.retain(|rule| {
            let is_new = !names.contains(&rule.name);
            names.push(rule.name);
            is_new
        });
        self
    }

    /// The exception of the rule of this name.
    pub(super) fn exception(&self, rule: &str) -> Option<&'static str> {
        let mut rules = self.rules.iter();
        let found = rules.find(|one| format!("rule-{}", one.name) == rule);
        found.and_then(|one| one.unless).map(|nth| UNLESS[nth])
    }

    /// Zones as far as they are listed; a zone with a declared host is.
    fn listed(&self) -> Option<usize> {
        let declared = self.hosts.iter().enumerate();
        let declared = declared.filter(|(_, group)| group.is_some());
        let needed = declared.map(|(host, _)| host.saturating_sub(3)).max();
        self.zones.map(|zones| zones.max(1 + needed.unwrap_or(0)))
    }

    /// Hosts of a rule that are declared.
    fn members(&self, rule: &Rule) -> Vec<usize> {
        let named = rule.hosts.iter().zip(&self.hosts).enumerate();
        let named = named.filter(|(_, (is_named, group))| **is_named && group.is_some());
        named.map(|(host, _)| host).collect()
    }

    /// The file as text.
    pub(super) fn text(&self) -> String {
        let mut text = "owner: platform\nguards: { min_overlap: 0d }\n".to_owned();
        let _ = writeln!(text, "quota: {}", self.quota);
        if let Some(zones) = self.listed() {
            let _ = writeln!(text, "zones: {:?}", &ZONES[..zones]);
        }
        text.push_str("cas:\n");
        for ca in &self.cas {
            let (name, pem) = (NAMES[ca.name], PEMS[ca.pem]);
            let retire = ca.retire.map_or("", |is_past| {
                if is_past {
                    ", retire: 2026-05-01"
                } else {
                    ", retire: 2027-01-01"
                }
            });
            let issuers = if ca.has_issuers && pem == "partners-root" {
                ", issuers: [partners-issuing.pem]"
            } else {
                ""
            };
            let _ = writeln!(
                text,
                "  - {{ name: {name}, certificates: {pem}.pem{issuers}{retire} }}"
            );
        }
        if self.has_managed {
            text.push_str("  - { name: cloudflare-managed, key_ids: [A5AC554235DBA6D963B9CDE0185CFAD6E3F55E9F] }\n");
        }
        text.push_str("hostnames:\n");
        for (nth, named) in self.groups.iter().enumerate() {
            let members = self.hosts.iter().enumerate();
            let members = members.filter(|(_, group)| **group == Some(nth));
            let members: Vec<&str> = members.map(|(host, _)| HOSTS[host]).collect();
            if members.is_empty() {
                continue;
            }
            let cas = self.cas.iter().filter(|ca| named[ca.name]);
            let mut cas: Vec<&str> = cas.map(|ca| NAMES[ca.name]).collect();
            if self.has_managed && named[NAMES.len()] {
                cas.push("cloudflare-managed");
            }
            let _ = writeln!(
                text,
                "  - {{ name: group-{nth}, cas: {cas:?}, hosts: {members:?} }}"
            );
        }
        let rules = self.rules.iter();
        let rules: String = rules.filter_map(|rule| self.rule(rule)).collect();
        let _ = write!(
            text,
            "rules:{}\n{rules}",
            if rules.is_empty() { " []" } else { "" }
        );
        text
    }

    fn rule(&self, rule: &Rule) -> Option<String> {
        let members = self.members(rule);
        if members.is_empty() && !rule.everywhere {
            return None;
        }
        let members: Vec<&str> = members.into_iter().map(|host| HOSTS[host]).collect();
        let hostnames = if rule.everywhere {
            String::new()
        } else {
            format!(", hostnames: {members:?}")
        };
        let unless = rule.unless.map(|nth| UNLESS[nth]);
        let unless = unless.map(|unless| format!(", unless: '{unless}'"));
        Some(format!(
            "  - {{ name: rule-{}, action: {}, pin: {}, enabled: {}{hostnames}{} }}\n",
            rule.name,
            rule.action,
            rule.pin,
            rule.enabled,
            unless.unwrap_or_default()
        ))
    }
}

/// Mostly block: that is what these rules are for.
fn action(random: &mut Random) -> &'static str {
    const ACTIONS: [&str; 6] = [
        "block",
        "block",
        "block",
        "block",
        "managed_challenge",
        "log",
    ];
    ACTIONS[random.below(ACTIONS.len())]
}

fn bits(random: &mut Random, count: usize, percent: usize) -> Vec<bool> {
    (0..count).map(|_| random.chance(percent)).collect()
}

fn free_pem(random: &mut Random, taken: &[usize]) -> usize {
    loop {
        let pem = random.below(PEMS.len());
        if !taken.contains(&pem) {
            return pem;
        }
    }
}
