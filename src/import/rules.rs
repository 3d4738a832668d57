//! The rules that the file can say: which live rules they take over, and why others are left as they are.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::Value;
use serde_json::json;

use crate::edge::CERTIFICATE_FIELDS;
use crate::expression;
use crate::expression::Expression;
use crate::import::LeftOut;
use crate::import::Object;
use crate::import::Wish;
use crate::import::demand;
use crate::import::ground;
use crate::import::ground::Ground;
use crate::import::ground::Host;
use crate::import::naming::Names;
use crate::import::setbacks::Setbacks;
use crate::live::Live;
use crate::live::LiveZone;
use crate::resource::CustomRule;
use crate::resource::Hostname;
use crate::resource::MarkedRule;
use crate::resource::Name;
use crate::resource::ZoneName;

/// What a rule is called that nobody has described.
const UNTITLED: &str = "require-client-certificate";

/// A rule of the file.
#[derive(Debug)]
pub(super) struct FileRule {
    /// What the file calls it.
    pub(super) name: Name,
    /// What it says, apart from hosts.
    pub(super) meaning: Meaning,
    /// Its hosts.
    pub(super) hosts: BTreeSet<Hostname>,
    /// The live rules that it is.
    pub(super) pieces: Vec<Piece>,
}

/// What a rule says, apart from hosts.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Meaning {
    /// In Cloudflare's word.
    pub(super) action: String,
    /// The answer to a blocked request.
    pub(super) response: Option<Response>,
    /// Whether it pins the issuers of each host.
    pub(super) pin: bool,
    /// Requests that it leaves alone.
    pub(super) unless: Option<Expression>,
    /// Whether it takes part at all.
    pub(super) enabled: bool,
}

/// The answer to a blocked request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Response {
    pub(super) status: u64,
    pub(super) content_type: String,
    pub(super) content: String,
}

/// A live rule that the file has.
#[derive(Debug)]
pub(super) struct Piece {
    /// Its zone.
    pub(super) zone: ZoneName,
    /// Its `ref`.
    pub(super) reference: String,
    /// What people call it.
    pub(super) label: String,
    /// The rule that its mark names, if that is ours.
    mark: Option<Name>,
    /// Whether the file has to say that it takes it over.
    pub(super) is_adopted: bool,
    /// Whether it compares hosts in the client's spelling.
    pub(super) is_case_sensitive: bool,
}

/// Rules of the file while they are gathered, without their names.
struct Gathered {
    mark: Option<Name>,
    meaning: Meaning,
    hosts: BTreeSet<Hostname>,
    pieces: Vec<Piece>,
}

/// Reads the rules of all zones; what is left out goes there, with the reason.
pub(super) fn rules(
    live: &Live,
    wish: &Wish,
    ground: &Ground<'_>,
    setbacks: &Setbacks,
    left_out: &mut Vec<LeftOut>,
) -> Vec<FileRule> {
    let mut gathered: Vec<Gathered> = Vec::new();
    for (name, zone) in ground::read(live, wish) {
        let mut others = 0;
        // Rules of a zone keep their order: the next one is never found before the last.
        let mut last = 0;
        for rule in ground::rules(zone) {
            match understood(name, zone, rule, ground, setbacks) {
                Ok(one) => last = gather(&mut gathered, one, last),
                Err(_) if !matters(rule) => others += 1,
                Err(why) => left_out.push(LeftOut {
                    zone: Some(name.clone()),
                    what: Object::Rule {
                        label: rule.label().to_owned(),
                        reference: rule.reference.clone(),
                    },
                    why,
                }),
            }
        }
        if others > 0 {
            left_out.push(LeftOut {
                zone: Some(name.clone()),
                what: Object::OtherRules(others),
                why: "nothing in them is about client certificates".to_owned(),
            });
        }
    }
    named(gathered, setbacks)
}

