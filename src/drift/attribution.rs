//! What each difference does to verdicts.
//!
//! Taken by itself first: the account as the file wants it, but for this difference. That names the culprit where
//! one hides another, such as a rule that is switched off a host that left its list. Hosts of which all differences
//! together change no verdict do not count there: a rule under a new name stands in for the old one. A difference
//! that does nothing so is tried the other way round, the account as it is with only this put right; there it is no
//! worse than the whole, since a state half way may lock out whom nobody wants to stop. What only several do
//! together all of them are graded by.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::drift::Difference;
use crate::drift::Grade;
use crate::drift::Object;
use crate::drift::grade::Part;
use crate::drift::unit::Unit;
use crate::drift::unit::taken;
use crate::edge::State;
use crate::live::Live;
use crate::plan::Comparison;
use crate::plan::effect;
use crate::plan::safety::Contrast;
use crate::plan::safety::Shift;
use crate::plan::safety::Unknown;
use crate::plan::safety::contrast;
use crate::resource::Hostname;
use crate::resource::ZoneName;

/// The account as it is, and as the file wants it.
pub(super) struct Scene<'a> {
    comparison: &'a Comparison,
    live: &'a Live,
    at: Timestamp,
    now: State,
    wanted: State,
}

impl<'a> Scene<'a> {
    pub(super) fn of(comparison: &'a Comparison, live: &'a Live, at: Timestamp) -> Self {
        let now = effect::state_now(&comparison.desired, live, at);
        let mut scene = Self {
            comparison,
            live,
            at,
            wanted: State::default(),
            now,
        };
        scene.wanted = scene.with(None, |_| true);
        scene
    }

    /// What all differences do together.
    pub(super) fn whole(&self) -> Contrast {
        contrast(&self.now, &self.wanted)
    }

    /// What one does, were everything else as the file says.
    fn alone(&self, zone: Option<&ZoneName>, steps: &BTreeSet<usize>) -> Contrast {
        let without = self.with(zone, |at| !steps.contains(&at));
        contrast(&without, &self.wanted)
    }

    /// What would change, were it alone put right.
    fn put_right(&self, zone: Option<&ZoneName>, steps: &BTreeSet<usize>) -> Contrast {
        contrast(&self.now, &self.with(zone, |at| steps.contains(&at)))
    }

    /// The account after some of the steps; of one zone only, where what is asked is about no other.
    fn with(&self, zone: Option<&ZoneName>, is_taken: impl Fn(usize) -> bool) -> State {
        let mut steps = taken(&self.comparison.steps, is_taken);
        let is_meant = |there: &ZoneName| zone.is_none_or(|zone| zone == there);
        steps.retain(|step| step.change.zone().is_none_or(is_meant));
        let zones = self.now.zones.iter().filter(|(there, _)| is_meant(there));
        let now = State {
            cas: self.now.cas.clone(),
            managed_key_ids: self.now.managed_key_ids.clone(),
            zones: zones
                .map(|(name, zone)| (name.clone(), zone.clone()))
                .collect(),
        };
        let files = (&self.comparison.desired, self.live);
        effect::state_from(now, files, steps.iter(), self.at)
    }
}

/// The differences with their grades, in the order of their objects.
pub(super) fn graded(units: Vec<Unit>, scene: &Scene<'_>, whole: &Contrast) -> Vec<Difference> {
    let all = Grade::of(whole);
    let mut differences = Vec::new();
    for Unit {
        differences: of_unit,
        steps,
    } in units
    {
        let first = of_unit.first();
        let zone = first.and_then(|first| first.object.zone()).cloned();
        let alone = scene.alone(zone.as_ref(), &steps);
        let mut put_right = None;
        let alone = where_it_matters(alone, whole);
        for mut difference in of_unit {
            difference.grade = Grade::of(&about(&alone, &difference.object));
            if difference.grade.is_neutral() && !all.is_neutral() {
                let other = put_right.get_or_insert_with(|| scene.put_right(zone.as_ref(), &steps));
                let whole = Grade::of(&about(whole, &difference.object));
                let other = Grade::of(&about(other, &difference.object));
                difference.grade = other.within(whole);
            } else {
                difference.is_hidden = is_hidden(&about(&alone, &difference.object), whole);
            }
            differences.push(difference);
        }
    }
    for part in Part::ALL {
        share(&mut differences, part, whole);
    }
    differences.sort_by(|one, other| one.object.cmp(&other.object));
    differences
}

