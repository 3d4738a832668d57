//! From a live account to a file: the CAs, the hosts that ask for their certificates, and the rules about
//! them, so that planning the file right after changes nothing.
//!
//! Pure: [`import`] takes what was read of an account and gives texts. What a file cannot say stays as it is
//! and is told, with the reason. The file is planned against the same account before it is given away: a host
//! or a rule that would be changed is left out, and where that does not help there is no file.

mod accepts;
mod demand;
mod ground;
mod groups;
mod managed;
mod naming;
mod proof;
mod rules;
mod setbacks;
mod text;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;

use crate::import::ground::Ground;
use crate::import::groups::Group;
use crate::import::proof::Objection;
use crate::import::rules::FileRule;
use crate::import::setbacks::Setbacks;
use crate::live::Live;
use crate::resource::DEFAULT_QUOTA;
use crate::resource::Hostname;
use crate::resource::KeyId;
use crate::resource::Name;
use crate::resource::ZoneName;

/// What the file is called; rules of ours name it to readers of the dashboard.
pub const FILE: &str = "mtls.yaml";

/// What the reader of an account cannot know from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Whose file it shall be; `None` for the one owner that marks in the account name.
    pub owner: Option<Name>,
    /// The zones to look at; `None` for all that were read.
    pub zones: Option<BTreeSet<ZoneName>>,
    /// How many CAs the account may hold; `None` for the usual number, or for as many as it has.
    pub quota: Option<usize>,
    /// The key ids of the CA that Cloudflare runs, if somebody has told them.
    pub managed_key_ids: BTreeSet<KeyId>,
    /// The moment that dates are judged by.
    pub at: Timestamp,
}

/// A file made from an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// The text of [`FILE`].
    pub text: String,
    /// The certificates that it names, by their paths beside it.
    pub certificates: BTreeMap<String, String>,
    /// How many hosts it declares.
    pub hosts: usize,
    /// How many rules it declares.
    pub rules: usize,
    /// What it does not say.
    pub left_out: Vec<LeftOut>,
}

/// Something of the account that is not in the file, and stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Where it is; `None` for the account.
    pub zone: Option<ZoneName>,
    /// What it is.
    pub what: Object,
    /// Why it is not in the file.
    pub why: String,
}

/// What can be left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Object {
    /// An uploaded CA, as people call it.
    Ca(String),
    /// A host that asks for certificates.
    Host(String),
    /// An entry of a host list that is no host of the zone.
    Entry {
        /// As it stands there.
        entry: String,
        /// Whose list it is.
        ca: String,
    },
    /// A rule.
    Rule {
        /// As people call it.
        label: String,
        /// Its `ref`.
        reference: String,
    },
    /// So many rules that have nothing to do with it.
    OtherRules(usize),
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { zone, what, why } = self;
        if let Some(zone) = zone {
            write!(f, "{zone}, ")?;
        }
        match what {
            Object::Ca(label) => write!(f, "CA \"{label}\"")?,
            Object::Host(host) => write!(f, "host {host}")?,
            Object::Entry { entry, ca } => write!(f, "`{entry}` in the host list of \"{ca}\"")?,
            Object::Rule { label, .. } => write!(f, "rule \"{label}\"")?,
            Object::OtherRules(1) => f.write_str("1 other rule")?,
            Object::OtherRules(count) => write!(f, "{count} other rules")?,
        }
        write!(f, ": {why}")
    }
}

/// Why there is no file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotImported {
    /// Nothing says whose file it shall be.
    #[error("nothing says whose file it shall be: {}", marked(owners))]
    Owner {
        /// The owners that marks in the account name.
        owners: BTreeSet<Name>,
    },
    /// Every file would change something.
    #[error("no file says this account as it is: {}", reasons.join("; "))]
    WouldChange {
        /// What would be changed, or stands against it.
        reasons: Vec<String>,
    },
}

fn marked(owners: &BTreeSet<Name>) -> String {
    if owners.is_empty() {
        return "nothing in the account carries a mark".to_owned();
    }
    let owners: Vec<String> = owners.iter().map(|owner| format!("`{owner}`")).collect();
    format!("the account has marks of {}", owners.join(", "))
}

/// Makes a file from what was read of an account: of each zone that the file shall speak for, its rules and
/// all of its host lists.
///
/// # Errors
/// [`NotImported`]: an owner has to be chosen, or something of ours in the account is as no file says it.
pub fn import(live: &Live, wish: &Wish) -> Result<Import, NotImported> {
    let owner = ground::owner(live, wish)?;
    let mut setbacks = Setbacks::default();
    loop {
        let draft = Draft::of(live, wish, &owner, &setbacks);
        let import = draft.written(live, wish);
        let objections = proof::objections(&import.text, &import.certificates, live, wish.at);
        if objections.is_empty() {
            return Ok(import);
        }
        let before = setbacks.len();
        for objection in &objections {
            draft.take(objection, &mut setbacks);
        }
        if setbacks.len() == before {
            let reasons = objections.iter().map(|one| draft.told(one)).collect();
            return Err(NotImported::WouldChange { reasons });
        }
    }
}

