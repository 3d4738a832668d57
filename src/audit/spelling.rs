//! Hosts that are protected in one spelling only.

use crate::audit::Finding;
use crate::audit::Kind;
use crate::audit::Severity;
use crate::audit::case::Case;
use crate::audit::hosts::marked;
use crate::audit::hosts::of_host;
use crate::edge::Client;
use crate::edge::Reading;
use crate::expression::Bound;

const HOST: &str = "http.host";

/// What is wrong with the spelling of a protected host's name in rules.
pub(super) fn findings(case: &Case<'_>) -> Result<Vec<Finding>, Bound> {
    let mut found = Vec::new();
    let upper = case.spelled().to_ascii_uppercase();
    if !is_protected(case, &upper)? {
        let rule = case.rules.iter().find_map(|rule| {
            let condition = rule.condition.as_ref().ok().filter(|_| rule.enabled)?;
            let is_of_host = condition
                .texts_of(HOST)
                .iter()
                .any(|text| text.as_bytes().eq_ignore_ascii_case(upper.as_bytes()));
            let span = condition.mentions(HOST).filter(|_| is_of_host)?;
            Some(marked(case, rule, span.range(), "as the client spells it"))
        });
        found.push(
            of_host(
                Kind::LetterCase,
                Severity::High,
                "The rule compares the host as the client spells it: in another letter case, no rule turns a client \
                 without a certificate away.",
            )
            .detail(format!("A request that gets in: `Host: {upper}`, without a certificate."))
            .remedy("compare `lower(http.host)`.")
            .excerpt(rule),
        );
    }
    if !is_protected(case, &format!("{}:443", case.spelled()))? {
        found.push(
            of_host(
                Kind::HostPort,
                Severity::Info,
                "If the edge keeps a port in `http.host`, a request that names one is not turned away. Whether it \
                 does is not documented.",
            )
            .remedy("try it: send a request without a certificate and with `:443` in its `Host` header."),
        );
    }
    Ok(found)
}

/// Whether rules about certificates stop some request without one, with the host spelled like this.
fn is_protected(case: &Case<'_>, host: &str) -> Result<bool, Bound> {
    let mut inquiry = case.inquire_as(host, case.rules);
    let course = inquiry.course_through(case.rules, host, &Client::None, Reading::PerHost)?;
    let stopped = inquiry.stopped(&course)?;
    inquiry.is_any(stopped)
}
