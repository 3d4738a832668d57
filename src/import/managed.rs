//! The key ids of the CA that Cloudflare runs, as rules of the account tell them: what they pin on hosts that
//! ask for its certificates, and what is no key of the uploaded CAs there.

use std::collections::BTreeSet;

use crate::expression;
use crate::import::Wish;
use crate::import::demand;
use crate::import::ground;
use crate::live::Live;
use crate::live::LiveZone;
use crate::resource::Bundle;
use crate::resource::Hostname;
use crate::resource::Issuer;
use crate::resource::KeyId;

/// The key ids, from the wish, else from the rules if those agree; `None` where nothing tells them.
pub(super) fn key_ids(live: &Live, wish: &Wish) -> Option<BTreeSet<KeyId>> {
    if !wish.managed_key_ids.is_empty() {
        return Some(wish.managed_key_ids.clone());
    }
    let mut told = BTreeSet::new();
    for (_, zone) in ground::read(live, wish) {
        for rule in ground::rules(zone) {
            let expression = expression::parse(&rule.expression).ok();
            let demand = expression.and_then(|expression| demand::read(&expression).ok());
            for (host, accepts) in demand.into_iter().flat_map(|demand| demand.hosts) {
                let pins = accepts
                    .pins
                    .filter(|_| is_listed(zone, &Issuer::CloudflareManaged, &host));
                let Some(pins) = pins else { continue };
                let own = uploaded(live, zone, &host);
                let rest: BTreeSet<KeyId> = pins.difference(&own).cloned().collect();
                if !rest.is_empty() {
                    told.insert(rest);
                }
            }
        }
    }
    let mut told = told.into_iter();
    match (told.next(), told.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    }
}

fn is_listed(zone: &LiveZone, issuer: &Issuer, host: &Hostname) -> bool {
    let list = zone.lists.as_ref().and_then(|lists| lists.get(issuer));
    list.is_some_and(|list| list.contains(host))
}

/// The key ids of the uploaded CAs of a host.
fn uploaded(live: &Live, zone: &LiveZone, host: &Hostname) -> BTreeSet<KeyId> {
    let cas = live.cas.iter().filter(|ca| {
        let issuer = Issuer::Uploaded(ca.id.clone());
        is_listed(zone, &issuer, host)
    });
    let bundles = cas.filter_map(|ca| ca.bundle.as_ref());
    bundles.flat_map(Bundle::key_ids).collect()
}
