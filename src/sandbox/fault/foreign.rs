//! What a foreign writer does, and when: somebody else at work in the account. Does none of it itself.

use crate::expression::parse;
use crate::sandbox::fault::call::Call;
use crate::sandbox::fault::endpoint::Endpoint;
use crate::sandbox::fault::entry::FaultEntry;

/// A rule that stops nobody: there is no such host (RFC 2606).
const EXPRESSION: &str = "(http.host eq \"somebody-else.invalid\")";

/// What a rule can do that needs nothing else to be said.
const ACTIONS: [&str; 5] = [
    "block",
    "challenge",
    "js_challenge",
    "managed_challenge",
    "log",
];

/// The name of the CA that Cloudflare runs.
pub(crate) const MANAGED: &str = "cloudflare-managed";

/// The changes, and the keys that each takes.
const CHANGES: [(&str, &[&str]); 6] = [
    ("add-host", &["host", "ca"]),
    ("drop-host", &["host", "ca"]),
    ("add-rule", &["rule", "expression", "action"]),
    ("edit-rule", &["rule", "expression", "action"]),
    ("delete-rule", &["rule"]),
    ("delete-ca", &["ca"]),
];

/// When somebody else writes, seen from the call that the fault meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Before a read is answered, which shows it.
    BeforeRead,
    /// Before a write is carried out, and after whatever was read for it.
    InWindow,
    /// After a write was carried out, and before the next call.
    AfterWrite,
}

/// What somebody else does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Puts a host on a list.
    AddHost { host: String, ca: Option<String> },
    /// Takes a host off a list.
    DropHost { host: String, ca: Option<String> },
    /// Puts a rule above all others.
    AddRule {
        description: String,
        expression: String,
        action: String,
    },
    /// Gives a rule another expression or action; without either, disables it.
    EditRule {
        rule: Option<String>,
        expression: Option<String>,
        action: Option<String>,
    },
    /// Deletes a rule.
    DeleteRule { rule: Option<String> },
    /// Deletes a CA, and its lists first.
    DeleteCa { ca: Option<String> },
}

impl Moment {
    pub(crate) fn of(entry: &FaultEntry) -> Result<Self, String> {
        match entry.moment.as_deref() {
            Some("before-read") => Ok(Self::BeforeRead),
            Some("in-window") => Ok(Self::InWindow),
            Some("after-write") => Ok(Self::AfterWrite),
            Some(other) => Err(format!(
                "`{other}` is no moment; there are: `before-read`, `in-window`, `after-write`"
            )),
            None => Err(
                "`moment` is missing: say `before-read`, `in-window` or `after-write`".to_owned(),
            ),
        }
    }

    pub(crate) fn suits(self, is_read: bool) -> bool {
        match self {
            Self::BeforeRead => is_read,
            Self::InWindow | Self::AfterWrite => !is_read,
        }
    }
}

impl Change {
    pub(crate) fn of(entry: &FaultEntry) -> Result<Self, String> {
        let names = CHANGES.map(|(name, _)| format!("`{name}`")).join(", ");
        let Some(name) = entry.change.as_deref() else {
            return Err(format!("`change` is missing: say one of {names}"));
        };
        let Some((name, keys)) = CHANGES.into_iter().find(|(known, _)| *known == name) else {
            return Err(format!("`{name}` is no change; there are: {names}"));
        };
        let given = [
            ("host", entry.host.is_some()),
            ("ca", entry.ca.is_some()),
            ("rule", entry.rule.is_some()),
            ("expression", entry.expression.is_some()),
            ("action", entry.action.is_some()),
        ];
        if let Some((key, _)) = given
            .iter()
            .find(|(key, is_given)| *is_given && !keys.contains(key))
        {
            let keys = keys.join("`, `");
            return Err(format!("`{key}` means nothing here; {name} takes `{keys}`"));
        }
        if let Some(Err(error)) = entry.expression.as_deref().map(parse) {
            return Err(format!("`expression` cannot be read: {error}"));
        }
        if let Some(action) = entry.action.as_deref().filter(|one| !ACTIONS.contains(one)) {
            let actions = ACTIONS.join("`, `");
            return Err(format!(
                "`{action}` is no action here; there are: `{actions}`"
            ));
        }
        let FaultEntry {
            host,
            ca,
            rule,
            expression,
            action,
            ..
        } = entry.clone();
        let host = || {
            let host = host.clone().map(|host| host.to_ascii_lowercase());
            host.ok_or_else(|| format!("`host` is missing: say which one, for {name}"))
        };
        Ok(match name {
            "add-host" => Self::AddHost { host: host()?, ca },
            "drop-host" => Self::DropHost { host: host()?, ca },
            "add-rule" => Self::AddRule {
                description: rule.unwrap_or_else(|| "Somebody else's rule".to_owned()),
                expression: expression.unwrap_or_else(|| EXPRESSION.to_owned()),
                action: action.unwrap_or_else(|| "block".to_owned()),
            },
            "edit-rule" => Self::EditRule {
                rule,
                expression,
                action,
            },
            "delete-rule" => Self::DeleteRule { rule },
            _ => Self::DeleteCa { ca },
        })
    }

    /// Whether a call names what the change leaves open.
    pub(crate) fn fits(&self, call: &Call) -> bool {
        match self {
            Self::AddHost { ca, .. } | Self::DropHost { ca, .. } => {
                call.zone.is_some() && (ca.is_some() || call.is_about_hosts())
            }
            Self::AddRule { .. } => call.zone.is_some(),
            Self::EditRule { rule, .. } | Self::DeleteRule { rule } => {
                call.zone.is_some() && (rule.is_some() || call.rule.is_some())
            }
            Self::DeleteCa { ca } => ca.is_some() || call.certificate.is_some(),
        }
    }

    /// What has to be said besides, if calls to an endpoint never say it.
    pub(crate) fn lacks(&self, endpoint: Endpoint) -> Option<String> {
        let name = endpoint.name();
        let is_one = |names: &[&str]| names.contains(&name);
        let is_about_hosts = is_one(&["get-hosts", "put-hosts"]);
        let in_store = name.contains("certificate") || is_one(&["get-services"]);
        let of_no_zone = in_store || is_one(&["list-zones", "verify-token"]);
        match self {
            Self::DeleteCa { ca: None }
                if !is_about_hosts
                    && !is_one(&["get-certificate", "delete-certificate", "get-services"]) =>
            {
                Some(format!("say which CA with `ca`: {name} names none"))
            }
            Self::DeleteCa { .. } => None,
            _ if of_no_zone => Some(format!("{name} is about no zone; name another endpoint")),
            Self::AddHost { ca: None, .. } | Self::DropHost { ca: None, .. } if !is_about_hosts => {
                Some(format!("say whose list with `ca`: {name} is about none"))
            }
            Self::EditRule { rule: None, .. } | Self::DeleteRule { rule: None }
                if !is_one(&["patch-rule", "delete-rule"]) =>
            {
                Some(format!("say which rule with `rule`: {name} names none"))
            }
            _ => None,
        }
    }
}
