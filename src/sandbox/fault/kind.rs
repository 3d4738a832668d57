//! The kinds of faults, each with what it needs to know, checked against what was written.

use http::StatusCode;
use jiff::SignedDuration;

use crate::sandbox::fault::call::Call;
use crate::sandbox::fault::entry::FaultEntry;
use crate::sandbox::fault::foreign::Change;
use crate::sandbox::fault::foreign::Moment;
use crate::sandbox::fault::length::length;
use crate::sandbox::permission::Permission;

/// How long every call is refused where nothing else is said (API reference, section 6).
const LOCK_OUT: SignedDuration = SignedDuration::from_mins(5);

/// Name, and the keys that mean something.
const KINDS: [(&str, &[&str]); 11] = [
    ("latency", &["time"]),
    ("rate-limit", &["time"]),
    ("server-error", &["status", "lands"]),
    ("html", &["status", "lands"]),
    ("reset", &[]),
    ("lost-reply", &[]),
    ("half-body", &[]),
    ("stale-read", &["time", "calls"]),
    ("slow-propagation", &["time"]),
    (
        "foreign-writer",
        &[
            "moment",
            "change",
            "host",
            "ca",
            "rule",
            "expression",
            "action",
        ],
    ),
    ("revoked-permission", &["permission"]),
];

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The account acts at once; the answer comes so much later.
    Latency(SignedDuration),
    /// 429, and every call of the token is refused for so long.
    RateLimit(SignedDuration),
    /// A failure in the envelope.
    ServerError(Failing),
    /// A page instead of JSON.
    Html(Failing),
    /// The connection is reset; the account sees nothing of the call.
    Reset,
    /// The account acts, and the connection is closed without an answer.
    LostReply,
    /// The account acts, and half of the answer comes.
    HalfBody,
    /// A read shows how things were.
    StaleRead(Ago),
    /// What this write changes shows in reads so much later.
    SlowPropagation(SignedDuration),
    /// Somebody else writes.
    ForeignWriter { moment: Moment, change: Change },
    /// No token has this permission any more.
    RevokedPermission(Permission),
}

/// A failure on the server's side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Failing {
    pub(crate) status: StatusCode,
    /// Whether the account does what is asked before.
    pub(crate) lands: bool,
}

/// How far back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ago {
    Calls(u64),
    Time(SignedDuration),
}

/// The names of the kinds.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|(name, _)| *name)
}

impl Kind {
    /// The kind that an entry means, or everything that is wrong with it.
    pub(crate) fn of(entry: &FaultEntry) -> Result<Self, Vec<String>> {
        let name = entry.fault.as_str();
        let Some((_, keys)) = KINDS.iter().find(|(known, _)| *known == name) else {
            let known: Vec<String> = names().map(|name| format!("`{name}`")).collect();
            return Err(vec![format!(
                "no fault is called `{name}`; there are: {}",
                known.join(", ")
            )]);
        };
        let mut problems: Vec<String> = given(entry)
            .filter(|key| !keys.contains(key))
            .map(|key| match keys {
                [] => format!("`{key}` means nothing here; {name} takes no such key"),
                keys => format!(
                    "`{key}` means nothing here; {name} takes `{}`",
                    keys.join("`, `")
                ),
            })
            .collect();
        match Self::parse(name, entry) {
            Ok(kind) if problems.is_empty() => Ok(kind),
            Ok(_) => Err(problems),
            Err(problem) => {
                problems.push(problem);
                Err(problems)
            }
        }
    }

    fn parse(name: &str, entry: &FaultEntry) -> Result<Self, String> {
        let time = || {
            let text = entry.time.as_deref();
            length(text.ok_or("`time` is missing: say how long, such as `5s`")?)
        };
        Ok(match name {
            "latency" => Self::Latency(time()?),
            "rate-limit" => Self::RateLimit(match entry.time {
                Some(_) => time()?,
                None => LOCK_OUT,
            }),
            "server-error" => Self::ServerError(failing(
                entry,
                StatusCode::INTERNAL_SERVER_ERROR,
                500..=599,
            )?),
            "html" => Self::Html(failing(entry, StatusCode::BAD_GATEWAY, 200..=599)?),
            "reset" => Self::Reset,
            "lost-reply" => Self::LostReply,
            "half-body" => Self::HalfBody,
            "stale-read" => Self::StaleRead(match (entry.calls, &entry.time) {
                (Some(0), None) => return Err("`calls: 0` is not stale; say at least 1".to_owned()),
                (Some(calls), None) => Ago::Calls(calls),
                (None, Some(_)) => Ago::Time(time()?),
                _ => return Err("say how far back: `calls` or `time`, one of them".to_owned()),
            }),
            "slow-propagation" => Self::SlowPropagation(time()?),
            "revoked-permission" => Self::RevokedPermission(permission(entry)?),
            _ => Self::ForeignWriter {
                moment: Moment::of(entry)?,
                change: Change::of(entry)?,
            },
        })
    }

