//! Hosts that stand open, for all requests or for some, and hosts that nobody can reach.

use crate::audit::Excerpt;
use crate::audit::Finding;
use crate::audit::Kind;
use crate::audit::Severity;
use crate::audit::admission;
use crate::audit::case::Case;
use crate::audit::case::Inquiry;
use crate::audit::spelling;
use crate::edge::CERTIFICATE_FIELDS;
use crate::edge::Client;
use crate::edge::Course;
use crate::edge::Decision;
use crate::edge::Effect;
use crate::edge::Reading;
use crate::edge::Rule;
use crate::edge::State;
use crate::edge::Verdict;
use crate::expression::Bound;
use crate::expression::Guard;
use crate::expression::GuardSet;

/// What is wrong with the hosts of a case, told of each of them.
pub(super) fn findings(case: &Case<'_>, state: &State) -> Vec<Finding> {
    let found = examine(case, state).unwrap_or_else(|bound| vec![beyond(bound)]);
    let objects = case.objects();
    let told = found.into_iter().flat_map(|finding| {
        objects.iter().map(move |object| Finding {
            object: object.clone(),
            ..finding.clone()
        })
    });
    told.collect()
}

fn examine(case: &Case<'_>, state: &State) -> Result<Vec<Finding>, Bound> {
    let without_skips = without_skips(case.rules);
    let mut inquiry = case.inquire_over(case.rules.iter().chain(&without_skips));
    let none = inquiry.course(&Client::None, Reading::PerHost)?;
    let stopped = inquiry.stopped(&none)?;
    if !case.asks.asks() {
        return locked_out(&mut inquiry, &none, stopped);
    }
    let stopped = inquiry.needing_certificate(&none)?;
    let (mut found, past) = bypasses(&mut inquiry, &none, &without_skips)?;
    if inquiry.is_any(stopped)? {
        found.extend(challenged(&mut inquiry, &none, stopped)?);
        let undecided = inquiry.without(none.undecided, past)?;
        found.extend(partly_open(case, &none, inquiry.witness(undecided)?));
        found.extend(admission::findings(&mut inquiry, &none, stopped, state)?);
        found.extend(spelling::findings(case)?);
        return Ok(found);
    }
    // Where a rule lets everybody past, that rule says it all; and where others stop everybody, nothing is open.
    let blocked = none.with(Verdict::Block);
    let open_to = inquiry.without(none.possible, blocked)?;
    if found.is_empty() && inquiry.is_any(open_to)? {
        found = open(case, state)?;
    }
    Ok(found)
}

/// A host that does not ask, with a rule that wants a certificate.
fn locked_out(
    inquiry: &mut Inquiry<'_, '_>,
    none: &Course,
    stopped: GuardSet,
) -> Result<Vec<Finding>, Bound> {
    let Some(guard) = inquiry.witness(stopped)? else {
        return Ok(Vec::new());
    };
    // A rule for some requests only may be meant for hosts that ask.
    let others = inquiry.without(none.possible, stopped)?;
    let severity = if inquiry.is_any(others)? {
        Severity::Medium
    } else {
        Severity::High
    };
    let finding = of_host(
        Kind::LockedOut,
        severity,
        "A rule turns away requests without a certificate, and the edge asks nobody for one here: no CA is \
         associated with the host.",
    )
    .detail(example("A request that is turned away, whatever the client has", &guard, None))
    .remedy("associate a CA with the host, or take the host out of the rule.")
    .excerpt(stopping(inquiry.case, none, None, "wants a certificate"));
    Ok(vec![finding])
}

