//! A lane: the steps of one wave that one writer does after each other, and their read-back.

use std::collections::BTreeMap;

use crate::execute::Event;
use crate::execute::Failure;
use crate::execute::Meanwhile;
use crate::execute::Numbered;
use crate::execute::Run;
use crate::execute::StepOutcome;
use crate::execute::Stop;
use crate::execute::Turn;
use crate::execute::wait::Waited;
use crate::execute::zone_state::ZoneState;
use crate::plan::Change;
use crate::plan::Step;
use crate::resource::CaId;
use crate::resource::Name;
use crate::resource::ZoneName;

/// One writer's share of a wave.
pub(super) struct Lane<'a> {
    /// The wave.
    pub(super) turn: Turn<'a>,
    steps: Vec<Numbered<'a>>,
    /// The zone, if this is a zone's lane, and what is known of it.
    pub(super) zone: Option<(ZoneName, ZoneState)>,
    /// The CAs that this lane uploaded.
    pub(super) uploaded: BTreeMap<Name, CaId>,
    /// What became of the steps that were tried.
    pub(super) results: Vec<(usize, StepOutcome)>,
    /// Whether anything was written, or may have been.
    pub(super) wrote: bool,
    /// Whether a step or a read-back was left out, or given up, because somebody asked to stop.
    pub(super) cut_short: bool,
    /// What somebody else did before this lane, and did not stop it.
    pub(super) meanwhile: Option<Meanwhile>,
    /// Cloudflare's name for the request that decided the last step.
    request: Option<String>,
}

impl<'a> Lane<'a> {
    pub(super) fn of_account(turn: Turn<'a>, index: usize, step: &'a Step) -> Self {
        let mut lane = Self::empty(turn, None);
        lane.push(index, step);
        lane
    }

    pub(super) fn of_zone(turn: Turn<'a>, name: ZoneName, state: Option<ZoneState>) -> Self {
        Self::empty(turn, state.map(|state| (name, state)))
    }

    fn empty(turn: Turn<'a>, zone: Option<(ZoneName, ZoneState)>) -> Self {
        let (steps, results) = (Vec::new(), Vec::new());
        Self {
            turn,
            steps,
            zone,
            uploaded: BTreeMap::new(),
            results,
            wrote: false,
            cut_short: false,
            meanwhile: None,
            request: None,
        }
    }

    pub(super) fn push(&mut self, index: usize, step: &'a Step) {
        self.steps.push((index, step));
    }

    /// Whether a step failed by itself, and not because somebody asked to stop.
    pub(super) fn failed(&self) -> bool {
        let is_failure =
            |(_, result): &(usize, StepOutcome)| matches!(result, StepOutcome::Failed(_));
        !self.cut_short && self.results.iter().any(is_failure)
    }

    /// Does the steps in order, then reads back what they wrote. Ends at the first failure, and before
    /// the next call once `halt` asks.
    pub(super) async fn run(
        mut self,
        run: &Run<'_>,
        uploaded: &BTreeMap<Name, CaId>,
        halt: &Stop,
    ) -> Self {
        for (index, step) in self.steps.clone() {
            if halt.is_stopped() {
                self.cut_short = true;
                return self;
            }
            (run.tell)(Event::StepStarted { step });
            let outcome = self.attempt(run, step, uploaded, halt).await;
            (run.tell)(Event::StepEnded {
                step,
                outcome: &outcome,
                request: self.request.as_deref(),
            });
            let is_applied = matches!(outcome, StepOutcome::Applied);
            self.results.push((index, outcome));
            if !is_applied {
                return self;
            }
        }
        self.read_back(run, uploaded, halt).await;
        self
    }

    /// Does one step: looks whether what it rests on is still there, then writes.
    async fn attempt(
        &mut self,
        run: &Run<'_>,
        step: &Step,
        uploaded: &BTreeMap<Name, CaId>,
        halt: &Stop,
    ) -> StepOutcome {
        self.request = None;
        let found = match self.check(run, step, uploaded, halt).await {
            Ok(found) => found.unwrap_or_default(),
            Err(failure) => {
                self.request = failure.request().map(str::to_owned);
                return StepOutcome::Failed(failure);
            }
        };
        if halt.is_stopped() {
            self.cut_short = true;
            return StepOutcome::NotTried;
        }
        // Its own, so that what it hears is the answer to this step.
        let writer = run.writer.apart();
        let own = Run {
            writer: &writer,
            ..*run
        };
        let written = self.write(&own, step, (uploaded, &found), halt).await;
        self.request = writer.request();
        match written {
            Ok(changed) => {
                self.wrote |= changed;
                StepOutcome::Applied
            }
            Err(failure) => {
                self.wrote |= !failure.wrote_nothing();
                StepOutcome::Failed(failure)
            }
        }
    }

    /// Waits until reads show everything that the lane wrote. The rules of a zone are read once for all
    /// of its steps; what was written together is waited for together, so the first that does not show
    /// in time ends it.
    async fn read_back(&mut self, run: &Run<'_>, uploaded: &BTreeMap<Name, CaId>, halt: &Stop) {
        let steps = self.steps.clone();
        let is_rule = |(_, step): &Numbered<'_>| matches!(step.change, Change::Rule { .. });
        let last_rule = steps.iter().rposition(is_rule);
        for (nth, numbered) in steps.iter().enumerate() {
            if is_rule(numbered) && last_rule != Some(nth) {
                continue;
            }
            if halt.is_stopped() {
                self.cut_short = true;
                return;
            }
            let failure = match self.confirm(run, numbered.1, uploaded, halt).await {
                Ok(Waited::Met) => continue,
                Ok(Waited::Stopped(_)) => {
                    self.cut_short = true;
                    return;
                }
                Ok(Waited::TimedOut(waited)) => Failure::NotConfirmed { waited },
                Err(failure) => failure,
            };
            self.results[nth].1 = StepOutcome::Failed(failure);
            return;
        }
    }
}
