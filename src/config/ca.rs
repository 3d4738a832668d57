//! The CAs of the file: what is uploaded under which name, and the one that Cloudflare runs.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_yaml::Spanned;

use crate::config::document::CaEntry;
use crate::config::document::List;
use crate::config::entry;
use crate::config::entry::Kind;
use crate::config::pem;
use crate::config::pem::Origin;
use crate::config::problem::Fault;
use crate::config::problem::Problem;
use crate::config::source::Located;
use crate::config::source::Span;
use crate::config::source::place;
use crate::config::surroundings::Surroundings;
use crate::resource::Bundle;
use crate::resource::Fingerprint;
use crate::resource::KeyId;
use crate::resource::Name;

/// The reserved name of the CA that Cloudflare runs.
pub const CLOUDFLARE_MANAGED: &str = "cloudflare-managed";

/// A CA of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ca {
    /// What the rest of the file calls it.
    pub name: Located<Name>,
    /// What it is.
    pub content: CaContent,
    /// From 00:00 UTC of this day it counts as absent.
    pub retire: Option<Located<Date>>,
}

impl Ca {
    /// Whether its day has come: from 00:00 UTC of `retire` on it counts as absent.
    #[must_use]
    pub fn is_retired(&self, at: Timestamp) -> bool {
        let today = TimeZone::UTC.to_datetime(at).date();
        self.retire.as_ref().is_some_and(|day| day.value <= today)
    }
}

