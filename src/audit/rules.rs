//! Findings about single rules, and about the room that a zone has for more.

use std::collections::BTreeSet;

use crate::audit::Excerpt;
use crate::audit::Finding;
use crate::audit::Kind;
use crate::audit::Severity;
use crate::audit::Subject;
use crate::audit::case;
use crate::edge::Authority;
use crate::edge::Effect;
use crate::edge::Rule;
use crate::edge::State;
use crate::edge::ZoneState;
use crate::expression::Expression;
use crate::expression::Text;
use crate::expression::normalised_length;
use crate::resource::EXPRESSION_LIMIT;
use crate::resource::ZoneName;

const ISSUER_KEY_ID: &str = "cf.tls_client_auth.cert_issuer_ski";

/// From this share on, in percent, something counts as almost used up.
const NEARLY: usize = 90;

/// What is wrong with the rules of an account's zones.
pub(super) fn findings(subject: &Subject, state: &State) -> Vec<Finding> {
    let mut found = Vec::new();
    for (name, zone) in &state.zones {
        found.extend(room(subject, name, zone));
        found.extend(odd_entries(subject, name));
        for (rule, is_above) in evaluated(&zone.rules, false) {
            let of_rule = [
                not_analysed(name, rule, is_above),
                long(name, rule),
                unknown_key_ids(name, zone, rule, state),
            ];
            for finding in of_rule.into_iter().flatten() {
                // Two rules may execute the same ruleset.
                if !found.contains(&finding) {
                    found.push(finding);
                }
            }
        }
    }
    found
}

/// The rules of a list and those that they execute, each with whether enabled rules about certificates come
/// after it; `is_above` says so of the list as a whole.
fn evaluated(rules: &[Rule], is_above: bool) -> Vec<(&Rule, bool)> {
    let mut all = Vec::new();
    for (index, rule) in rules.iter().enumerate() {
        let mut below = rules.get(index + 1..).unwrap_or_default().iter();
        let is_above = is_above || below.any(|rule| rule.enabled && rule.is_about_certificates());
        all.push((rule, is_above));
        if let Effect::Execute(inner) = &rule.effect {
            all.extend(
                evaluated(inner, is_above)
                    .into_iter()
                    .filter(|_| rule.enabled),
            );
        }
    }
    all
}

/// Entries of host lists that no documentation explains.
fn odd_entries(subject: &Subject, name: &ZoneName) -> Option<Finding> {
    let odd: Vec<String> = case::odd(subject, name)
        .into_iter()
        .map(|entry| format!("`{entry}`"))
        .collect();
    let [first, rest @ ..] = odd.as_slice() else {
        return None;
    };
    let more = if rest.is_empty() {
        String::new()
    } else {
        format!(" and {} more", rest.len())
    };
    Some(
        Finding::new(
            Severity::Medium,
            Kind::NotAnalysed,
            format!("zone {name}"),
            format!(
                "The zone's host lists name {first}{more}, no host of the zone: what the edge makes of that is not \
                 documented."
            ),
        )
        .detail("Hosts that a wildcard may mean are left out of what is said about hosts.")
        .remedy("name each host by itself, and try one that a wildcard means."),
    )
}

fn object(zone: &ZoneName, rule: &Rule) -> String {
    format!("rule {zone}/{}", rule.reference)
}

/// A rule that could not be read.
fn not_analysed(zone: &ZoneName, rule: &Rule, is_above: bool) -> Option<Finding> {
    if !rule.enabled {
        return None;
    }
    let severity = if is_above {
        Severity::Medium
    } else {
        Severity::Low
    };
    let finding = |sentence: String| {
        let finding = Finding::new(severity, Kind::NotAnalysed, object(zone, rule), sentence);
        if is_above {
            finding.detail(
                "It stands above rules that want certificates, and might let requests past them.",
            )
        } else {
            finding
        }
    };
    match (&rule.condition, &rule.effect) {
        (Err(error), _) => {
            let mark = error.at.clone();
            Some(
                finding(format!("The expression of the rule `{}` cannot be read.", rule.name))
                    .remedy("look at it yourself, and tell us if Cloudflare takes it.")
                    .excerpt(Some(excerpt(zone, rule, mark, &error.to_string()))),
            )
        }
        (Ok(_), Effect::Unknown) => Some(
            finding(format!(
                "What the rule `{}` does could not be found out: its action is not known here, or the ruleset that \
                 it executes was not read.",
                rule.name
            ))
            .remedy("look at it yourself, or give the token the permission to read that ruleset."),
        ),
        (Ok(_), _) => None,
    }
}

