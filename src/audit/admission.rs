//! Which certificates get in on a protected host, and which do not.

use std::collections::BTreeSet;

use crate::audit::Excerpt;
use crate::audit::Finding;
use crate::audit::Kind;
use crate::audit::Severity;
use crate::audit::case::Case;
use crate::audit::case::Inquiry;
use crate::audit::case::REVOKED;
use crate::audit::hosts::example;
use crate::audit::hosts::marked;
use crate::audit::hosts::of_host;
use crate::audit::hosts::stopping;
use crate::edge::Authority;
use crate::edge::Client;
use crate::edge::Course;
use crate::edge::Decision;
use crate::edge::Issued;
use crate::edge::Path;
use crate::edge::Reading;
use crate::edge::Rule;
use crate::edge::State;
use crate::edge::Verdict;
use crate::expression::Bound;
use crate::expression::Guard;
use crate::expression::GuardSet;
use crate::expression::Truth;
use crate::resource::KeyId;

const ISSUER_KEY_ID: &str = "cf.tls_client_auth.cert_issuer_ski";
const VERIFIED: &str = "cf.tls_client_auth.cert_verified";

/// What is wrong with whom a host admits; `stopped` are the requests that need a certificate.
pub(super) fn findings(
    inquiry: &mut Inquiry<'_, '_>,
    none: &Course,
    stopped: GuardSet,
    state: &State,
) -> Result<Vec<Finding>, Bound> {
    let mut found = Vec::new();
    if let Some(guard) = admitted(inquiry, &Client::Stranger, Reading::PerHost, stopped)? {
        found.push(any_certificate(inquiry.case, none, &guard));
    } else {
        found.extend(unpinned(inquiry, none, stopped, state)?);
    }
    found.extend(turned_away(inquiry, none, stopped, state)?);
    found.extend(managed(inquiry, none, stopped)?);
    found.extend(revoked_own_ca(inquiry, none, stopped)?);
    Ok(found)
}

/// One of the requests in `stopped` with which a client gets in under a reading.
fn admitted(
    inquiry: &mut Inquiry<'_, '_>,
    client: &Client,
    reading: Reading,
    stopped: GuardSet,
) -> Result<Option<Guard>, Bound> {
    let course = inquiry.course(client, reading)?;
    let passing = inquiry.both(course.with(Verdict::Pass), stopped)?;
    inquiry.witness(passing)
}

