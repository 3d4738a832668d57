//! What a file means, as a digest: equal for files that ask for the same, whatever they look like.
//!
//! Comments, layout, the names of groups and the order of every list that has none are no part of it; neither
//! are the day and the account, which have digests of their own where they matter.

use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;

use crate::config::Config;
use crate::config::Problems;
use crate::desired::Accepts;
use crate::desired::AccessTest;
use crate::desired::Ca;
use crate::desired::Content;
use crate::desired::Credential;
use crate::desired::Desired;
use crate::desired::Expectation;
use crate::desired::Guards;
use crate::desired::Host;
use crate::desired::HostLimit;
use crate::desired::Requirement;
use crate::desired::Rule;
use crate::desired::SideEffects;
use crate::desired::Zones;
use crate::desired::resolve;
use crate::resource::Certificate;
use crate::resource::Digest;
use crate::resource::Hostname;
use crate::resource::KeyId;
use crate::resource::Name;
use crate::resource::ZoneName;

/// The digest of everything in a file that a plan or its run depends on.
///
/// # Errors
/// What is wrong with the file by itself, which any account would report too.
pub fn digest(config: &Config) -> Result<Digest, Problems> {
    // Before every date that retires a CA, so that what the file says of that CA is all there.
    let desired = resolve(config, &Zones::of_file(), Timestamp::MIN)?;
    let meaning = json!([of_file(&desired), config.settle.as_millis().to_string()]);
    Ok(Digest::of(meaning.to_string()))
}

fn of_file(desired: &Desired) -> Value {
    let Desired {
        owner,
        former_owners,
        file: _, // told to readers of the dashboard, and to nobody else
        zones,
        quota,
        cas,
        hosts,
        rules,
        tests,
        guards,
    } = desired;
    let zones = zones
        .as_ref()
        .map(|zones| zones.iter().map(ZoneName::as_str).collect::<Vec<_>>());
    let cas = cas.iter().map(|(name, ca)| of_ca(name, ca));
    let hosts = hosts.iter().map(|(name, host)| of_host(name, host));
    json!([
        owner.as_str(),
        sorted(former_owners.iter().map(|owner| json!(owner.as_str()))),
        zones,
        quota,
        cas.collect::<Vec<_>>(),
        hosts.collect::<Vec<_>>(),
        // Of two rules for one host the first one meets the request first.
        rules.iter().map(of_rule).collect::<Vec<_>>(),
        sorted(tests.iter().map(of_test)),
        of_guards(guards),
    ])
}

fn of_ca(name: &Name, ca: &Ca) -> Value {
    let Ca {
        content,
        issuers,
        pins,
        retire,
        is_retired: _, // of the day
        is_pinned: _,  // follows from the rules
        left: _,       // of the account
    } = ca;
    json!([
        name.as_str(),
        of_content(content),
        of_issuers(issuers),
        pins.iter().map(KeyId::as_str).collect::<Vec<_>>(),
        retire.map(|date| date.to_string()),
    ])
}

fn of_content(content: &Content) -> Value {
    match content {
        Content::CloudflareManaged => json!("managed"),
        Content::Uploaded(bundle) => json!(Digest::of_bundle(bundle).as_str()),
    }
}

fn of_issuers(issuers: &[Certificate]) -> Value {
    sorted(
        issuers
            .iter()
            .map(|one| json!(one.fingerprint().to_string())),
    )
}

fn of_host(name: &Hostname, host: &Host) -> Value {
    let Host {
        zone: _, // of the account
        cas,
    } = host;
    json!([
        name.as_str(),
        cas.iter().map(Name::as_str).collect::<Vec<_>>()
    ])
}

fn of_rule(rule: &Rule) -> Value {
    let Rule {
        name,
        action,
        parameters,
        enabled,
        zones,
        adopt,
    } = rule;
    // Their order tells which piece of the rule each becomes.
    let adopted = adopt
        .iter()
        .map(|(zone, refs)| json!([zone.as_str(), refs]));
    let of_zone = |requirement: &Requirement| {
        let Requirement { hosts, unless } = requirement;
        let unless = unless.as_ref().map(ToString::to_string);
        let hosts = hosts.iter().map(|(host, accepts)| {
            let Accepts { pins, revocable } = accepts;
            let pins = pins
                .as_ref()
                .map(|pins| pins.iter().map(KeyId::as_str).collect::<Vec<_>>());
            json!([host.as_str(), pins, revocable, unless])
        });
        hosts.collect::<Vec<_>>()
    };
    json!([
        name.as_str(),
        action,
        parameters,
        enabled,
        sorted(zones.values().flat_map(of_zone)),
        adopted.collect::<Vec<_>>(),
    ])
}

fn of_test(test: &AccessTest) -> Value {
    let AccessTest {
        at: _, // where it stands
        host,
        credential,
        path,
        given,
        expect,
    } = test;
    let credential = match credential {
        Credential::None => json!("none"),
        Credential::Stranger => json!("stranger"),
        Credential::IssuedBy {
            name,
            content,
            issuers,
        } => json!([name.as_str(), of_content(content), of_issuers(issuers)]),
    };
    json!([
        host.as_str(),
        credential,
        path,
        sorted(given.iter().map(|(field, value)| json!([field, value]))),
        match expect {
            Expectation::Pass => "pass",
            Expectation::Block => "block",
            Expectation::Challenge => "challenge",
        },
    ])
}

fn of_guards(guards: &Guards) -> Value {
    let Guards {
        max_deletes,
        max_changed_hosts,
        min_validity,
        min_overlap,
        may_open,
        side_effects,
    } = guards;
    let limit = match max_changed_hosts {
        HostLimit::Percent(percent) => format!("{percent}%"),
        HostLimit::Count(most) => most.to_string(),
    };
    json!([
        max_deletes,
        limit,
        min_validity.as_secs(),
        min_overlap.as_secs(),
        sorted(may_open.iter().map(|host| json!(host.value.as_str()))),
        match side_effects {
            SideEffects::Report => "report",
            SideEffects::Refuse => "refuse",
        },
    ])
}

/// What has no order of its own, in one that follows from what it is.
fn sorted(values: impl Iterator<Item = Value>) -> Value {
    let mut texts: Vec<String> = values.map(|value| value.to_string()).collect();
    texts.sort();
    json!(texts)
}