/// An expression that has almost no room left.
fn long(zone: &ZoneName, rule: &Rule) -> Option<Finding> {
    let length = normalised_length(&rule.text);
    (length * 100 >= EXPRESSION_LIMIT * NEARLY).then(|| {
        Finding::new(
            Severity::Low,
            Kind::ExpressionSize,
            object(zone, rule),
            format!(
                "The expression of the rule `{}` has {length} of the {EXPRESSION_LIMIT} characters that are allowed.",
                rule.name
            ),
        )
        .remedy("split it over two rules before the next host does not fit.")
    })
}

/// Key ids that a rule names and that no CA of the account has.
fn unknown_key_ids(
    zone: &ZoneName,
    state: &ZoneState,
    rule: &Rule,
    account: &State,
) -> Option<Finding> {
    let condition = rule.condition.as_ref().ok().filter(|_| rule.enabled)?;
    let known: BTreeSet<&[u8]> = account
        .cas
        .values()
        .flat_map(|ca| ca.certificates.iter().chain(&ca.issuers))
        .filter_map(|certificate| certificate.key_id())
        .chain(&account.managed_key_ids)
        .map(|id| id.as_str().as_bytes())
        .collect();
    let is_known = |pin: &[u8], is_bare: bool| {
        let mut known = known.iter();
        known.any(|id| *id == pin || (!is_bare && id.eq_ignore_ascii_case(pin)))
    };
    let unknown: BTreeSet<String> = condition
        .tests()
        .into_iter()
        .flat_map(|test| {
            // Behind `lower()`, lower case is right.
            let is_bare =
                matches!(test, Expression::Comparison(one) if one.left.is_of(ISSUER_KEY_ID));
            let pins = test.texts_of(ISSUER_KEY_ID).into_iter().map(Text::as_bytes);
            // Empty where there is no certificate: no key id.
            pins.filter(move |pin| !pin.is_empty() && !is_known(pin, is_bare))
        })
        .map(|pin| String::from_utf8_lossy(pin).into_owned())
        .collect();
    let is_misspelled = |pin: &&String| {
        let bare = pin.replace(':', "");
        let mut known = known.iter();
        known.any(|id| id.eq_ignore_ascii_case(bare.as_bytes()))
    };
    let misspelled = unknown.iter().find(is_misspelled);
    let first = misspelled.or_else(|| unknown.first())?;
    let managed = state
        .hosts
        .values()
        .any(|authorities| authorities.contains(&Authority::Managed));
    let (severity, why) = if misspelled.is_some() {
        (
            Severity::High,
            "One is that of a CA of the account in another spelling: the field is upper-case hexadecimal digits without \
             colons.",
        )
    } else if managed {
        (
            Severity::Info,
            "It may be that of the CA that Cloudflare runs, which hosts of this zone use.",
        )
    } else {
        (
            Severity::Medium,
            "Clients of the CA that it was meant for do not get in, or the CA is an intermediate that was not uploaded.",
        )
    };
    let span = condition.mentions(ISSUER_KEY_ID)?;
    let start = rule.text.find(first.as_str()).unwrap_or(span.range().start);
    let mark = start..(start + first.len()).min(rule.text.len());
    Some(
        Finding::new(
            severity,
            Kind::UnknownKeyId,
            object(zone, rule),
            format!(
                "The rule `{}` names {} that no CA of the account has.",
                rule.name,
                match unknown.len() {
                    1 => "a key id".to_owned(),
                    number => format!("{number} key ids"),
                }
            ),
        )
        .detail(why)
        .remedy("take the subject key identifier from the CA's certificate, or the key id out of the rule.")
        .excerpt(Some(excerpt(zone, rule, mark, "of no CA in the account"))),
    )
}

/// How many rules a zone may still have.
fn room(subject: &Subject, name: &ZoneName, zone: &ZoneState) -> Option<Finding> {
    let live = subject.live.zones.get(name)?;
    let quota = live.zone.rule_quota?;
    let deployed: usize = live.deployed.values().map(Vec::len).sum();
    let used = zone.rules.len() + deployed;
    if used * 100 < quota * NEARLY || !zone.rules.iter().any(Rule::is_about_certificates) {
        return None;
    }
    let severity = if used >= quota {
        Severity::Medium
    } else {
        Severity::Low
    };
    Some(
        Finding::new(
            severity,
            Kind::RuleQuota,
            format!("zone {name}"),
            format!("The zone has {used} of the {quota} custom rules that its plan allows."),
        )
        .detail("A rotation may need one more rule for a while.")
        .remedy("delete rules that nobody needs, or join some."),
    )
}

fn excerpt(zone: &ZoneName, rule: &Rule, mark: std::ops::Range<usize>, label: &str) -> Excerpt {
    Excerpt {
        origin: format!("rule `{}` in {zone}", rule.name),
        expression: rule.text.clone(),
        mark,
        label: label.to_owned(),
    }
}
