//! The end of a run at each of its calls, or a fault there: the next run does what is left, nothing is done twice,
//! others notice nothing, and on the way nobody gets a verdict that is neither the old one nor the new one.
//!
//! Which faults meet which calls goes round with a seed, `MTLSCTL_CRASHES`; with `all` there each meets each.

mod scenarios; // what a run may be in the middle of

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::env;

use mtlsctl::edge::State;
use mtlsctl::plan::effect;
use mtlsctl::sandbox::Account;
use serde_json::Value;
use serde_json::json;

use crate::execute::scenario::ONE_HOST;
use crate::execute::scenario::ZONES;
use crate::support::account::ModelAccount;
use crate::support::dashboard::Dashboard;
use crate::support::dashboard::text;
use crate::support::operator::Look;
use crate::support::operator::Operator;
use crate::support::script::Fault;
use crate::support::script::When;
use crate::support::verdicts::strange;

use scenarios::Start;

/// Where nothing else is said.
const SEED: usize = 20_270_104;

const KILLS: [Fault; 2] = [Fault::KilledBefore, Fault::KilledAfter];

const FAULTS: [Fault; 9] = [
    Fault::LostReply,
    Fault::LostRequest,
    Fault::Broken,
    Fault::BrokenAfter,
    Fault::Throttled(7),
    Fault::Unreachable,
    Fault::ResetBefore,
    Fault::ResetAfter,
    Fault::HalfBody,
];

/// The seed; `None` where each call meets each fault.
fn seed() -> Option<usize> {
    match env::var("MTLSCTL_CRASHES").ok().as_deref() {
        Some("all") => None,
        Some(seed) => Some(seed.parse().expect("MTLSCTL_CRASHES is a number or `all`")),
        None => Some(SEED),
    }
}

/// The faults that meet a call.
fn faults(call: usize) -> Vec<Fault> {
    let Some(seed) = seed() else {
        return KILLS.into_iter().chain(FAULTS).collect();
    };
    let at = seed.wrapping_add(call);
    vec![KILLS[at % KILLS.len()], FAULTS[at % FAULTS.len()]]
}

/// What is known of the states that an account passes through: each is looked at once.
struct Passed {
    model: ModelAccount,
    file: String,
    others: Value,
    looks: BTreeMap<String, (Look, State)>,
    /// The states between which the others have to be.
    ends: Option<[State; 2]>,
}

impl Passed {
    /// A look at a state. Nothing is there twice, and others are as they were.
    async fn look(&mut self, account: &Account) -> &(Look, State) {
        let model = self.model.as_it_was(account);
        let name = model.somebody(|desk| all_of(desk).to_string());
        if !self.looks.contains_key(&name) {
            let operator = Operator::of(&model);
            let look = operator.look(&self.file).await;
            let live = operator.everything().await;
            let state = effect::state_now(&look.desired, &live, look.at);
            model.somebody(|desk| {
                assert_eq!(of_others(desk), self.others);
                let all = desk.certificates();
                let distinct: BTreeSet<String> =
                    all.iter().map(|one| text(&one["serial_number"])).collect();
                assert_eq!(
                    distinct.len(),
                    all.len(),
                    "something is there twice: {all:?}"
                );
            });
            if let Some([first, last]) = &self.ends {
                let found = strange(&state, [first, last]);
                assert_eq!(found, None, "{name}");
            }
            self.looks.insert(name.clone(), (look, state));
        }
        &self.looks[&name]
    }
}

fn of_others(desk: &mut Dashboard<'_>) -> Value {
    let declared = BTreeSet::from(["api.example.com".to_owned()]);
    desk.of_others(ZONES, &declared, &[])
}

/// Everything that can make a difference; not when it came about.
fn all_of(desk: &mut Dashboard<'_>) -> Value {
    let certificates = desk.certificates();
    let ids: Vec<(String, String)> = certificates
        .iter()
        .map(|one| (text(&one["id"]), text(&one["name"])))
        .collect();
    let custom = certificates
        .iter()
        .filter(|one| one["type"] == "custom" && one["ca"] == true);
    let custom: Vec<String> = custom.map(|one| text(&one["id"])).collect();
    let mut zones = Vec::new();
    for zone in ZONES {
        let mut entry = desk.entry_point(zone);
        if let Some(rules) = entry["rules"].as_array_mut() {
            for rule in rules {
                rule["last_updated"] = Value::Null;
            }
            entry["last_updated"] = Value::Null;
        }
        let mut lists = vec![desk.hosts(zone, None)];
        for id in &custom {
            lists.push(desk.hosts(zone, Some(id)));
        }
        zones.push(json!({"entry": entry, "lists": lists}));
    }
    json!({"certificates": ids, "zones": zones})
}

