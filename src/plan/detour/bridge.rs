//! The one temporary rule that a zone may have while a plan is carried out.
//!
//! It stands above all others. Where a host goes from one rule to another it turns away whom both turn away, so
//! that the one can let go of the host before the other takes hold.

use serde_json::json;

use crate::desired::Desired;
use crate::edge::Effect;
use crate::edge::Rule;
use crate::expression::Expression;
use crate::plan::detour::band::folded;
use crate::plan::detour::band::is_nothing;
use crate::plan::detour::terrain::Staged;
use crate::resource::MarkedRule;
use crate::resource::RuleBody;
use crate::resource::RuleMark;

const BLOCK: &str = "block";

/// The rule, but for what it matches.
pub(super) fn body(desired: &Desired) -> RuleBody {
    let mark = RuleMark {
        owner: desired.owner.clone(),
        rule: MarkedRule::Bridge,
        piece: 1,
    };
    RuleBody {
        reference: mark.to_string(),
        description: format!(
            "temporary, while a plan is carried out: managed by mtlsctl ({}); the next plan removes it",
            desired.owner
        ),
        action: BLOCK.to_owned(),
        parameters: json!({}),
        expression: String::new(),
        enabled: true,
    }
}

/// It blocks if any of the rules that change does, and otherwise does as they do.
pub(super) fn choose_action(bridge: &mut RuleBody, rules: &[Staged]) {
    let bodies = rules.iter().flat_map(|rule| [&rule.before, &rule.after]);
    let mut bodies: Vec<&RuleBody> = bodies.flatten().collect();
    bodies.sort_by_key(|body| body.action != BLOCK);
    if let Some(body) = bodies.first() {
        bridge.action.clone_from(&body.action);
    }
}

/// What the temporary rule may say about some hosts: whom it turns away because they are now and later, and
/// whom because they are now or later; as its action does to them, at the one time or at the other.
pub(super) fn forms(action: &str, changed: &[(&[Expression; 2], &Staged)]) -> Vec<Expression> {
    let some = |is_meant: &dyn Fn(&RuleBody) -> bool| {
        [0, 1].map(|time| {
            let rules = changed.iter().filter(|(_, rule)| {
                let body = if time == 0 { &rule.before } else { &rule.after };
                body.as_ref().is_some_and(is_meant)
            });
            Expression::or(rules.filter_map(|(said, _)| said.get(time).cloned()))
        })
    };
    let [now, last] = some(&|body| body.action == action);
    let [any_now, any_last] = some(&|body| Rule::written(body).effect != Effect::Nothing);
    let both = if any_now == now && any_last == last {
        Expression::and([now.clone(), last.clone()])
    } else {
        Expression::or([
            Expression::and([now.clone(), any_last]),
            Expression::and([any_now, last.clone()]),
        ])
    };
    let forms = [both, Expression::or([now, last])].map(folded);
    forms.into_iter().filter(|form| !is_nothing(form)).collect()
}
