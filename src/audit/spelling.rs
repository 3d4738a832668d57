//! Hosts that are protected in one spelling only.

use crate::audit::Excerpt;
use crate::audit::Finding;
use crate::audit::Kind;
use crate::audit::Severity;
use crate::audit::case::Case;
use crate::audit::hosts::marked;
use crate::audit::hosts::of_host;
use crate::edge::Client;
use crate::edge::Reading;
use crate::edge::Verdict;
use crate::expression::Bound;
use crate::expression::Expression;
use crate::expression::Guard;
use crate::expression::Text;

const HOST: &str = "http.host";

/// What is wrong with the spelling of a protected host's name in rules.
pub(super) fn findings(case: &Case<'_>) -> Result<Vec<Finding>, Bound> {
    let mut found = Vec::new();
    let upper = case.spelled().to_ascii_uppercase();
    if let Some(guard) = getting_in(case, &upper)? {
        let (sentence, which) = if guard.choices().is_empty() {
            (
                "no rule turns a client without a certificate away",
                String::new(),
            )
        } else {
            (
                "no rule turns some requests without a certificate away",
                format!(" one where {guard},"),
            )
        };
        found.push(
            of_host(
                Kind::LetterCase,
                Severity::High,
                format!(
                    "The rule compares the host as the client spells it: in another letter case, {sentence}."
                ),
            )
            .detail(format!("A request that gets in: `Host: {upper}`,{which} without a certificate."))
            .remedy("compare `lower(http.host)`.")
            .excerpt(comparing(case)),
        );
    }
    if getting_in(case, &format!("{}:443", case.spelled()))?.is_some() {
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

/// A request that is stopped for want of a certificate, and gets in with the host spelled like this.
fn getting_in(case: &Case<'_>, host: &str) -> Result<Option<Guard>, Bound> {
    let mut inquiry = case.inquire_in_any_spelling();
    let course = inquiry.course(&Client::None, Reading::PerHost)?;
    let stopped = inquiry.needing_certificate(&course)?;
    let respelled = inquiry.course_through(case.rules, host, &Client::None, Reading::PerHost)?;
    let past = inquiry.both(stopped, respelled.with(Verdict::Pass))?;
    inquiry.witness(past)
}

/// The first rule that compares the host as the client spells it, underlined there.
fn comparing(case: &Case<'_>) -> Option<Excerpt> {
    let mut rules = case.rules.iter().filter(|rule| rule.enabled);
    rules.find_map(|rule| {
        let mut tests = rule.condition.as_ref().ok()?.tests().into_iter();
        let span = tests.find_map(|test| {
            let Expression::Comparison(comparison) = test else {
                return None;
            };
            let mut names = test.texts_of(HOST).into_iter().map(Text::as_bytes);
            let is_of_host = names.any(|name| name.eq_ignore_ascii_case(case.spelled().as_bytes()));
            let is_bare = comparison.left.is_of(HOST);
            (is_bare && is_of_host).then_some(comparison.left.span)
        })?;
        Some(marked(case, rule, span.range(), "as the client spells it"))
    })
}