/// A host on which nothing stops a request for want of a certificate.
fn open(case: &Case<'_>, state: &State) -> Result<Vec<Finding>, Bound> {
    let is_unread =
        |rule: &&Rule| rule.enabled && rule.condition.is_err() && rule.is_about_certificates();
    if case.rules.iter().any(|rule| is_unread(&rule)) || is_closed_behind_challenges(case)? {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for (index, rule) in case.rules.iter().enumerate() {
        if !rule.is_about_certificates() {
            continue;
        }
        let kind = match (rule.enabled, &rule.effect) {
            (true, Effect::Nothing) => Kind::OnlyLogging,
            (false, Effect::Block | Effect::Challenge) => Kind::Disabled,
            _ => continue,
        };
        let mut rules = case.rules.to_vec();
        if let Some(rule) = rules.get_mut(index) {
            rule.enabled = true;
            rule.effect = Effect::Block;
        }
        let mut supposed = case.inquire_over(&rules);
        let course =
            supposed.course_through(&rules, case.spelled(), &Client::None, Reading::PerHost)?;
        let stopped = supposed.stopped(&course)?;
        if !supposed.is_any(stopped)? {
            continue;
        }
        let (sentence, remedy) = if kind == Kind::OnlyLogging {
            (
                "The rule that asks for a certificate decides nothing: every request gets in.",
                "set its action to `block`.",
            )
        } else {
            (
                "The rule that turns away requests without a certificate is disabled: every request gets in.",
                "enable it.",
            )
        };
        found.push(
            of_host(kind, Severity::High, sentence)
                .remedy(remedy)
                .excerpt(excerpt(case, rule, "would turn them away")),
        );
    }
    if found.is_empty() {
        found.push(
            of_host(
                Kind::Open,
                Severity::High,
                format!(
                    "The host asks for certificates of {}, and no rule turns away clients that have none.",
                    state.names(&case.authorities).join(", ")
                ),
            )
            .remedy(
                "add a rule with action `block` for requests to the host without a verified certificate of its \
                 CAs, or take the association away.",
            ),
        );
    }
    Ok(found)
}

/// Whether rules about certificates stop requests once challenges are solved that have nothing to do with
/// them: the request is then evaluated again (API reference, section 3.8).
fn is_closed_behind_challenges(case: &Case<'_>) -> Result<bool, Bound> {
    let mut rules = case.rules.to_vec();
    for rule in &mut rules {
        if rule.effect == Effect::Challenge && !rule.is_about_certificates() {
            rule.effect = Effect::Nothing;
        }
    }
    let mut solved = case.inquire_over(&rules);
    let course = solved.course_through(&rules, case.spelled(), &Client::None, Reading::PerHost)?;
    let stopped = solved.stopped(&course)?;
    solved.is_any(stopped)
}

/// A host whose rules about certificates challenge, always or at times.
fn challenged(
    inquiry: &mut Inquiry<'_, '_>,
    none: &Course,
    stopped: GuardSet,
) -> Result<Option<Finding>, Bound> {
    let challenged = inquiry.both(none.with(Verdict::Challenge), stopped)?;
    let Some(guard) = inquiry.witness(challenged)? else {
        return Ok(None);
    };
    let blocked = inquiry.both(none.with(Verdict::Block), stopped)?;
    let who = if inquiry.is_any(blocked)? {
        "Some requests without a certificate"
    } else {
        "Clients without a certificate"
    };
    let finding = of_host(
        Kind::OnlyChallenging,
        Severity::High,
        format!(
            "{who} are challenged, not blocked: a person can solve that and get in, and a machine is locked out."
        ),
    )
    .remedy("set the action of the rule to `block`.")
    .excerpt(stopping(inquiry.case, none, Some(Verdict::Challenge), "challenges"));
    Ok(Some(if inquiry.is_any(blocked)? {
        finding.detail(example(
            "A request that is challenged",
            &guard,
            Some(&Client::None),
        ))
    } else {
        finding
    }))
}

/// Requests that no rule is about, if there are some.
fn partly_open(case: &Case<'_>, none: &Course, some: Option<Guard>) -> Option<Finding> {
    let guard = some?;
    let finding = of_host(
        Kind::PartlyOpen,
        Severity::Medium,
        "Some requests get in without a certificate: no rule turns them away.",
    )
    .detail(example("A request that gets in", &guard, Some(&Client::None)))
    .remedy(
        "let the rule cover every request to the host, or accept this finding if the exception is meant.",
    )
    .excerpt(leaving_out(case, none, &guard));
    Some(finding)
}

/// Rules that let requests past one that would stop them, and all requests that they let past.
fn bypasses(
    inquiry: &mut Inquiry<'_, '_>,
    none: &Course,
    without_skips: &[Rule],
) -> Result<(Vec<Finding>, GuardSet), Bound> {
    let case = inquiry.case;
    let (mut found, mut all) = (Vec::new(), GuardSet::NONE);
    let course = inquiry.course_through(
        without_skips,
        case.spelled(),
        &Client::None,
        Reading::PerHost,
    )?;
    let stopped = inquiry.stopped(&course)?;
    let stopped = inquiry.both(stopped, none.with(Verdict::Pass))?;
    for decision in &none.decisions {
        let Some(rule) = case.rule(decision.place) else {
            continue;
        };
        if !matches!(rule.effect, Effect::SkipRuleset | Effect::SkipPhase) {
            continue;
        }
        let past = inquiry.both(decision.matched, stopped)?;
        let Some(guard) = inquiry.witness(past)? else {
            continue;
        };
        all = inquiry.either(all, past)?;
        found.push(
            of_host(
                Kind::Bypass,
                Severity::High,
                format!(
                    "The rule `{}` lets requests past the rule below it that would turn them away.",
                    rule.name
                ),
            )
            .detail(example("A request that gets in", &guard, Some(&Client::None)))
            .remedy(
                "move the rule that wants a certificate above it, or leave the host out of it: for example with \
                 `and not http.host eq …`.",
            )
            .excerpt(excerpt(case, rule, "lets these past")),
        );
    }
    Ok((found, all))
}

/// The same rules without those that let past.
fn without_skips(rules: &[Rule]) -> Vec<Rule> {
    let mut rules = rules.to_vec();
    for rule in &mut rules {
        match &mut rule.effect {
            Effect::SkipRuleset | Effect::SkipPhase => rule.effect = Effect::Nothing,
            Effect::Execute(inner) => *inner = without_skips(inner),
            _ => {}
        }
    }
    rules
}

/// A question about the hosts that was too large.
fn beyond(bound: Bound) -> Finding {
    of_host(
        Kind::NotAnalysed,
        Severity::Medium,
        format!("Who gets in could not be found out: {bound}."),
    )
    .remedy("look at the zone's rules yourself; fewer different tests in one rule list help.")
}

/// A finding whose object is filled in for each host.
pub(super) fn of_host(kind: Kind, severity: Severity, sentence: impl Into<String>) -> Finding {
    Finding::new(severity, kind, String::new(), sentence)
}

/// An example in words.
pub(super) fn example(what: &str, guard: &Guard, client: Option<&Client>) -> String {
    match client {
        Some(client) if guard.choices().is_empty() => format!("{what}: any, {client}."),
        Some(client) => format!("{what}: one where {guard}, {client}."),
        None if guard.choices().is_empty() => format!("{what}: any."),
        None => format!("{what}: one where {guard}."),
    }
}

/// The first rule about certificates that stops requests, by one verdict or by any, underlined where it speaks
/// of them.
pub(super) fn stopping(
    case: &Case<'_>,
    course: &Course,
    by: Option<Verdict>,
    label: &str,
) -> Option<Excerpt> {
    let stops = |decision: &&Decision| {
        let verdict = decision.verdict.filter(|verdict| *verdict != Verdict::Pass);
        verdict.is_some_and(|verdict| by.is_none_or(|by| by == verdict))
            && decision.matched != GuardSet::NONE
    };
    let mut stopping = course.decisions.iter().filter(stops);
    let rule = stopping.find_map(|decision| case.about_certificates(decision.place))?;
    excerpt(case, rule, label)
}

/// The first rule about certificates that stops requests, underlined where it tests what lets this one
/// through.
fn leaving_out(case: &Case<'_>, course: &Course, guard: &Guard) -> Option<Excerpt> {
    let mut decisions = course.decisions.iter();
    decisions.find_map(|decision| {
        let rule = case.rule(decision.place)?;
        let condition = rule.condition.as_ref().ok()?;
        condition.mentions(CERTIFICATE_FIELDS)?;
        let mut operands = condition.operands().into_iter();
        let tested = operands.find(|operand| {
            let mut choices = guard.choices().iter();
            choices.any(|choice| choice.subject() == Some(operand))
        })?;
        Some(marked(case, rule, tested.span.range(), "leaves some out"))
    })
}

/// A rule, underlined where it speaks of certificates, else as a whole.
fn excerpt(case: &Case<'_>, rule: &Rule, label: &str) -> Option<Excerpt> {
    let condition = rule.condition.as_ref().ok()?;
    let mark = condition
        .mentions(CERTIFICATE_FIELDS)
        .unwrap_or_else(|| condition.span());
    Some(marked(case, rule, mark.range(), label))
}

/// A rule with these bytes of it underlined.
pub(super) fn marked(
    case: &Case<'_>,
    rule: &Rule,
    mark: std::ops::Range<usize>,
    label: &str,
) -> Excerpt {
    Excerpt {
        origin: format!("rule `{}` in {}", rule.name, case.zone),
        expression: rule.text.clone(),
        mark,
        label: label.to_owned(),
    }
}