/// Whether a reader of the file would want to know of a rule that is not in it.
fn matters(rule: &CustomRule) -> bool {
    rule.mark().is_some() || rule.expression.contains(CERTIFICATE_FIELDS) || rule.may_let_past()
}

/// Puts a rule to those that say the same, and gives the place.
fn gather(gathered: &mut Vec<Gathered>, one: Gathered, last: usize) -> usize {
    let fits = |(at, other): &(usize, &Gathered)| {
        let is_in_order = one.mark.is_some() || *at >= last;
        is_in_order
            && other.mark == one.mark
            && other.meaning == one.meaning
            && other.hosts.is_disjoint(&one.hosts)
    };
    let found = gathered.iter().enumerate().find(fits).map(|(at, _)| at);
    let Some((at, other)) = found.and_then(|at| Some((at, gathered.get_mut(at)?))) else {
        gathered.push(one);
        return gathered.len() - 1;
    };
    other.hosts.extend(one.hosts);
    other.pieces.extend(one.pieces);
    at
}

/// Names them: marks first, which name rules already, then by what people call them.
fn named(gathered: Vec<Gathered>, setbacks: &Setbacks) -> Vec<FileRule> {
    let mut names = Names::default();
    let marked: Vec<Option<Name>> = gathered
        .iter()
        .map(|one| one.mark.clone().filter(|mark| names.exactly(mark)))
        .collect();
    let rules = gathered.into_iter().zip(marked).map(|(one, marked)| {
        let name = marked.unwrap_or_else(|| {
            let label = one.pieces.first().map(Piece::title);
            names.like(label.unwrap_or_default(), UNTITLED)
        });
        let pieces = one.pieces.into_iter().map(|piece| {
            let key = (piece.zone.clone(), piece.reference.clone());
            let is_told = piece.mark.as_ref() == Some(&name);
            Piece {
                is_adopted: !is_told || setbacks.adopted.contains(&key),
                ..piece
            }
        });
        FileRule {
            pieces: pieces.collect(),
            name,
            meaning: one.meaning,
            hosts: one.hosts,
        }
    });
    rules.collect()
}

impl Piece {
    /// What people have described it as; nothing where there is only a `ref`.
    fn title(&self) -> &str {
        if self.label == self.reference {
            ""
        } else {
            &self.label
        }
    }
}

/// What a live rule says in the terms of the file, or why it cannot be said there.
fn understood(
    name: &ZoneName,
    zone: &LiveZone,
    rule: &CustomRule,
    ground: &Ground<'_>,
    setbacks: &Setbacks,
) -> Result<Gathered, String> {
    if !rule.expression.contains(CERTIFICATE_FIELDS) {
        return Err(demand::NotUnderstood::NoCertificates.to_string());
    }
    if let Some(why) = setbacks.rules.get(&(name.clone(), rule.reference.clone())) {
        return Err(why.clone());
    }
    let mark = match rule.mark() {
        Some(mark) if mark.owner != ground.owner => {
            return Err(format!("it belongs to `{}`", mark.owner));
        }
        Some(mark) => match mark.rule {
            MarkedRule::Declared(rule) => Some(rule),
            MarkedRule::Bridge => {
                return Err("a plan that was stopped has left it behind".to_owned());
            }
        },
        None => None,
    };
    if !zone.zone.is_serving() {
        return Err(format!("{name} is not served by the edge"));
    }
    let expression = expression::parse(&rule.expression)
        .map_err(|error| format!("its expression cannot be read: {error}"))?;
    let demand = demand::read(&expression).map_err(|why| why.to_string())?;
    let mut pins = BTreeMap::new();
    for (host, accepts) in &demand.hosts {
        let declared = ground.hosts.get(host).filter(|host| host.zone == *name);
        let declared = declared.ok_or_else(|| undeclared(name, host, ground))?;
        pins.insert(accepts.pins.is_some(), host);
        is_as_declared(host, accepts, declared, ground)?;
    }
    let meaning = Meaning {
        action: action(rule)?,
        response: response(rule)?,
        pin: pins.contains_key(&true),
        unless: demand.unless,
        enabled: rule.enabled,
    };
    if let (Some(pinned), Some(open)) = (pins.get(&true), pins.get(&false)) {
        return Err(format!("it pins issuers on {pinned} and not on {open}"));
    }
    let piece = Piece {
        zone: name.clone(),
        reference: rule.reference.clone(),
        label: rule.label().to_owned(),
        mark: mark.clone(),
        is_adopted: true,
        is_case_sensitive: demand.is_case_sensitive,
    };
    Ok(Gathered {
        mark,
        meaning,
        hosts: demand.hosts.into_keys().collect(),
        pieces: vec![piece],
    })
}

