//! Plans that are refused have no safe way.
//!
//! Worlds that are small enough to be searched: one zone, one rule of somebody else at most, two rules of ours
//! that change at most. Where the planner finds no safe order the search takes one step at a time, with more
//! steps to choose from than the planner has, among them a rule above all others that is there for a while.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use mtlsctl::desired::Desired;
use mtlsctl::live::Live;
use mtlsctl::plan;
use mtlsctl::plan::Allowed;
use mtlsctl::plan::Plan;
use mtlsctl::resource::Hostname;
use mtlsctl::resource::ZoneName;

use crate::oracle::account::Course;
use crate::oracle::account::Effect;
use crate::oracle::account::Work;
use crate::oracle::account::Zone;
use crate::oracle::demand::Demand;
use crate::oracle::demand::between;
use crate::oracle::demand::bridges;
use crate::oracle::file::File;
use crate::oracle::file::Size;
use crate::oracle::others;
use crate::oracle::random::Random;
use crate::oracle::run;
use crate::oracle::search::Found;
use crate::oracle::search::Hosts;
use crate::oracle::search::Search;
use crate::oracle::search::Seat;
use crate::oracle::search::State;
use crate::support::scenario::Scenario;

const SEED: u64 = 20_261_124;

/// How many plans are made; `MTLSCTL_WORLDS_REFUSED` says another number.
const WORLDS: usize = 300;

/// How many plans that are called safe are searched too, to know that the search finds what there is.
const CONTROLS: usize = 25;

const SIZE: Size = Size {
    hosts: 3,
    cas: 2,
    rules: 2,
};

const ZONE: &str = "example.com";

/// A change of a small world.
struct Small {
    seed: u64,
    old: Desired,
    new: Desired,
    files: [File; 2],
    live: Live,
    plan: Plan,
    world: Scenario,
}

#[derive(Debug, Default)]
struct Seen {
    plans: usize,
    refused: usize,
    searched: usize,
    too_large: usize,
    controls: usize,
    missed: usize,
}

#[test]
fn what_is_refused_has_no_safe_way() {
    let worlds = std::env::var("MTLSCTL_WORLDS_REFUSED").ok();
    let worlds = worlds.map_or(WORLDS, |number| number.parse().expect("a number"));
    let mut seen = Seen::default();
    let mut ways: Vec<String> = Vec::new();
    for nth in 0..worlds {
        let Some(small) = Small::any(SEED + nth as u64) else {
            continue;
        };
        seen.plans += 1;
        if run::is_safe(&small.plan) {
            if seen.controls < CONTROLS && !small.plan.is_empty() {
                seen.controls += 1;
                let is_found = matches!(small.search(), Some(Found::Way(_)));
                seen.missed += usize::from(!is_found);
            }
            continue;
        }
        seen.refused += 1;
        match small.search() {
            Some(Found::Way(steps)) => {
                seen.searched += 1;
                ways.push(small.told(&steps));
            }
            Some(Found::Nothing) => seen.searched += 1,
            Some(Found::TooMany) | None => seen.too_large += 1,
        }
    }
    assert!(
        ways.is_empty(),
        "{} refused plans have a safe way, of {seen:?}\n{}",
        ways.len(),
        ways.join("\n")
    );
    assert!(seen.plans * 2 >= worlds, "{seen:?}");
    assert!(seen.searched * 50 >= worlds, "{seen:?}");
    assert!(seen.too_large * 2 <= seen.refused, "{seen:?}");
    assert!(seen.missed * 10 <= seen.controls, "{seen:?}");
}

impl Small {
    /// An account that agrees with a file, perhaps with a rule of somebody else, and another file.
    fn any(seed: u64) -> Option<Self> {
        let mut random = Random::new(seed);
        let file = File::any(&mut random, SIZE);
        let world = Scenario::new(&file.text());
        let first = world.plan().ok()?;
        let after = run::run(&first, world.account()).ok()?;
        let old = world.desired();
        let mut world = world.account_bent(|account| *account = after);
        if random.chance(40) {
            world = others::add_rule(world, &mut random, ZONE);
        }
        let mut changed = file.changed(&mut random, SIZE);
        changed.quota = (world.account().slots_used() + random.below(3)).max(1);
        let world = world.file(&changed.text());
        let new = world.desired();
        let live = world.observed(&new);
        let plan = plan::plan(&new, &live, run::day(), &Allowed::default()).ok()?;
        Some(Self {
            seed,
            old,
            new,
            files: [file, changed],
            live,
            plan,
            world,
        })
    }

