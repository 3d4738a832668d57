//! Runs an approved plan, wave by wave, and accounts for every step.
//!
//! Zones run side by side, with one writer per zone. Before a rule is written the version of its ruleset
//! is checked, before a host list is replaced it is read again: if what the plan rests on moved, the run
//! stops; unless between two waves somebody changed rules of their own, and the remaining steps are safe with
//! that. After each wave everything it wrote is read back, since reads lag writes; and where the order
//! of two waves matters at the edge, which no read can show, the run waits `settle` in between. A [`Gate`] may look
//! at the edge itself before the next wave begins.
//!
//! Tells what happens through events and never prints.

pub mod event;
pub mod failure;
pub mod gate;
pub mod outcome;
pub mod patience;
pub mod stop;

mod lane;
mod look;
mod meanwhile;
mod wait;
mod write;
mod zone_state;

use std::collections::BTreeMap;

use futures::StreamExt as _;

use crate::cloudflare::Reader;
use crate::cloudflare::Writer;
use crate::live::Live;
use crate::live::LiveCa;
use crate::plan::Approved;
use crate::plan::Plan;
use crate::plan::Step;
use crate::plan::Wave;
use crate::resource::AccountId;
use crate::resource::CaId;
use crate::resource::Name;
use crate::resource::ZoneName;

pub use event::Event;
pub use failure::Failure;
pub use gate::Gate;
pub use outcome::Meanwhile;
pub use outcome::Outcome;
pub use outcome::StepOutcome;
pub use outcome::Stopped;
pub use patience::Patience;
pub use stop::Stop;
pub use stop::Stopper;

use lane::Lane;
use zone_state::ZoneState;

/// How a run behaves.
#[derive(Debug, Clone)]
pub struct Options {
    /// How long the edge may lag behind what reads show.
    pub settle: std::time::Duration,
    /// How many zones are worked on at a time.
    pub parallel: usize,
    /// How long reads may lag behind a write.
    pub read_back: Patience,
    /// How long a CA may still count as in use after its last host list let go of it.
    pub in_use: Patience,
}

/// What every lane of a run shares.
struct Run<'a> {
    /// The account as it was observed.
    live: &'a Live,
    account: &'a AccountId,
    approved: &'a Approved,
    plan: &'a Plan,
    /// The certificate store as it was observed.
    cas: &'a [LiveCa],
    reader: &'a Reader,
    writer: &'a Writer,
    options: &'a Options,
    stop: &'a Stop,
    tell: &'a (dyn Fn(Event<'_>) + Sync),
}

