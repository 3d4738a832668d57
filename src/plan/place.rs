//! Where our rules stand in a zone's list.
//!
//! A new rule goes to the top. A rule of ours is moved only if an enabled rule above it could let a
//! request past it, or if two rules for one host stand in another order than in the file. An adopted rule
//! that says what the file says is not moved at all.

use std::collections::BTreeSet;

use crate::plan::Place;
use crate::plan::Reason;
use crate::resource::CustomRule;
use crate::resource::Hostname;

/// A rule that the zone shall have, in the order of the file.
pub(super) struct Seat<'a> {
    /// Its `ref`.
    pub(super) reference: &'a str,
    /// The hosts it covers.
    pub(super) hosts: BTreeSet<&'a Hostname>,
    /// Whether it stays where it is, wherever that is.
    pub(super) is_settled: bool,
}

/// For each seat, in their order: where it has to go, and why if it is there already somewhere else.
pub(super) fn places(
    live: &[CustomRule],
    seats: &[Seat<'_>],
) -> Vec<Option<(Place, Option<Reason>)>> {
    let mut list: Vec<&str> = live.iter().map(|rule| rule.reference.as_str()).collect();
    let mut top: Option<&str> = None;
    let mut places = Vec::new();
    for (nth, seat) in seats.iter().enumerate() {
        let standing = list
            .iter()
            .position(|reference| *reference == seat.reference);
        let earlier = seats[..nth]
            .iter()
            .filter(|other| !other.hosts.is_disjoint(&seat.hosts));
        // Below a rule that lets requests past, an adopted rule shows no way: nothing of ours is put there.
        let anchor = earlier
            .filter_map(|other| {
                list.iter()
                    .position(|reference| *reference == other.reference)
            })
            .filter(|at| bypass(live, seats, &list, *at).is_none())
            .max();
        let reason = standing
            .filter(|_| !seat.is_settled)
            .and_then(|at| misplaced(live, seats, &list, at, anchor));
        if standing.is_some() && reason.is_none() {
            places.push(None);
            continue;
        }
        let after = anchor.map(|at| list[at]).or(top);
        list.retain(|reference| *reference != seat.reference);
        let at = after.and_then(|found| list.iter().position(|reference| *reference == found));
        list.insert(at.map_or(0, |at| at + 1), seat.reference);
        if anchor.is_none() {
            top = Some(seat.reference);
        }
        let place = after.map_or(Place::First, |reference| Place::After(reference.to_owned()));
        places.push(Some((place, reason)));
    }
    places
}

/// The first rule above `at` that may let requests past. Rules of ours let nothing past, whatever they are
/// now: they become what the file says.
fn bypass<'l>(
    live: &'l [CustomRule],
    seats: &[Seat<'_>],
    list: &[&str],
    at: usize,
) -> Option<&'l CustomRule> {
    let is_above = |rule: &CustomRule| list[..at].contains(&rule.reference.as_str());
    let is_ours = |rule: &CustomRule| seats.iter().any(|seat| seat.reference == rule.reference);
    live.iter()
        .find(|rule| rule.may_let_past() && is_above(rule) && !is_ours(rule))
}