    /// Looks for a way; none where the world is larger than it may be, or its plan cannot be run.
    fn search(&self) -> Option<Found> {
        let course = Course::of(&self.new, &self.live, &self.plan);
        let name = ZoneName::parse(ZONE).expect("a zone");
        let zone = &course.zones[&name];
        let after = run::run(&self.plan, self.world.account()).ok()?;
        let seats = self.seats(&name, zone)?;
        let place = |rule: &str| seats.iter().position(|(seat, _)| seat.name == rule);
        let live = zone.rules.iter();
        let first_rules = live.map(|rule| {
            let at = place(&rule.name)?;
            Some((at, seats[at].1.0))
        });
        let desired = after.zones[&name].rules.as_ref();
        let desired = desired.map_or(&[][..], |rules| rules.as_slice()).iter();
        let last_rules = desired.map(|rule| {
            let at = place(&rule.reference)?;
            Some((at, seats[at].1.1))
        });
        let mut hosts: Vec<String> = zone.hosts.iter().map(ToString::to_string).collect();
        hosts.push(format!("any.other.{ZONE}"));
        let mut first = State {
            account: course.cas,
            lists: Vec::new(),
            rules: first_rules.collect::<Option<_>>()?,
        };
        let cas = course.cas.count_ones() as usize + self.uploads();
        first.lists = (0..cas).map(|ca| listed(zone, ca)).collect();
        let mut last = first.clone();
        last.rules = last_rules.collect::<Option<_>>()?;
        for work in course.waves.iter().flatten() {
            match work {
                Work::Upload(ca) => last.account |= ca,
                Work::Delete(ca) => last.account &= !ca,
                Work::List {
                    zone: there,
                    ca,
                    after,
                } if *there == name => {
                    let members = zone.hosts.iter().map(|host| after.contains(host));
                    last.lists[ca.trailing_zeros() as usize] = bits(members);
                }
                _ => {}
            }
        }
        let has_unknown = zone.rules.iter().any(|rule| rule.effect == Effect::Unknown);
        let seats: Vec<Seat> = seats.into_iter().map(|(seat, _)| seat).collect();
        let search = Search {
            callers: &course.callers,
            hosts: &hosts,
            seats: &seats,
            first,
            last,
            quota: self.new.quota,
            has_unknown,
        };
        Some(search.run())
    }

    fn uploads(&self) -> usize {
        let steps = self.plan.steps();
        let uploads = steps.filter(|step| matches!(step.change, plan::Change::UploadCa { .. }));
        uploads.count()
    }

    /// The zone's rules, each with what it is now and what it shall be; none where more than two of ours change.
    fn seats(&self, name: &ZoneName, zone: &Zone) -> Option<Vec<(Seat, (usize, usize))>> {
        let demands = |desired: &Desired, file: &File| -> BTreeMap<String, Demand> {
            let rules = desired.rules.iter().filter_map(|rule| {
                let exception = file.exception(rule.name.as_str());
                let demand = Demand::of(rule, name, exception)?;
                Some((format!("platform/{}/1", rule.name), demand))
            });
            rules.collect()
        };
        let live = demands(&self.old, &self.files[0]);
        let desired = demands(&self.new, &self.files[1]);
        let mut seats = Vec::new();
        let mut changes: Vec<(Option<&Demand>, Option<&Demand>)> = Vec::new();
        let names: BTreeSet<&String> = live.keys().chain(desired.keys()).collect();
        for name in names {
            let (was, becomes) = (live.get(name), desired.get(name));
            let may_be = if was == becomes {
                was.map(|was| was.rule(name)).into_iter().collect()
            } else {
                changes.push((was, becomes));
                between(name, was, becomes)
            };
            let at = |demand: Option<&Demand>| {
                let rule = demand.map(|demand| demand.rule(name));
                rule.map_or(0, |rule| {
                    may_be
                        .iter()
                        .position(|one| *one == rule)
                        .expect("one of them")
                })
            };
            let ends = (at(was), at(becomes));
            let seat = Seat {
                name: name.clone(),
                may_be,
                is_bridge: false,
            };
            seats.push((seat, ends));
        }
        if changes.len() > 2 {
            return None;
        }
        let theirs = zone
            .rules
            .iter()
            .filter(|rule| !rule.name.starts_with("platform/"));
        for rule in theirs {
            let seat = Seat {
                name: rule.name.clone(),
                may_be: vec![rule.clone()],
                is_bridge: false,
            };
            seats.push((seat, (0, 0)));
        }
        let before: Vec<&Demand> = changes.iter().filter_map(|(was, _)| *was).collect();
        let after: Vec<&Demand> = changes.iter().filter_map(|(_, becomes)| *becomes).collect();
        let bridge = Seat {
            name: "the bridge".to_owned(),
            may_be: bridges(&before, &after),
            is_bridge: true,
        };
        seats.push((bridge, (0, 0)));
        Some(seats)
    }

    fn told(&self, steps: &[String]) -> String {
        let rules = self.world.rules(ZONE).iter();
        let rules = rules.map(|rule| {
            format!(
                "  {} {} {} {}\n",
                rule.reference, rule.action, rule.parameters, rule.expression
            )
        });
        let cas = self.live.cas.iter().map(|ca| format!("  {}\n", ca.name));
        let violations = self.plan.safety.violations.iter();
        let violations = violations.map(|one| format!("  {one}\n"));
        format!(
            "seed {}\nfrom\n{}to\n{}live CAs, then those uploaded, from 1:\n{}live rules:\n{}refused \
             ({:?}):\n{}a safe way:\n  {}\n",
            self.seed,
            self.files[0].text(),
            self.files[1].text(),
            cas.collect::<String>(),
            rules.collect::<String>(),
            self.plan.slots,
            violations.collect::<String>(),
            steps.join("\n  ")
        )
    }
}

/// The hosts of a CA's list.
fn listed(zone: &Zone, ca: usize) -> Hosts {
    let is_member = |host: &Hostname| zone.cas_of(host) >> ca & 1 == 1;
    bits(zone.hosts.iter().map(is_member))
}

fn bits(members: impl Iterator<Item = bool>) -> Hosts {
    let members = members.enumerate();
    members.fold(0, |all, (nth, is_member)| {
        all | Hosts::from(is_member) << nth
    })
}