/// Runs the plan that was approved for `live`, until it is done, fails or is stopped.
///
/// A stop, by signal or failure, lets every call in flight come to its end and begins none; what was not
/// written by then is not tried. A gate that is closed after a wave stops it likewise; after the last wave it is not
/// asked.
pub async fn execute(
    approved: &Approved,
    live: &Live,
    (reader, writer): (&Reader, &Writer),
    options: &Options,
    stop: &Stop,
    tell: &(dyn Fn(Event<'_>) + Sync),
    gate: Option<&dyn Gate>,
) -> Outcome {
    let run = Run {
        live,
        account: &live.account,
        approved,
        plan: approved.plan(),
        cas: &live.cas,
        reader,
        writer,
        options,
        stop,
        tell,
    };
    let mut account = Account {
        zones: live
            .zones
            .iter()
            .map(|(name, zone)| (name.clone(), ZoneState::observed(zone)))
            .collect(),
        uploaded: BTreeMap::new(),
        is_as_planned: true,
    };
    let mut outcome = Outcome::of(approved.plan());
    let mut first = 0;
    for (done, wave) in approved.plan().waves.iter().enumerate() {
        let before = done.checked_sub(1);
        let gate = before.and_then(|before| Some((gate?, before)));
        let gate = gate.filter(|(gate, before)| gate.looks_after(*before));
        // Which waits can be left out was found with the rules of the plan.
        if wave.settles_first || !account.is_as_planned || gate.is_some() {
            run.settle(wave, stop).await;
        }
        if let Err(stopped) = pass(gate, stop).await {
            outcome.stopped = Some(stopped);
            return outcome;
        }
        tell(Event::WaveStarted { wave });
        let turn = Turn {
            wave,
            done,
            first,
            has_written: outcome.wrote,
        };
        let ended = run_wave(&run, turn, &mut account, &mut outcome).await;
        first += wave.steps.len();
        if let Err(stopped) = ended {
            outcome.stopped = Some(stopped);
            return outcome;
        }
        tell(Event::WaveDone { wave });
    }
    outcome
}

/// Goes through a gate, if there is one after that wave, unless somebody asks to stop.
async fn pass(gate: Option<(&dyn Gate, usize)>, stop: &Stop) -> Result<(), Stopped> {
    if stop.is_stopped() {
        return Err(Stopped::Interrupted);
    }
    let Some((gate, wave)) = gate else {
        return Ok(());
    };
    tokio::select! {
        is_open = gate.is_open(wave) => if is_open { Ok(()) } else { Err(Stopped::Closed) },
        () = stop.sleep(std::time::Duration::MAX) => Err(Stopped::Interrupted),
    }
}

/// What the run knows of the account: as observed, and as its own writes have left it.
struct Account {
    zones: BTreeMap<ZoneName, ZoneState>,
    uploaded: BTreeMap<Name, CaId>,
    /// Whether nobody else changed rules that the plan was judged with.
    is_as_planned: bool,
}

/// A wave and when it comes.
#[derive(Debug, Clone, Copy)]
struct Turn<'a> {
    wave: &'a Wave,
    /// How many waves have been done.
    done: usize,
    /// The place of its first step in the plan.
    first: usize,
    /// Whether the waves before it wrote anything, or may have.
    has_written: bool,
}

impl Run<'_> {
    /// Lets the edge catch up with what reads show.
    async fn settle(&self, wave: &Wave, halt: &Stop) {
        let wait = self.options.settle;
        if !wait.is_zero() && !halt.is_stopped() {
            (self.tell)(Event::Settling { wave, wait });
            halt.sleep(wait).await;
        }
    }
}

/// Runs the lanes of a wave side by side; a failure in one stops the others after their current call.
async fn run_wave(
    run: &Run<'_>,
    turn: Turn<'_>,
    account: &mut Account,
    outcome: &mut Outcome,
) -> Result<(), Stopped> {
    let halt = run.stop.child();
    let lanes = lanes(turn, account);
    let uploaded = &account.uploaded;
    let halt = &halt;
    let mut running = futures::stream::iter(lanes)
        .map(|lane| async move {
            let lane = lane.run(run, uploaded, halt).await;
            if lane.failed() {
                halt.stop();
            }
            lane
        })
        .buffer_unordered(run.options.parallel.max(1));
    let mut done = Vec::new();
    while let Some(lane) = running.next().await {
        done.push(lane);
    }
    drop(running);
    let failed = done.iter().any(Lane::failed);
    let cut_short = done.iter().any(|lane| lane.cut_short);
    for lane in done {
        outcome.wrote |= lane.wrote;
        account.is_as_planned &= lane.meanwhile.is_none();
        outcome.meanwhile.extend(lane.meanwhile);
        if let Some((name, state)) = lane.zone {
            account.zones.insert(name, state);
        }
        account.uploaded.extend(lane.uploaded);
        for (index, result) in lane.results {
            outcome.steps[index] = result;
        }
    }
    match (failed, cut_short) {
        (true, _) => Err(Stopped::Failed),
        (false, true) => Err(Stopped::Interrupted),
        (false, false) => Ok(()),
    }
}

/// One lane per zone, in the order of the plan; what belongs to the account runs side by side.
fn lanes<'a>(turn: Turn<'a>, account: &mut Account) -> Vec<Lane<'a>> {
    let mut lanes: Vec<Lane<'a>> = Vec::new();
    let mut by_zone: BTreeMap<&ZoneName, usize> = BTreeMap::new();
    for (index, step) in (turn.first..).zip(&turn.wave.steps) {
        match step.change.zone() {
            None => lanes.push(Lane::of_account(turn, index, step)),
            Some(zone) => {
                let at = *by_zone.entry(zone).or_insert_with(|| {
                    let state = account.zones.remove(zone);
                    lanes.push(Lane::of_zone(turn, zone.clone(), state));
                    lanes.len() - 1
                });
                lanes[at].push(index, step);
            }
        }
    }
    lanes
}

/// A step and its place in the plan.
type Numbered<'a> = (usize, &'a Step);