/// Runs a plan to its end; `false` where a fault ends it before.
async fn run(operator: &Operator, look: &Look, case: &str) -> bool {
    let outcome = tokio::select! {
        outcome = operator.run(look) => outcome,
        () = operator.account.killed() => return false,
    };
    assert!(outcome.is_complete(), "{case}: {outcome:?}");
    true
}

/// No CA that is there is uploaded once more, not even in vain.
fn nothing_was_tried_twice(model: &ModelAccount, case: &str) {
    for call in model.calls() {
        assert_ne!(call.code, 1471, "{case}: uploaded again");
    }
}

/// Has something happen at each call of a run, one after the other.
async fn survives(name: &str, (operator, file): Start) {
    let start = operator.account.snapshot();
    let mut passed = Passed {
        model: operator.account.copy(),
        others: operator.account.somebody(of_others),
        file,
        looks: BTreeMap::new(),
        ends: None,
    };
    // Without any fault.
    let model = passed.model.copy();
    let (look, before) = passed.look(&start).await;
    let before = before.clone();
    assert!(run(&Operator::of(&model), look, name).await, "{name}");
    let (look, after) = passed.look(&model.snapshot()).await;
    assert!(look.plan.is_empty(), "{name}: {:#?}", look.plan);
    passed.ends = Some([before, after.clone()]);
    for account in model.history() {
        passed.look(&account).await;
    }

    let calls = model.calls().len();
    let mut cases = 0;
    for call in 1..=calls {
        for fault in faults(call) {
            let case = format!("{name}: {fault:?} at call {call}");
            let model = passed.model.copy();
            model.fault(When::Call(call), fault);
            let (look, _) = passed.look(&start).await;
            let is_done = run(&Operator::of(&model), look, &case).await;
            assert!(model.script_is_done(), "{case}");
            assert!(!(is_done && fault.kills()), "{case}");
            nothing_was_tried_twice(&model, &case);
            if !is_done {
                let left = model.snapshot();
                model.forget_calls();
                let (look, _) = passed.look(&left).await;
                let is_done = run(&Operator::of(&model), look, &case).await;
                assert!(is_done, "{case}");
            }
            for account in model.history() {
                passed.look(&account).await;
            }
            let (end, _) = passed.look(&model.snapshot()).await;
            assert!(end.plan.is_empty(), "{case}: {:#?}", end.plan);
            nothing_was_tried_twice(&model, &case);
            cases += 1;
        }
    }
    let states = passed.looks.len();
    println!(
        "{name}, seed {:?}: {cases} cases at {calls} calls, {states} states",
        seed()
    );
}

#[tokio::test(start_paused = true)]
async fn a_verdict_that_is_neither_the_old_nor_the_new_one_is_found() {
    let (operator, _) = scenarios::unless_changed().await;
    let state = async || {
        let look = operator.look(ONE_HOST).await;
        effect::state_now(&look.desired, &operator.everything().await, look.at)
    };
    let closed = state().await;
    operator
        .account
        .somebody(|desk| desk.delete_rule("example.com", "team/require/1"));
    let open = state().await;
    assert_eq!(strange(&open, [&closed, &open]), None);
    assert_eq!(strange(&closed, [&closed, &open]), None);
    let found = strange(&open, [&closed, &closed]).expect("it stands open");
    assert!(
        found.starts_with("api.example.com: pass for clients without"),
        "{found}"
    );
    let found = strange(&closed, [&open, &open]).expect("it is closed");
    assert!(
        found.starts_with("api.example.com: block for clients without"),
        "{found}"
    );
}

macro_rules! each {
    ($($name:ident)*) => {
        $(
            #[tokio::test(start_paused = true)]
            async fn $name() {
                survives(stringify!($name), scenarios::$name().await).await;
            }
        )*
    };
}

each! {
    first_onboarding
    two_zones
    second_ca
    rotation
    rotation_with_overlap
    retirement
    host_between_groups
    host_between_rules
    left_over_bridge
    left_over_bridge_and_back
    rule_renamed
    rule_removed
    unless_changed
    action_changed
    full_quota
    managed_ca
    past_a_skip
    every_kind_of_write
}
