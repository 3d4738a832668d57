//! Plans that are called safe are.
//!
//! Accounts follow files that chance makes, while other people are at work in them and plans are broken off
//! half-way. Of every plan that is called safe every state is looked at, for every host, client and guard,
//! under both readings.

use std::fmt::Write as _;

use mtlsctl::desired::Desired;
use mtlsctl::live::Live;
use mtlsctl::plan;
use mtlsctl::plan::Allowed;
use mtlsctl::plan::Plan;
use mtlsctl::resource::Hostname;
use mtlsctl::resource::ZoneName;

use crate::oracle::account::Course;
use crate::oracle::file::File;
use crate::oracle::file::Size;
use crate::oracle::headline::Ends;
use crate::oracle::headline::Headline;
use crate::oracle::judge::Judged;
use crate::oracle::judge::Passage;
use crate::oracle::others;
use crate::oracle::ours;
use crate::oracle::random::Random;
use crate::oracle::run;
use crate::support::scenario::Scenario;

const SEED: u64 = 20_261_123;

/// How many plans are looked at; `MTLSCTL_WORLDS` says another number.
const WORLDS: usize = 2_000;

/// How many plans an account lives through.
const LIFE: usize = 12;

/// Most worlds are small, since small ones show most of what can be wrong; one of [`LARGE_EVERY`] is not.
const SMALL: Size = Size {
    hosts: 3,
    cas: 2,
    rules: 2,
};
const LARGE: Size = Size {
    hosts: 6,
    cas: 4,
    rules: 4,
};
const LARGE_EVERY: u64 = 8;

/// What was seen.
#[derive(Debug, Default)]
struct Seen {
    plans: usize,
    empty: usize,
    refused: usize,
    safe: usize,
    in_part: usize,
    states: usize,
    shifts: usize,
    broken_off: usize,
}

#[test]
fn what_is_called_safe_is_safe() {
    let worlds = std::env::var("MTLSCTL_WORLDS").ok();
    let worlds = worlds.map_or(WORLDS, |number| number.parse().expect("a number"));
    let mut seen = Seen::default();
    let mut wrong: Vec<String> = Vec::new();
    for life in 0..worlds.div_ceil(LIFE) {
        let from = SEED + life as u64;
        let found = live_through(from, &mut seen);
        wrong.extend(found.map(|found| format!("seed {from}: {found}")));
    }
    assert!(
        wrong.is_empty(),
        "{} of {seen:?}\n{}",
        wrong.len(),
        wrong[..wrong.len().min(8)].join("\n")
    );
    let share = |part: usize, percent: usize| part * 100 >= seen.plans * percent;
    assert!(seen.plans >= worlds, "{seen:?}");
    assert!(share(seen.safe, 60), "{seen:?}");
    assert!(share(seen.refused, 2), "{seen:?}");
    assert!(!share(seen.empty, 30), "{seen:?}");
    assert!(seen.in_part * 10 <= seen.safe, "{seen:?}");
    assert!(
        seen.states > 10 * seen.safe && seen.shifts > seen.safe,
        "{seen:?}"
    );
    assert!(share(seen.broken_off, 5), "{seen:?}");
}

/// One account and its plans, up to the first that is wrongly called safe.
fn live_through(from: u64, seen: &mut Seen) -> Option<String> {
    let mut random = Random::new(from);
    let size = if from.is_multiple_of(LARGE_EVERY) {
        LARGE
    } else {
        SMALL
    };
    let mut file = File::any(&mut random, size);
    let mut world = Scenario::new(&file.text());
    for _ in 0..LIFE {
        for _ in 0..random.below(3) {
            world = others::act(world, &mut random);
        }
        let desired = world.desired();
        let live = world.observed(&desired);
        let plan = plan::plan(&desired, &live, run::day(), &Allowed::default()).unwrap_or_else(
            |refusals| {
                panic!("seed {from}: {refusals:?}\n{}", file.text());
            },
        );
        seen.plans += 1;
        seen.empty += usize::from(plan.is_empty());
        let is_safe = run::is_safe(&plan);
        if !is_safe {
            seen.refused += 1;
        } else if !plan.is_empty() {
            seen.safe += 1;
            if wrong(&desired, &live, &plan, seen).is_some() {
                return Some(smallest(world, file));
            }
        }
        // Some plans are broken off; one that is refused may be run all the same, with consent.
        let begun = if random.chance(20) && !plan.is_empty() {
            seen.broken_off += 1;
            run::beginning(&plan, &mut random)
        } else {
            plan
        };
        if is_safe || random.chance(70) {
            match run::run(&begun, world.account()) {
                Ok(after) => world = world.account_bent(|account| *account = after),
                Err(why) if is_safe => {
                    return Some(format!("{why}\n{}\n{}", file.text(), told(&world, &begun)));
                }
                Err(_) => {}
            }
        }
        file = file.changed(&mut random, size);
        let used = world.account().slots_used();
        file.quota = used + *random.one(&[0, 1, 1, 2, 3]);
        file.quota = file.quota.max(1);
        world = world.file(&file.text());
    }
    None
}

