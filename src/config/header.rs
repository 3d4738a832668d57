//! The head of the file: whose account it speaks of, for which zones, and how its plans are run.

use std::time::Duration;

use serde_yaml::Spanned;

use crate::config::document::List;
use crate::config::document::Text;
use crate::config::entry;
use crate::config::problem::Fault;
use crate::config::problem::Problem;
use crate::config::source::Located;
use crate::config::source::place;
use crate::config::surroundings::Surroundings;
use crate::config::surroundings::expand;
use crate::resource::AccountId;
use crate::resource::DEFAULT_QUOTA;
use crate::resource::Name;
use crate::resource::ZoneName;

/// What an `account` means whose environment variable is unset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnsetAccount {
    /// An error.
    Refused,
    /// No account: the caller has one of its own.
    Allowed,
}

/// How long to wait where nothing is said.
const DEFAULT_SETTLE: Duration = Duration::from_secs(60);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum HeaderFault {
    #[error("the environment variable `{name}` is unset or empty")]
    Unset { name: String },
    /// Never shows the value: it may be a secret that was put into the wrong variable.
    #[error("what `{written}` stands for is no account id: it has {length} characters")]
    NoAccountId { written: String, length: usize },
    #[error("`{name}` is the owner already")]
    OwnerAgain { name: Name },
    #[error("`zones` is an empty list")]
    NoZone,
}

impl Fault for HeaderFault {
    fn help(&self) -> Option<String> {
        Some(match self {
            Self::Unset { name } => {
                format!("set `{name}`, or write the account id; with `--sandbox` none is needed")
            }
            Self::NoAccountId { .. } => ACCOUNT_HELP.into(),
            Self::OwnerAgain { .. } => "list other marks only, those of before a rename".into(),
            Self::NoZone => "name a zone, or remove the key: then every active zone counts".into(),
        })
    }
}

const ACCOUNT_HELP: &str =
    "32 lower-case hexadecimal digits, as the dashboard shows them under Account ID";

pub(super) fn version(version: Option<&Text>, problems: &mut Vec<Problem>) {
    entry::required(version, "version", "version: 1", None, problems);
}

pub(super) fn account(
    account: Option<&Text>,
    surroundings: &dyn Surroundings,
    unset: UnsetAccount,
    problems: &mut Vec<Problem>,
) -> Option<AccountId> {
    let example = "account: ${CLOUDFLARE_ACCOUNT_ID}";
    let text = entry::required(account, "account", example, None, problems)?;
    let fault = match expand(&text.value, surroundings) {
        Ok(value) if value == text.value => {
            let id = entry::parse(text, AccountId::parse, ACCOUNT_HELP, problems);
            return id.map(|id| id.value);
        }
        Ok(value) => match AccountId::parse(&value) {
            Ok(id) => return Some(id),
            Err(_) => HeaderFault::NoAccountId {
                written: text.value.clone(),
                length: value.chars().count(),
            },
        },
        Err(_) if unset == UnsetAccount::Allowed => return None,
        Err(name) => HeaderFault::Unset { name },
    };
    problems.push(Problem::error(place(text), fault));
    None
}

pub(super) fn owner(owner: Option<&Text>, problems: &mut Vec<Problem>) -> Option<Located<Name>> {
    entry::required(owner, "owner", "owner: platform-mtls", None, problems)
        .and_then(|owner| entry::name(owner, problems))
}

pub(super) fn former_owners(
    listed: Option<List<String>>,
    owner: Option<&Located<Name>>,
    problems: &mut Vec<Problem>,
) -> Vec<Name> {
    let names = listed
        .iter()
        .flat_map(|listed| &listed.value)
        .filter_map(|name| entry::name(name, problems))
        .collect();
    let names = entry::distinct(names, problems);
    for name in &names {
        if let Some(owner) = owner.filter(|owner| owner.value == name.value) {
            let fault = HeaderFault::OwnerAgain {
                name: name.value.clone(),
            };
            problems.push(Problem::error(name.at, fault).related(owner.at, "the owner"));
        }
    }
    names.into_iter().map(|name| name.value).collect()
}

/// The listed zones; `None` also where one of them is wrong, since a host might lie in just that one.
pub(super) fn zones(
    listed: Option<List<String>>,
    problems: &mut Vec<Problem>,
) -> Option<Vec<Located<ZoneName>>> {
    let listed = listed?;
    if listed.value.is_empty() {
        problems.push(Problem::error(place(&listed), HeaderFault::NoZone));
        return None;
    }
    let zones: Vec<Located<ZoneName>> = listed
        .value
        .iter()
        .filter_map(|zone| entry::zone(zone, problems))
        .collect();
    let whole = zones.len() == listed.value.len();
    let zones = entry::distinct(zones, problems);
    whole.then_some(zones)
}

pub(super) fn quota(quota: Option<&Spanned<i64>>, problems: &mut Vec<Problem>) -> usize {
    let help = "the number of CA certificates in the contract, from 1 on";
    quota
        .and_then(|quota| entry::number(quota, |slots| slots >= 1, help, problems))
        .unwrap_or(DEFAULT_QUOTA)
}

pub(super) fn settle(settle: Option<&Text>, problems: &mut Vec<Problem>) -> Duration {
    let read = |text: &str| {
        let parser = jiff::fmt::friendly::SpanParser::new();
        let length = parser.parse_unsigned_duration(text);
        length.map_err(|_| format!("`{text}` is no length of time"))
    };
    settle
        .and_then(|text| entry::parse(text, read, "such as `60s`, `5m` or `1h30m`", problems))
        .map_or(DEFAULT_SETTLE, |settle| settle.value)
}