/// Whether a client gets in under some reading.
fn is_admitted(
    inquiry: &mut Inquiry<'_, '_>,
    client: &Client,
    stopped: GuardSet,
) -> Result<bool, Bound> {
    for reading in Reading::BOTH {
        if admitted(inquiry, client, reading, stopped)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn any_certificate(case: &Case<'_>, none: &Course, guard: &Guard) -> Finding {
    of_host(
        Kind::AnyCertificate,
        Severity::High,
        "A certificate that anybody can make for themselves gets in: the rule does not ask whether it was \
         verified.",
    )
    .detail(example("A request that gets in", guard, Some(&Client::Stranger)))
    .remedy("ask for `cf.tls_client_auth.cert_verified` as well, and for the issuer's key id.")
    .excerpt(stopping(case, none, None, "believes what the certificate says"))
}

/// Clients of CAs that are not associated with the host, under the reading that lets them in.
fn unpinned(
    inquiry: &mut Inquiry<'_, '_>,
    none: &Course,
    stopped: GuardSet,
    state: &State,
) -> Result<Option<Finding>, Bound> {
    let case = inquiry.case;
    let mut others = Vec::new();
    for client in case.clients {
        let issuer = match client {
            Client::Issued(Issued {
                issuer,
                path: Path::Direct,
                ..
            }) => issuer.clone(),
            Client::Managed { revoked: false, .. } => "the Cloudflare-managed CA".to_owned(),
            _ => continue,
        };
        let is_foreign = !case.asks.names(client);
        if is_foreign && admitted(inquiry, client, Reading::AccountWide, stopped)?.is_some() {
            others.push(issuer);
        }
    }
    if others.is_empty() {
        return Ok(None);
    }
    let pins: Vec<String> = key_ids(case, state)
        .iter()
        .map(|id| format!("\"{id}\""))
        .collect();
    let remedy = if pins.is_empty() {
        "name the key ids of the host's CAs with `cf.tls_client_auth.cert_issuer_ski in {…}`."
            .to_owned()
    } else {
        format!(
            "ask for the issuer as well: `cf.tls_client_auth.cert_verified and \
             cf.tls_client_auth.cert_issuer_ski in {{{}}}`{}.",
            pins.join(" "),
            if case.authorities.contains(&Authority::Managed) {
                ", with the key id of the Cloudflare-managed CA as well"
            } else {
                ""
            }
        )
    };
    let finding = of_host(
        Kind::Unpinned,
        Severity::Medium,
        format!(
            "Clients of {} get in too, if the edge verifies certificates against all CAs of the account.",
            listed(&others)
        ),
    )
    .detail(
        "If it verifies them against the CAs of the host only, they do not. Cloudflare's documentation says the \
         former.",
    )
    .remedy(remedy)
    .excerpt(at(case, none, VERIFIED, "whoever issued it"));
    Ok(Some(finding))
}

/// CAs of the host whose clients do not get in.
fn turned_away(
    inquiry: &mut Inquiry<'_, '_>,
    none: &Course,
    stopped: GuardSet,
    state: &State,
) -> Result<Vec<Finding>, Bound> {
    let case = inquiry.case;
    let (mut inside, mut outside) = (Vec::new(), Vec::new());
    for client in case.clients {
        let Client::Issued(issued) = client else {
            continue;
        };
        // A CA that verifies nobody has a finding of its own.
        let is_ours = case.asks.verifies(client, Reading::PerHost) == Truth::True;
        if issued.path != Path::Direct || !is_ours {
            continue;
        }
        if is_admitted(inquiry, client, stopped)? {
            inside.push(issued);
        } else {
            outside.push(issued);
        }
    }
    let mut found = Vec::new();
    let below = |issued: &Issued| inside.iter().find(|root| issued.is_below(root));
    for (issued, root) in outside.iter().filter_map(|one| Some((one, below(one)?))) {
        found.push(
            of_host(
                Kind::PinnedToRoot,
                Severity::Medium,
                format!(
                    "Clients of {} are turned away: the rule names the key id of {} above it, and a certificate \
                     carries that of the CA that issued it.",
                    issued.issuer, root.issuer
                ),
            )
            .remedy("name the key id of the issuing CA as well.")
            .excerpt(at(case, none, ISSUER_KEY_ID, "the root only")),
        );
    }
    let cas = case.authorities.iter().filter_map(|one| state.cas.get(one));
    for ca in cas {
        let is_used = inside.iter().any(|issued| issued.is_of(ca));
        let mut lost = outside.iter().filter(|issued| issued.is_of(ca));
        if is_used || !lost.any(|issued| below(issued).is_none()) {
            continue;
        }
        found.push(
            of_host(
                Kind::NotAdmitted,
                Severity::Medium,
                format!(
                    "{} is associated with the host, and all of its clients are turned away.",
                    ca.name
                ),
            )
            .remedy("name its key id in the rule, or take the association away.")
            .excerpt(at(case, none, ISSUER_KEY_ID, "other issuers")),
        );
    }
    Ok(found)
}

/// What is left of the CA that Cloudflare runs, and its revoked certificates.
fn managed(
    inquiry: &mut Inquiry<'_, '_>,
    none: &Course,
    stopped: GuardSet,
) -> Result<Option<Finding>, Bound> {
    let case = inquiry.case;
    if !case.authorities.contains(&Authority::Managed) {
        return Ok(None);
    }
    let is_managed = |revoked| move |client: &&Client| matches!(client, Client::Managed { revoked: one, .. } if *one == revoked);
    let mut clients = case.clients.iter();
    let (Some(good), Some(revoked)) = (
        clients.clone().find(is_managed(false)),
        clients.find(is_managed(true)),
    ) else {
        return Ok(None);
    };
    let gets_in = is_admitted(inquiry, good, stopped)?;
    let revoked_gets_in = is_admitted(inquiry, revoked, stopped)?;
    Ok(match (case.has_uploaded_ca(), gets_in, revoked_gets_in) {
        // With an eye on revocation it is meant.
        (true, true, false) | (false, _, false) => None,
        (true, true, true) => Some(
            of_host(
                Kind::ManagedLeftover,
                Severity::Medium,
                "The host has a CA of its own and still accepts clients of the one that Cloudflare runs, revoked \
                 ones too.",
            )
            .remedy(
                "take the host out of the list of the Cloudflare-managed CA, or name the issuers' key ids in the \
                 rule.",
            )
            .excerpt(at(case, none, VERIFIED, "true for both")),
        ),
        (true, false, _) => Some(
            of_host(
                Kind::ManagedLeftover,
                Severity::Low,
                "The host has a CA of its own and is still listed for the one that Cloudflare runs; the rule turns \
                 its clients away.",
            )
            .remedy("take the host out of the list of the Cloudflare-managed CA."),
        ),
        (false, _, true) => Some(
            of_host(
                Kind::Revoked,
                Severity::Medium,
                "Revoked certificates of the Cloudflare-managed CA get in: `cert_verified` is true for them too.",
            )
            .remedy("add `or cf.tls_client_auth.cert_revoked` to what is blocked.")
            .excerpt(at(case, none, VERIFIED, "true when revoked, too")),
        ),
    })
}

/// A rule that counts on revocation on a host without the managed CA: a client of an own CA gets in that would
/// be turned away if the edge knew of its revocation.
fn revoked_own_ca(
    inquiry: &mut Inquiry<'_, '_>,
    none: &Course,
    stopped: GuardSet,
) -> Result<Option<Finding>, Bound> {
    let case = inquiry.case;
    let Some(excerpt) = at(case, none, REVOKED, "false for own CAs") else {
        return Ok(None);
    };
    if case.authorities.contains(&Authority::Managed) {
        return Ok(None);
    }
    let ours = case.clients.iter().filter(|client| case.asks.names(client));
    let mut relies = false;
    for client in ours {
        let course = inquiry.course(client, Reading::PerHost)?;
        let passing = inquiry.both(course.with(Verdict::Pass), stopped)?;
        let revoked = inquiry.course_if_revoked(client, Reading::PerHost)?;
        let turned_away = inquiry.without(passing, revoked.with(Verdict::Pass))?;
        relies |= inquiry.is_any(turned_away)?;
    }
    let finding = of_host(
        Kind::RevokedOwnCa,
        Severity::Medium,
        "The rule asks whether a certificate was revoked, and for own CAs the edge does not know: revoked \
         certificates get in.",
    )
    .remedy(
        "block single certificates by `cf.tls_client_auth.cert_serial` or `cert_fingerprint_sha256`, or replace \
         the CA.",
    )
    .excerpt(Some(excerpt));
    Ok(relies.then_some(finding))
}

/// A rule that stops requests for want of a certificate, underlined where it mentions a field.
fn at(case: &Case<'_>, none: &Course, field: &str, label: &str) -> Option<Excerpt> {
    let stops = |decision: &&Decision| {
        matches!(decision.verdict, Some(Verdict::Block | Verdict::Challenge))
            && decision.matched != GuardSet::NONE
    };
    let rules = none.decisions.iter().filter(stops);
    let mut mentioning = rules.filter_map(|decision| {
        let rule: &Rule = case.rule(decision.place)?;
        let span = rule.condition.as_ref().ok()?.mentions(field)?;
        Some((rule, span))
    });
    let (rule, span) = mentioning.next()?;
    Some(marked(case, rule, span.range(), label))
}

/// The key ids of the host's own CAs.
fn key_ids<'s>(case: &Case<'_>, state: &'s State) -> BTreeSet<&'s KeyId> {
    let cas = case.authorities.iter().filter_map(|one| state.cas.get(one));
    cas.flat_map(|ca| &ca.certificates)
        .filter_map(|certificate| certificate.key_id())
        .collect()
}

/// `a`, `a and b`, `a, b and c`.
fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
