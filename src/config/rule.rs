//! The rules of the file: on which hosts requests without an accepted certificate are stopped, and how.

use std::fmt;

use crate::config::adoption;
use crate::config::adoption::Adoption;
use crate::config::declared::Declared;
use crate::config::document::List;
use crate::config::document::ResponseEntry;
use crate::config::document::RuleEntry;
use crate::config::document::Text;
use crate::config::entry;
use crate::config::entry::Kind;
use crate::config::problem::Fault;
use crate::config::problem::Problem;
use crate::config::source::Located;
use crate::config::source::Span;
use crate::config::source::place;
use crate::resource::Hostname;
use crate::resource::Name;

/// A rule of the file; it may become several rules in several zones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// What the file calls it.
    pub name: Located<Name>,
    /// Where it holds.
    pub hostnames: Hostnames,
    /// What happens to a request that it stops.
    pub action: Action,
    /// Whether only certificates issued by the CAs of the very host pass.
    pub pin: bool,
    /// Requests that it does not concern, in Cloudflare's rules language; never blank, not parsed here.
    pub unless: Option<Located<String>>,
    /// The answer to a blocked request; `None` for Cloudflare's own page.
    pub response: Option<Response>,
    /// Whether it takes part at all.
    pub enabled: bool,
    /// Rules of the account that it takes over instead of making its own.
    pub adopt: Vec<Adoption>,
}

/// The hosts of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hostnames {
    /// Every host in the file.
    All,
    /// These, each once, in file order; never empty.
    Listed(Vec<Located<Member>>),
}

/// One entry in a rule's list of hosts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Member {
    /// All hosts of a declared group.
    Group(Name),
    /// One declared host.
    Host(Hostname),
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Group(group) => group.fmt(f),
            Self::Host(host) => host.fmt(f),
        }
    }
}

/// What happens to a request that a rule stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// It is refused.
    Block,
    /// A challenge that Cloudflare chooses.
    ManagedChallenge,
    /// A challenge that a script answers.
    JsChallenge,
    /// A challenge that a person answers.
    Challenge,
    /// It passes, and is logged.
    Log,
}

impl Action {
    /// Cloudflare's word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::ManagedChallenge => "managed_challenge",
            Self::JsChallenge => "js_challenge",
            Self::Challenge => "challenge",
            Self::Log => "log",
        }
    }
}

/// The answer to a blocked request.
///
/// <https://developers.cloudflare.com/waf/custom-rules/create-dashboard/>
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// 400 to 499.
    pub status: u16,
    /// Never blank.
    pub content_type: String,
    /// Never empty.
    pub content: String,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum RuleFault {
    #[error("rule `{rule}` names no host")]
    NoHost { rule: Name },
    #[error("`response` goes with `action: block` only")]
    ResponseWithoutBlock,
}

impl Fault for RuleFault {
    fn help(&self) -> Option<String> {
        Some(match self {
            Self::NoHost { .. } => {
                "name groups or hosts under `hostnames`, or remove the rule".into()
            }
            Self::ResponseWithoutBlock => {
                "remove it: challenges and logging answer in their own way".into()
            }
        })
    }
}

/// Reads the rules.
pub(super) fn read(
    entries: Option<List<RuleEntry>>,
    declared: &Declared<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<Rule> {
    let (mut rules, mut names) = (Vec::new(), Vec::new());
    for entry in entries.into_iter().flat_map(|entries| entries.value) {
        let at = place(&entry);
        let entry = entry.value;
        let example = "name: require-client-certificate";
        let name = entry::required(entry.name.as_ref(), "name", example, at, problems)
            .and_then(|name| entry::name(name, problems));
        names.extend(name.clone());
        let action = action(entry.action.as_ref(), problems);
        if let (Some(response), Some(action)) = (&entry.response, action)
            && action != Action::Block
        {
            problems.push(Problem::error(
                place(response),
                RuleFault::ResponseWithoutBlock,
            ));
        }
        let response = entry.response.and_then(|response| {
            let at = place(&response);
            read_response(response.value, at, problems)
        });
        let unless = entry
            .unless
            .and_then(|unless| entry::text(unless, "unless", problems));
        let adopt = adoption::read(entry.adopt, declared, problems);
        let hostnames = hostnames(entry.hostnames, declared, problems);
        if let Some(name) = name {
            report_no_host(&name, &hostnames, declared, problems);
            rules.push(Rule {
                name,
                hostnames,
                action: action.unwrap_or(Action::Block),
                pin: entry.pin.unwrap_or(true),
                unless,
                response,
                enabled: entry.enabled.unwrap_or(true),
                adopt,
            });
        }
    }
    entry::unique(Kind::Rule, &names, problems);
    let adopted = rules.iter().flat_map(|rule: &Rule| &rule.adopt);
    adoption::report_adopted_twice(adopted, problems);
    rules
}

fn action(text: Option<&Text>, problems: &mut Vec<Problem>) -> Option<Action> {
    const WORDS: [(&str, Action); 5] = [
        ("block", Action::Block),
        ("managed_challenge", Action::ManagedChallenge),
        ("js_challenge", Action::JsChallenge),
        ("challenge", Action::Challenge),
        ("log", Action::Log),
    ];
    match text {
        None => Some(Action::Block),
        Some(text) => entry::word(text, &WORDS, problems),
    }
}

fn read_response(entry: ResponseEntry, at: Span, problems: &mut Vec<Problem>) -> Option<Response> {
    let accepts = |status: i64| (400..=499).contains(&status);
    let help = "a status between 400 and 499, such as 403";
    let status = entry::required(entry.status, "status", "status: 403", at, problems)
        .and_then(|status| entry::number(&status, accepts, help, problems));
    let example = "content_type: application/json";
    let content_type = entry::required(entry.content_type, "content_type", example, at, problems)
        .and_then(|text| entry::text(text, "content_type", problems));
    let example = "content: '{\"error\":\"client certificate required\"}'";
    let content = entry::required(entry.content, "content", example, at, problems)
        .and_then(|text| entry::text(text, "content", problems));
    Some(Response {
        status: status?,
        content_type: content_type?.value,
        content: content?.value,
    })
}

fn hostnames(
    listed: Option<List<String>>,
    declared: &Declared<'_>,
    problems: &mut Vec<Problem>,
) -> Hostnames {
    let Some(listed) = listed else {
        return Hostnames::All;
    };
    let mut members = Vec::new();
    for text in &listed.value {
        if text.value.contains('.') || text.value.contains('*') {
            if let Some(host) = declared.host(text, problems) {
                members.push(Located::new(Member::Host(host.value), host.at));
            }
        } else if let Some(group) = declared.group(text, problems) {
            members.push(Located::new(Member::Group(group.value), group.at));
        }
    }
    let members = entry::distinct(members, problems);
    Hostnames::Listed(members)
}

fn report_no_host(
    name: &Located<Name>,
    hostnames: &Hostnames,
    declared: &Declared<'_>,
    problems: &mut Vec<Problem>,
) {
    let none = match hostnames {
        Hostnames::All => declared.has_no_group(),
        Hostnames::Listed(members) => members.is_empty(),
    };
    if none {
        let rule = name.value.clone();
        problems.push(Problem::error(name.at, RuleFault::NoHost { rule }));
    }
}