fn undeclared(zone: &ZoneName, host: &Hostname, ground: &Ground<'_>) -> String {
    if !zone.contains(host) {
        return format!("it names {host}, which is no host of the zone");
    }
    let told = ground.left_out.iter().any(|one| {
        let what = one.what == Object::Host(host.to_string());
        what && one.zone.as_ref() == Some(zone)
    });
    if told {
        format!("it names {host}, which is left out, too")
    } else {
        format!("it names {host}, which asks for certificates of no uploaded CA")
    }
}

/// Whether the certificates that get past a rule on a host are those of its CAs.
fn is_as_declared(
    host: &Hostname,
    accepts: &crate::import::accepts::Accepts,
    declared: &Host,
    ground: &Ground<'_>,
) -> Result<(), String> {
    match (accepts.stops_revoked, declared.is_managed) {
        (false, true) => {
            return Err(format!(
                "on {host} it lets revoked certificates of the CA that Cloudflare runs past"
            ));
        }
        (true, false) => {
            return Err(format!(
                "on {host} it tests for revoked certificates, which only the CA that Cloudflare runs has, and \
                 the host does not ask for those"
            ));
        }
        (true, true) | (false, false) => {}
    }
    let Some(pins) = &accepts.pins else {
        return Ok(());
    };
    let own = ground.key_ids(declared);
    if let Some(other) = pins.difference(&own).next() {
        return Err(format!(
            "on {host} it lets certificates issued with {other} past, which is a key of none of its CAs"
        ));
    }
    if let Some(missing) = own.difference(pins).next() {
        return Err(format!(
            "on {host} it does not let certificates issued with {missing} past, which is a key of one of its CAs"
        ));
    }
    Ok(())
}

/// The action, if a file can say it.
fn action(rule: &CustomRule) -> Result<String, String> {
    const KNOWN: [&str; 5] = [
        "block",
        "managed_challenge",
        "js_challenge",
        "challenge",
        "log",
    ];
    if KNOWN.contains(&rule.action.as_str()) {
        Ok(rule.action.clone())
    } else {
        Err(format!("a file says no rules that `{}`", rule.action))
    }
}

/// The answer to a blocked request, if a file can say it.
fn response(rule: &CustomRule) -> Result<Option<Response>, String> {
    let parameters = &rule.parameters;
    if *parameters == json!({}) {
        return Ok(None);
    }
    let response = &parameters["response"];
    let text = |key: &str| response[key].as_str().map(str::to_owned);
    let read = || {
        let response = Response {
            status: response["status_code"].as_u64()?,
            content_type: text("content_type")?,
            content: text("content")?,
        };
        let is_told = |text: &str| !text.trim().is_empty();
        let can_be_said = (400..=499).contains(&response.status)
            && is_told(&response.content_type)
            && is_told(&response.content);
        can_be_said.then_some(response)
    };
    let read = read().filter(|response| rule.action == "block" && written(response) == *parameters);
    read.map(Some)
        .ok_or_else(|| "a file cannot say what it answers with".to_owned())
}

/// An answer as the API has it.
fn written(response: &Response) -> Value {
    let Response {
        status,
        content_type,
        content,
    } = response;
    json!({ "response": {
        "status_code": status,
        "content_type": content_type,
        "content": content,
    } })
}