/// A file before it is written down.
struct Draft<'l> {
    ground: Ground<'l>,
    groups: Vec<Group>,
    rules: Vec<FileRule>,
    left_out: Vec<LeftOut>,
}

impl<'l> Draft<'l> {
    fn of(live: &'l Live, wish: &Wish, owner: &Name, setbacks: &Setbacks) -> Self {
        let managed = managed::key_ids(live, wish);
        let mut ground = Ground::of(live, wish, owner, managed, setbacks);
        let mut of_rules = Vec::new();
        let rules = rules::rules(live, wish, &ground, setbacks, &mut of_rules);
        let mut left_out = std::mem::take(&mut ground.left_out);
        left_out.extend(of_rules);
        // Stable: rules of a zone stay in their order.
        left_out.sort_by(|one, other| one.zone.cmp(&other.zone));
        Self {
            groups: groups::groups(&ground),
            ground,
            rules,
            left_out,
        }
    }

    /// The zones that the file speaks for: those with something declared, else all that were looked at.
    fn zones(&self, live: &Live, wish: &Wish) -> BTreeSet<ZoneName> {
        let declared: BTreeSet<ZoneName> = self
            .ground
            .hosts
            .values()
            .map(|host| host.zone.clone())
            .collect();
        if let Some(zones) = &wish.zones {
            return zones.clone();
        }
        if !declared.is_empty() {
            return declared;
        }
        let read = ground::read(live, wish);
        read.map(|(name, _)| name.clone()).collect()
    }

    fn written(&self, live: &Live, wish: &Wish) -> Import {
        let quota = wish.quota.unwrap_or(DEFAULT_QUOTA.max(live.slots_used()));
        let zones = self.zones(live, wish);
        let cas = self.ground.cas.iter();
        let certificates = cas.map(|(name, (_, bundle))| (text::path(name), bundle.to_pem()));
        Import {
            text: text::text(self, &live.account, &zones, quota, wish.at),
            certificates: certificates.collect(),
            hosts: self.ground.hosts.len(),
            rules: self.rules.len(),
            left_out: self.left_out.clone(),
        }
    }

    /// What stands against this draft, and for a rule that is not in it why.
    fn told(&self, objection: &Objection) -> String {
        let Objection::Rule { zone, reference } = objection else {
            return objection.to_string();
        };
        let is_meant = |one: &&LeftOut| {
            let is_rule =
                matches!(&one.what, Object::Rule { reference: left, .. } if left == reference);
            is_rule && one.zone.as_ref() == Some(zone)
        };
        match self.left_out.iter().find(is_meant) {
            Some(left_out) => format!("{objection}, since no file can say it: {}", left_out.why),
            None => objection.to_string(),
        }
    }

    /// Draws the consequence from what stands against this draft.
    fn take(&self, objection: &Objection, setbacks: &mut Setbacks) {
        match objection {
            Objection::Hosts(hosts) => {
                let declared = hosts
                    .iter()
                    .filter(|host| self.ground.hosts.contains_key(host));
                for host in declared {
                    let why = "declaring it would change a host list";
                    setbacks.hosts.insert(host.clone(), why.to_owned());
                }
            }
            Objection::Rule { zone, reference } => self.take_rule(zone, reference, setbacks),
            Objection::FileRule { name, zone, why } => {
                let rule = self.rules.iter().find(|rule| rule.name == *name);
                let pieces = rule.into_iter().flat_map(|rule| &rule.pieces);
                for piece in pieces.filter(|piece| piece.zone == *zone) {
                    let key = (zone.clone(), piece.reference.clone());
                    setbacks.rules.insert(key, why.clone());
                }
            }
            Objection::Account(_) => {}
        }
    }

    /// A rule with our mark is adopted, so that its words may stay as they are; any other is left out.
    fn take_rule(&self, zone: &ZoneName, reference: &str, setbacks: &mut Setbacks) {
        let mut pieces = self.rules.iter().flat_map(|rule| &rule.pieces);
        let piece = pieces.find(|piece| piece.zone == *zone && piece.reference == reference);
        let key = (zone.clone(), reference.to_owned());
        match piece {
            Some(piece) if !piece.is_adopted => {
                setbacks.adopted.insert(key);
            }
            Some(_) => {
                let why = "it cannot be shown to say what the file would say".to_owned();
                setbacks.rules.insert(key, why);
            }
            None => {}
        }
    }
}

impl fmt::Display for Objection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |hosts: &BTreeSet<Hostname>| {
            let hosts: Vec<&str> = hosts.iter().map(Hostname::as_str).collect();
            hosts.join(", ")
        };
        match self {
            Self::Hosts(hosts) => write!(f, "the host lists with {} would be changed", list(hosts)),
            Self::Rule { zone, reference } => {
                write!(f, "rule `{reference}` of {zone} would be changed")
            }
            Self::FileRule { name, zone, why } => write!(f, "rule {name} in {zone}: {why}"),
            Self::Account(why) => f.write_str(why),
        }
    }
}
