//! The CA slots of the account, and who uses them.

use std::collections::BTreeMap;

use crate::cloudflare::AccountCheckup;
use crate::doctor::Check;
use crate::doctor::Scope;
use crate::doctor::State;
use crate::doctor::zones::short;
use crate::live::LiveCa;
use crate::resource::Name;

/// `None` where the CAs could not be read.
pub(super) fn check(seen: &AccountCheckup, scope: Option<&Scope>, quota: usize) -> Option<Check> {
    let cas = seen.cas.as_ref().ok()?;
    let uploaded: Vec<&LiveCa> = cas.iter().filter(|ca| ca.is_uploaded_ca()).collect();
    let used = uploaded.len();
    let sentence = match used {
        0 => format!("0 of {quota} are used"),
        _ => format!("{used} of {quota} are used: {}", by_whom(&uploaded, scope)),
    };
    let check = |state| Check::new("ca-slots", state, sentence);
    Some(if used < quota {
        check(State::Ok)
    } else {
        check(State::Warning).remedy(
            "nothing can be uploaded: take a CA away that nobody needs, or have the contract raised and set \
             `quota` in the file",
        )
    })
}

fn by_whom(uploaded: &[&LiveCa], scope: Option<&Scope>) -> String {
    let mut owners: BTreeMap<Option<Name>, Vec<String>> = BTreeMap::new();
    for ca in uploaded {
        let (owner, name) = match ca.mark() {
            Some(mark) => (Some(mark.owner), mark.name.to_string()),
            None => (None, ca.label().to_owned()),
        };
        owners.entry(owner).or_default().push(name);
    }
    let told = owners.iter_mut().map(|(owner, names)| {
        names.sort();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let names = short(&names);
        match owner {
            Some(owner) if scope.is_some_and(|scope| scope.owner == *owner) => {
                format!("{names} by this file ({owner})")
            }
            Some(owner) => format!("{names} by {owner}"),
            None => format!("{names} by somebody without a mark"),
        }
    });
    told.collect::<Vec<_>>().join("; ")
}
