//! The live rules that a rule of the file takes over, as `import` writes them.

use std::collections::HashMap;

use crate::config::declared::Declared;
use crate::config::document::AdoptEntry;
use crate::config::document::List;
use crate::config::entry;
use crate::config::problem::Fault;
use crate::config::problem::Problem;
use crate::config::source::Located;
use crate::config::source::Span;
use crate::config::source::place;
use crate::resource::ZoneName;

/// A rule of the account that is taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adoption {
    /// The zone it is in.
    pub zone: Located<ZoneName>,
    /// Its `ref` there.
    pub reference: Located<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum AdoptionFault {
    #[error("rule `{reference}` of zone `{zone}` is adopted twice")]
    AdoptedTwice { zone: ZoneName, reference: String },
    #[error("zone `{zone}` is not among the listed zones")]
    ZoneNotListed { zone: ZoneName },
}

impl Fault for AdoptionFault {
    fn help(&self) -> Option<String> {
        Some(
            match self {
                Self::AdoptedTwice { .. } => "a live rule can become part of one rule only",
                Self::ZoneNotListed { .. } => "correct it, or add it to `zones`",
            }
            .into(),
        )
    }
}

/// Reads what one rule takes over.
pub(super) fn read(
    entries: Option<List<AdoptEntry>>,
    declared: &Declared<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<Adoption> {
    let mut adoptions = Vec::new();
    for entry in entries.into_iter().flat_map(|entries| entries.value) {
        let at = place(&entry);
        let entry = entry.value;
        let zone = entry::required(
            entry.zone.as_ref(),
            "zone",
            "zone: example.com",
            at,
            problems,
        )
        .and_then(|zone| entry::zone(zone, problems));
        if let Some(zone) = zone.as_ref().filter(|zone| !declared.lists(&zone.value)) {
            let fault = AdoptionFault::ZoneNotListed {
                zone: zone.value.clone(),
            };
            problems.push(Problem::error(zone.at, fault));
        }
        let example = "ref: 3fa8c1d2e4b5468790a1b2c3d4e5f607";
        let reference = entry::required(entry.reference, "ref", example, at, problems)
            .and_then(|reference| entry::text(reference, "ref", problems));
        if let (Some(zone), Some(reference)) = (zone, reference) {
            adoptions.push(Adoption { zone, reference });
        }
    }
    adoptions
}

/// Reports live rules that several entries take over.
pub(super) fn report_adopted_twice<'a>(
    adoptions: impl IntoIterator<Item = &'a Adoption>,
    problems: &mut Vec<Problem>,
) {
    let mut seen: HashMap<(&ZoneName, &str), Span> = HashMap::new();
    for adoption in adoptions {
        let reference = &adoption.reference;
        let key = (&adoption.zone.value, reference.value.as_str());
        let Some(first) = seen.insert(key, reference.at) else {
            continue;
        };
        let fault = AdoptionFault::AdoptedTwice {
            zone: adoption.zone.value.clone(),
            reference: reference.value.clone(),
        };
        problems.push(Problem::error(reference.at, fault).related(first, "adopted here first"));
    }
}