/// What no difference about a zone does by itself, all of them do together.
fn share(differences: &mut [Difference], part: Part, whole: &Contrast) {
    let zones = whole.shifts.iter().map(|shift| &shift.zone);
    let zones = zones.chain(whole.unknown.iter().map(|unknown| &unknown.zone));
    for zone in zones.collect::<BTreeSet<_>>() {
        let extent = Grade::of(&in_zone(whole, zone)).part(part);
        let is_there = |one: &Difference| one.object.zone().is_none_or(|there| there == zone);
        let mut there = differences.iter().filter(|one| is_there(one));
        if there.any(|one| part.is_in(one.grade)) {
            continue;
        }
        let there = differences.iter_mut().filter(|one| is_there(one));
        for difference in there.filter(|one| !one.what.is_for_people()) {
            difference.grade.note(part, extent);
        }
    }
}

/// What of a contrast is about a zone.
fn in_zone(contrast: &Contrast, zone: &ZoneName) -> Contrast {
    let shifts = contrast.shifts.iter().filter(|one| one.zone == *zone);
    let unknown = contrast.unknown.iter().filter(|one| one.zone == *zone);
    Contrast {
        shifts: shifts.cloned().collect(),
        unknown: unknown.cloned().collect(),
    }
}

/// What of a contrast is about an object: of a pair only what is about its host.
fn about(contrast: &Contrast, object: &Object) -> Contrast {
    let Object::Pair { zone, host, .. } = object else {
        return contrast.clone();
    };
    let host = Hostname::parse(host).ok();
    let is_meant = |there: &ZoneName, hosts: &[Hostname]| {
        there == zone && host.as_ref().is_some_and(|host| hosts.contains(host))
    };
    let shifts = contrast.shifts.iter();
    let unknown = contrast.unknown.iter();
    let is_unknown = |one: &&Unknown| is_meant(&one.zone, &one.hosts);
    Contrast {
        shifts: shifts
            .filter(|shift| is_meant(&shift.zone, &shift.hosts))
            .cloned()
            .collect(),
        unknown: unknown.filter(is_unknown).cloned().collect(),
    }
}

/// What of a contrast is on hosts on which somebody has another verdict in all.
fn where_it_matters(contrast: Contrast, whole: &Contrast) -> Contrast {
    let matters = |shift: &Shift| {
        let mut shifts = whole.shifts.iter();
        shifts.any(|one| one.zone == shift.zone && share_a_host(&one.hosts, &shift.hosts))
            || whole
                .unknown
                .iter()
                .any(|one| one.zone == shift.zone && share_a_host(&one.hosts, &shift.hosts))
    };
    Contrast {
        shifts: contrast.shifts.into_iter().filter(matters).collect(),
        ..contrast
    }
}

/// None stands for any other host.
fn share_a_host(one: &[Hostname], other: &[Hostname]) -> bool {
    one.iter().any(|host| other.contains(host)) || (one.is_empty() && other.is_empty())
}

/// Whether nothing of what a difference does shows in the whole.
fn is_hidden(alone: &Contrast, whole: &Contrast) -> bool {
    let shows = |shift: &Shift| whole.shifts.iter().any(|one| is_same(shift, one));
    !alone.shifts.is_empty() && !alone.shifts.iter().any(shows)
}

/// Whether the same becomes of somebody in both.
fn is_same(one: &Shift, other: &Shift) -> bool {
    let alike = (&one.zone, &one.client, Part::of(one));
    share_a_host(&one.hosts, &other.hosts) && alike == (&other.zone, &other.client, Part::of(other))
}