    /// Whether it can act on a read, or on a write.
    pub(crate) fn suits(&self, is_read: bool) -> bool {
        match self {
            Self::StaleRead(_) => is_read,
            Self::SlowPropagation(_) => !is_read,
            Self::ForeignWriter { moment, .. } => moment.suits(is_read),
            _ => true,
        }
    }

    /// Whether a call tells it all that it needs to know.
    pub(crate) fn fits(&self, call: &Call) -> bool {
        let is_told = match self {
            Self::ForeignWriter { change, .. } => change.fits(call),
            Self::StaleRead(_) | Self::SlowPropagation(_) => call.object().is_some(),
            _ => true,
        };
        is_told && self.suits(call.is_read)
    }

    /// Whether it decides what comes back instead of the whole answer. There is one such fault per call.
    pub(crate) fn is_end(&self) -> bool {
        match self {
            Self::RateLimit(_)
            | Self::ServerError(_)
            | Self::Html(_)
            | Self::Reset
            | Self::LostReply
            | Self::HalfBody => true,
            Self::Latency(_)
            | Self::StaleRead(_)
            | Self::SlowPropagation(_)
            | Self::ForeignWriter { .. }
            | Self::RevokedPermission(_) => false,
        }
    }
}

/// The keys of an entry that belong to some kinds only.
fn given(entry: &FaultEntry) -> impl Iterator<Item = &'static str> {
    let FaultEntry {
        fault: _,
        on: _,
        zone: _,
        after: _,
        times: _,
        chance: _,
        seed: _,
        time,
        calls,
        status,
        lands,
        permission,
        moment,
        change,
        host,
        ca,
        rule,
        expression,
        action,
    } = entry;
    [
        ("time", time.is_some()),
        ("calls", calls.is_some()),
        ("status", status.is_some()),
        ("lands", lands.is_some()),
        ("permission", permission.is_some()),
        ("moment", moment.is_some()),
        ("change", change.is_some()),
        ("host", host.is_some()),
        ("ca", ca.is_some()),
        ("rule", rule.is_some()),
        ("expression", expression.is_some()),
        ("action", action.is_some()),
    ]
    .into_iter()
    .filter_map(|(key, is_given)| is_given.then_some(key))
}

fn failing(
    entry: &FaultEntry,
    default: StatusCode,
    range: std::ops::RangeInclusive<u16>,
) -> Result<Failing, String> {
    let status = entry.status.unwrap_or(default.as_u16());
    let (first, last) = (range.start(), range.end());
    let status = StatusCode::from_u16(status)
        .ok()
        .filter(|status| range.contains(&status.as_u16()));
    Ok(Failing {
        status: status.ok_or_else(|| format!("`status` is a number from {first} to {last}"))?,
        lands: entry.lands.unwrap_or_default(),
    })
}

/// By the API's name, or with the dashboard's `Edit` for `Write` (API reference, section 5.3).
fn permission(entry: &FaultEntry) -> Result<Permission, String> {
    let Some(name) = &entry.permission else {
        return Err("`permission` is missing: name the group, such as `Zone WAF Edit`".to_owned());
    };
    let written = name
        .strip_suffix(" Edit")
        .map(|group| format!("{group} Write"));
    written.as_ref().unwrap_or(name).parse().map_err(|_| {
        format!(
            "no permission group is called `{name}`; there are: {}",
            groups()
        )
    })
}

fn groups() -> String {
    Permission::ALL
        .map(|permission| format!("`{permission}`"))
        .join(", ")
}
