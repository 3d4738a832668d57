//! How many custom rules the zones have, of those that their plans allow.

use crate::cloudflare::AccountCheckup;
use crate::doctor::Check;
use crate::doctor::State;
use crate::doctor::zones::short;

/// From so many of a hundred on there is a warning.
const NEARLY: usize = 90;

pub(super) fn checks(seen: &AccountCheckup) -> Vec<Check> {
    let zones = seen.zones.as_ref().map_or(&[][..], |zones| zones);
    let (mut fine, mut checks) = (Vec::new(), Vec::new());
    for (name, tried) in &seen.tried {
        let Ok(rules) = &tried.rules else { continue };
        let used = rules.as_slice().len();
        let zone = zones.iter().find(|zone| zone.name == *name);
        let Some(quota) = zone.and_then(|zone| zone.rule_quota) else {
            fine.push(format!(
                "{name} has {used}, and how many its plan allows is not known"
            ));
            continue;
        };
        if used * 100 < quota * NEARLY {
            fine.push(format!("{name} has {used} of {quota}"));
            continue;
        }
        let sentence = format!(
            "{used} of the {quota} that the zone's plan allows are used, those of custom rulesets not counted"
        );
        let check = Check::new("custom-rules", State::Warning, sentence).of(name.as_str());
        checks.push(
            check.remedy("remove rules that nobody needs, or take a larger plan for the zone"),
        );
    }
    if !fine.is_empty() {
        let fine: Vec<&str> = fine.iter().map(String::as_str).collect();
        checks.insert(0, Check::new("custom-rules", State::Ok, short(&fine)));
    }
    checks
}