/// Why the rule at `at` cannot stay where it is.
fn misplaced(
    live: &[CustomRule],
    seats: &[Seat<'_>],
    list: &[&str],
    at: usize,
    anchor: Option<usize>,
) -> Option<Reason> {
    if let Some(bypass) = bypass(live, seats, list, at) {
        return Some(Reason::Bypassed {
            by: bypass.label().to_owned(),
        });
    }
    anchor
        .filter(|first| *first > at)
        .map(|first| Reason::OutOfOrder {
            first: list[first].to_owned(),
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Seat;
    use super::places;
    use crate::plan::Place;
    use crate::plan::Reason;
    use crate::resource::CustomRule;
    use crate::resource::Hostname;
    use crate::resource::RuleId;

    /// A rule that blocks; one whose name begins with `skip` lets past what is below.
    fn rule(reference: &str) -> CustomRule {
        let is_skip = reference.starts_with("skip");
        CustomRule {
            id: RuleId::parse(&"a".repeat(32)).unwrap(),
            reference: reference.to_owned(),
            version: 1,
            action: if is_skip { "skip" } else { "block" }.to_owned(),
            parameters: if is_skip {
                json!({ "ruleset": "current" })
            } else {
                json!({})
            },
            expression: "ssl".to_owned(),
            description: String::new(),
            enabled: true,
        }
    }

    /// Where each rule of the file goes; every one covers `a.example.com`, but for those that begin
    /// with `other`.
    fn placed(live: &[&str], file: &[&str]) -> Vec<String> {
        let (a, b) = ("a.example.com", "b.example.com");
        let hosts = [a, b].map(|host| Hostname::parse(host).unwrap());
        let live: Vec<CustomRule> = live.iter().map(|reference| rule(reference)).collect();
        let seats: Vec<Seat<'_>> = file
            .iter()
            .map(|reference| Seat {
                reference,
                hosts: [&hosts[usize::from(reference.starts_with("other"))]].into(),
                is_settled: reference.ends_with("adopted"),
            })
            .collect();
        let said = |(reference, place): (&&str, Option<(Place, Option<Reason>)>)| match place? {
            (Place::First, why) => Some(format!("{reference} first{}", told(why))),
            (Place::After(at), why) => Some(format!("{reference} after {at}{}", told(why))),
        };
        let placed = places(&live, &seats);
        file.iter().zip(placed).filter_map(said).collect()
    }

    fn told(reason: Option<Reason>) -> String {
        match reason {
            None => String::new(),
            Some(Reason::Bypassed { by }) => format!(", past {by}"),
            Some(Reason::OutOfOrder { first }) => format!(", behind {first}"),
            Some(other) => format!(", {other:?}"),
        }
    }

    #[test]
    fn rules_that_stand_well_stay() {
        assert!(placed(&["x", "one", "y", "two", "skip"], &["one", "two"]).is_empty());
        assert!(placed(&["two-others", "other"], &["other"]).is_empty());
    }

    #[test]
    fn new_rules_go_to_the_top_in_the_order_of_the_file() {
        assert_eq!(
            placed(&["x"], &["one", "two"]),
            ["one first", "two after one"]
        );
        assert_eq!(
            placed(&["x"], &["one", "other"]),
            ["one first", "other after one"]
        );
        assert_eq!(placed(&["x", "one"], &["one", "two"]), ["two after one"]);
        assert_eq!(placed(&["x", "two"], &["one", "two"]), ["one first"]);
        assert_eq!(placed(&["x", "one"], &["one", "other"]), ["other first"]);
    }

    #[test]
    fn a_rule_below_a_skip_of_somebody_is_moved_above_it() {
        assert_eq!(placed(&["skip", "one"], &["one"]), ["one first, past skip"]);
        assert_eq!(
            placed(&["skip", "one", "two"], &["one", "two"]),
            ["one first, past skip", "two after one, past skip"]
        );
        assert_eq!(
            placed(&["one", "skip", "two"], &["one", "two"]),
            ["two after one, past skip"]
        );
        assert!(placed(&["skip-of-ours", "one"], &["skip-of-ours", "one"]).is_empty());
    }

    #[test]
    fn a_rule_that_is_settled_stays_wherever_it_is() {
        assert!(placed(&["skip", "adopted"], &["adopted"]).is_empty());
        assert!(placed(&["adopted", "one"], &["one", "adopted"]).is_empty());
        assert_eq!(
            placed(&["one", "adopted"], &["adopted", "one"]),
            ["one after adopted, behind adopted"]
        );
        assert_eq!(
            placed(&["x", "adopted"], &["adopted", "new"]),
            ["new after adopted"]
        );
        assert_eq!(
            placed(&["skip", "adopted"], &["adopted", "new"]),
            ["new first"]
        );
    }

    #[test]
    fn rules_for_one_host_stand_in_the_order_of_the_file() {
        assert_eq!(
            placed(&["two", "x", "one"], &["one", "two"]),
            ["two after one, behind one"]
        );
        assert!(placed(&["two", "other"], &["other", "two"]).is_empty());
        assert_eq!(
            placed(&["three", "two", "one"], &["one", "two", "three"]),
            ["two after one, behind one", "three after two, behind two"]
        );
    }
}