/// What a CA of the file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CaContent {
    /// Certificates of one's own.
    Uploaded {
        /// What is uploaded.
        bundle: Located<Bundle>,
        /// Where the bundle was written.
        origin: Origin,
        /// Intermediates below it, which are not uploaded but may be pinned.
        issuers: Vec<Located<Bundle>>,
    },
    /// The CA that Cloudflare runs for each zone; it is listed only to be pinned.
    CloudflareManaged {
        /// What its certificates are issued by; never empty.
        key_ids: BTreeSet<KeyId>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum CaFault {
    #[error("CA `{name}` has the same certificates as CA `{first}`")]
    SameContent { name: Name, first: Name },
    #[error("`{key}` belongs to uploaded CAs; `{CLOUDFLARE_MANAGED}` is run by Cloudflare")]
    NotForManaged { key: &'static str },
    #[error("`key_ids` belongs to `{CLOUDFLARE_MANAGED}` only")]
    KeyIdsOfUploaded,
    #[error("no key id stands here")]
    NoKeyIds,
}

impl Fault for CaFault {
    fn help(&self) -> Option<String> {
        Some(match self {
            Self::SameContent { first, .. } => {
                format!("the account takes each CA once: use `{first}` wherever this one is named")
            }
            Self::NotForManaged { .. } => "remove it; `key_ids` says what may be pinned".into(),
            Self::KeyIdsOfUploaded => {
                "remove it: the key ids of an uploaded CA are read from its certificates".into()
            }
            Self::NoKeyIds => "list the key id that issues its client certificates".into(),
        })
    }
}

/// Reads the CAs. The names of all entries are given too, so that a CA whose content is faulty is not
/// reported as undeclared as well.
pub(super) fn read(
    entries: Option<List<CaEntry>>,
    folder: &Path,
    surroundings: &dyn Surroundings,
    problems: &mut Vec<Problem>,
) -> (Vec<Ca>, Vec<Located<Name>>) {
    let (mut cas, mut all_names) = (Vec::new(), Vec::new());
    for entry in entries.into_iter().flat_map(|entries| entries.value) {
        let at = place(&entry);
        let entry = entry.value;
        let name = entry::required(
            entry.name.as_ref(),
            "name",
            "name: fleet-2026",
            at,
            problems,
        )
        .and_then(|name| entry::name(name, problems));
        all_names.extend(name.clone());
        let managed = name
            .as_ref()
            .is_some_and(|name| name.value.as_str() == CLOUDFLARE_MANAGED);
        let retire = entry
            .retire
            .as_ref()
            .and_then(|retire| entry::date(retire, problems));
        let content = if managed {
            cloudflare_managed(&entry, at, problems)
        } else {
            uploaded(&entry, at, folder, surroundings, problems)
        };
        if let (Some(name), Some(content)) = (name, content) {
            cas.push(Ca {
                name,
                content,
                retire,
            });
        }
    }
    entry::unique(Kind::Ca, &all_names, problems);
    report_same_content(&cas, problems);
    (cas, all_names)
}

fn uploaded(
    entry: &CaEntry,
    at: Span,
    folder: &Path,
    surroundings: &dyn Surroundings,
    problems: &mut Vec<Problem>,
) -> Option<CaContent> {
    if let Some(key_ids) = &entry.key_ids {
        problems.push(Problem::error(place(key_ids), CaFault::KeyIdsOfUploaded));
    }
    let issuers: Vec<Located<Bundle>> = entry
        .issuers
        .iter()
        .flat_map(|issuers| &issuers.value)
        .filter_map(|issuer| pem::bundle(issuer, folder, surroundings, problems))
        .map(|(issuer, _)| issuer)
        .collect();
    let example = "certificates: ca/fleet-2026.pem";
    let certificates = entry.certificates.as_ref();
    let certificates = entry::required(certificates, "certificates", example, at, problems)?;
    let (bundle, origin) = pem::bundle(certificates, folder, surroundings, problems)?;
    Some(CaContent::Uploaded {
        bundle,
        origin,
        issuers,
    })
}

fn cloudflare_managed(entry: &CaEntry, at: Span, problems: &mut Vec<Problem>) -> Option<CaContent> {
    for (key, found) in [
        ("certificates", entry.certificates.as_ref().map(place)),
        ("issuers", entry.issuers.as_ref().map(place)),
        ("retire", entry.retire.as_ref().map(place)),
    ] {
        if let Some(at) = found {
            problems.push(Problem::error(at, CaFault::NotForManaged { key }));
        }
    }
    let example = "key_ids: [A5AC554235DBA6D963B9CDE0185CFAD6E3F55E9F]";
    let listed = entry::required(entry.key_ids.as_ref(), "key_ids", example, at, problems)?;
    if listed.value.is_empty() {
        problems.push(Problem::error(place(listed), CaFault::NoKeyIds));
        return None;
    }
    let key_ids = key_ids(&listed.value, problems);
    (!key_ids.is_empty()).then_some(CaContent::CloudflareManaged { key_ids })
}

fn key_ids(listed: &[Spanned<String>], problems: &mut Vec<Problem>) -> BTreeSet<KeyId> {
    let read = |text: &str| KeyId::parse(text).ok_or_else(|| format!("`{text}` is no key id"));
    let help = "an even number of hexadecimal digits, with or without colons";
    let ids = listed
        .iter()
        .filter_map(|id| entry::parse(id, read, help, problems))
        .collect();
    let ids = entry::distinct(ids, problems);
    ids.into_iter().map(|id| id.value).collect()
}

fn report_same_content(cas: &[Ca], problems: &mut Vec<Problem>) {
    let mut seen: BTreeMap<BTreeSet<Fingerprint>, (&Name, Span)> = BTreeMap::new();
    for ca in cas {
        let CaContent::Uploaded { bundle, .. } = &ca.content else {
            continue;
        };
        let fingerprints = bundle.value.fingerprints();
        if let Some((first, at)) = seen.get(&fingerprints) {
            let fault = CaFault::SameContent {
                name: ca.name.value.clone(),
                first: (*first).clone(),
            };
            problems.push(Problem::error(bundle.at, fault).related(*at, "the same certificates"));
        } else {
            seen.insert(fingerprints, (&ca.name.value, bundle.at));
        }
    }
}