/// What is wrong in the smallest world that chance can be brought down to, where something still is.
fn smallest(world: Scenario, file: File) -> String {
    let (mut world, mut file) = (world, file);
    loop {
        let smaller = others::fewer(&world)
            .into_iter()
            .map(|world| (world, file.clone()))
            .chain(
                file.smaller()
                    .into_iter()
                    .map(|file| (world.clone().file(&file.text()), file)),
            );
        let mut smaller = smaller.filter(|(world, _)| again(world).is_some());
        let Some(next) = smaller.next() else { break };
        drop(smaller);
        (world, file) = next;
    }
    let (wrong, plan) = again(&world).expect("what was wrong");
    format!("{wrong}\n{}\n{}", file.text(), told(&world, &plan))
}

fn again(world: &Scenario) -> Option<(String, Plan)> {
    let desired = world.resolved().ok()?;
    let live = world.observed(&desired);
    let plan = plan::plan(&desired, &live, run::day(), &Allowed::default()).ok()?;
    let wrong = wrong(&desired, &live, &plan, &mut Seen::default())?;
    run::is_safe(&plan).then_some((wrong, plan))
}

/// What is wrong with a plan that is called safe.
fn wrong(desired: &Desired, live: &Live, plan: &Plan, seen: &mut Seen) -> Option<String> {
    if let Some(wrong) = ours::touched(desired, live, plan) {
        return Some(wrong);
    }
    let course = Course::of(desired, live, plan);
    let mut headline = Headline::new(&plan.safety.shifts);
    let mut is_whole = true;
    for (name, zone) in &course.zones {
        let hosts = zone.hosts.iter().map(Some).chain([None]);
        for host in hosts {
            let mut passage = Passage::new(&course, name, zone, host);
            let judged = passage.judge();
            is_whole &= judged.is_whole;
            seen.states += judged.states;
            if let Err(wrong) = heard(&mut headline, &course, name, host, &judged) {
                return Some(wrong);
            }
            if judged.wrong.is_some() {
                return judged.wrong;
            }
        }
    }
    seen.in_part += usize::from(!is_whole);
    seen.shifts += plan.safety.shifts.len();
    let unfounded = headline.unfounded();
    unfounded.map(|shift| format!("nobody shifts so: {shift:?}"))
}

fn heard(
    headline: &mut Headline<'_>,
    course: &Course,
    zone: &ZoneName,
    host: Option<&Hostname>,
    judged: &Judged,
) -> Result<(), String> {
    headline.check(&Ends {
        zone,
        host,
        clients: &course.callers.clients,
        now: &judged.now,
        end: &judged.end,
    })
}

/// The plan, and the rules and lists that it meets.
fn told(world: &Scenario, plan: &Plan) -> String {
    let mut text = mtlsctl::report::plan::text(plan, 100);
    text = anstream::adapter::strip_str(&text).to_string();
    for (name, zone) in &world.account().zones {
        let _ = writeln!(text, "{name}");
        for rule in world.rules(name.as_str()) {
            let _ = writeln!(
                text,
                "  {} {} ({}) {} {}",
                rule.reference, rule.action, rule.enabled, rule.parameters, rule.expression
            );
        }
        for (issuer, list) in zone
            .lists
            .iter()
            .flatten()
            .filter(|(_, list)| !list.0.is_empty())
        {
            let _ = writeln!(text, "  {issuer}: {:?}", list.0);
        }
    }
    for ca in &world.account().cas {
        let _ = writeln!(text, "{} {}", ca.id, ca.name);
    }
    text
}
