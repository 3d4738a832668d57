//! How a new account looks: an Enterprise account in which others are at home already.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use jiff::Timestamp;
use serde_json::json;

use crate::sandbox::account::Account;
use crate::sandbox::bundle;
use crate::sandbox::certificate;
use crate::sandbox::certificate::Certificate;
use crate::sandbox::certificate::CertificateType;
use crate::sandbox::dns_record::DnsRecord;
use crate::sandbox::rule_definition::Definition;
use crate::sandbox::ruleset::Rule;
use crate::sandbox::ruleset::Ruleset;
use crate::sandbox::ruleset::RulesetKind;
use crate::sandbox::zone::ZoneFacts;

/// The id of every seeded account.
pub const ACCOUNT_ID: &str = "5a4db0a55a4db0a55a4db0a55a4db0a5";

/// When all of it came to be: 2024-01-01, in seconds since 1970.
const SINCE: i64 = 1_704_067_200;

/// A leaf certificate that a Worker uses.
const WORKER: &str = include_str!("seed/orders-worker.pem");

/// The CA with which Gateway inspects traffic.
const GATEWAY: &str = include_str!("seed/gateway-inspection.pem");

/// A CA that another team brought.
const PARTNERS: &str = include_str!("seed/legacy-partners.pem");

/// The hosts of the first zone that go through the edge, and where they are served.
const PROXIED: [(&str, &str); 3] = [
    ("portal", "203.0.113.10"),
    ("legacy", "203.0.113.11"),
    ("intranet", "203.0.113.12"),
];

/// The subject key identifier of that CA, as rules see it.
const PARTNERS_KEY_ID: &str = "484484FDF3E2C02799D9FE3B66EC1CF71DE12B8A";

impl Account {
    /// An Enterprise account with these zones and room for `quota` CA certificates.
    ///
    /// It also holds what is not ours: a leaf certificate, a CA of Gateway, somebody's CA with a
    /// hostname in the first zone, a hostname of the managed CA, and an entry point with somebody's
    /// skip and block rules there, for hosts that have DNS records. Other zones are untouched: they
    /// have no entry point.
    #[must_use]
    pub fn enterprise(zones: &[String], quota: usize) -> Self {
        let mut account = Self::new(ACCOUNT_ID, "Example Corp", quota);
        let since = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(SINCE);
        let ids: Vec<String> = zones
            .iter()
            .map(|name| account.add_zone(ZoneFacts::enterprise(name, since)))
            .collect();

        seed_certificate(
            &mut account,
            "orders-worker",
            false,
            CertificateType::Custom,
            WORKER,
            since,
        );
        seed_certificate(
            &mut account,
            "Gateway inspection",
            true,
            CertificateType::GatewayManaged,
            GATEWAY,
            since,
        );
        let partners = seed_certificate(
            &mut account,
            "legacy-partners",
            true,
            CertificateType::Custom,
            PARTNERS,
            since,
        );
        if let (Some(zone), Some(partners)) = (ids.first(), partners) {
            seed_zone(&mut account, zone, partners, since);
        }
        account
    }
}

/// Adds a certificate of somebody else and returns its id; a quota without room leaves it out.
fn seed_certificate(
    account: &mut Account,
    name: &str,
    ca: bool,
    kind: CertificateType,
    pem: &str,
    since: Timestamp,
) -> Option<String> {
    let bundle = bundle::parse(pem)?;
    let mut certificate = Certificate::new(account.id(), name.to_owned(), ca, bundle, since);
    certificate.kind = kind;
    let id = certificate.id.clone();
    certificate::add(account, certificate).ok().map(|()| id)
}

fn seed_zone(account: &mut Account, zone_id: &str, partners: String, since: Timestamp) {
    let Some((zone, ids)) = account.zone_mut(zone_id) else {
        return;
    };
    let name = zone.facts.name.clone();
    let legacy = format!("legacy.{name}");
    zone.managed.replace(
        BTreeSet::from([format!("portal.{name}")]),
        since,
        SignedDuration::ZERO,
    );
    let list = zone.associations.entry(partners).or_default();
    list.replace(
        BTreeSet::from([legacy.clone()]),
        since,
        SignedDuration::ZERO,
    );

    let mut skip = Definition::new(
        "skip",
        format!(
            "(ip.src in {{192.0.2.0/24}} and lower(http.host) eq \"intranet.{name}\" and \
             starts_with(http.request.uri.path, \"/status\"))"
        ),
        "Office network reads the status page",
    );
    skip.action_parameters
        .insert("ruleset".into(), json!("current"));
    let block = Definition::new(
        "block",
        format!(
            "(http.host eq \"{legacy}\" and not (cf.tls_client_auth.cert_verified and \
             cf.tls_client_auth.cert_issuer_ski eq \"{PARTNERS_KEY_ID}\"))"
        ),
        "Legacy partners only",
    );
    let mut entry_point = Ruleset::empty(ids.next(), "default".into(), RulesetKind::Zone, since);
    for definition in [skip, block] {
        entry_point
            .rules
            .push(Rule::new(ids.next(), None, definition, since));
    }
    entry_point.touch(since);
    zone.rulesets.push(entry_point);
    for (label, address) in PROXIED {
        let name = format!("{label}.{name}");
        zone.records.push(DnsRecord::proxied(name, address, since));
    }
}
