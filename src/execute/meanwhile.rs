//! Going on after somebody changed rules of their own between two waves.

use crate::execute::Event;
use crate::execute::Failure;
use crate::execute::Meanwhile;
use crate::execute::Run;
use crate::execute::Stop;
use crate::execute::lane::Lane;
use crate::execute::look::rules_show;
use crate::execute::wait::Waited;
use crate::execute::zone_state::Seen;
use crate::plan::Hindrance;
use crate::plan::Step;
use crate::plan::goes_on;

impl Lane<'_> {
    /// Whether the rules may be others than the run left them: before the first step of a zone in a wave, once
    /// the run has written. Before that, a new plan costs nothing.
    pub(super) fn may_go_on(&self) -> bool {
        self.turn.has_written && self.results.is_empty()
    }

    /// Takes the rules that are there for those that the run knows, if the remaining steps are safe with them. The
    /// edge, too, has to have them before anything is written; should they move once more by then, it is over.
    pub(super) async fn go_on(
        &mut self,
        run: &Run<'_>,
        step: &Step,
        moved: Failure,
        halt: &Stop,
    ) -> Result<Waited, Failure> {
        let (turn, zone) = (self.turn, self.zone(step)?);
        let read = run.reader.rules(&zone.id).await?;
        let (name, what) = match zone.judge_rules(&read) {
            Seen::Moved(Failure::RulesMoved { zone, what }) => (zone, what),
            // It is gone again, and whether it comes back nobody knows.
            Seen::Moved(_) | Seen::Expected | Seen::Lagging => return Err(moved),
        };
        let judged = goes_on(
            (run.approved, run.live),
            turn.done,
            &name,
            (zone.rules(), &read),
        );
        match judged {
            Ok(()) => {}
            Err(Hindrance::CountedOn) => return Err(moved),
            Err(why) => {
                return Err(Failure::NoLongerSafe {
                    zone: name,
                    what,
                    why,
                });
            }
        }
        zone.knows_rules(read);
        let meanwhile = self.meanwhile.insert(Meanwhile { zone: name, what });
        (run.tell)(Event::Meanwhile { meanwhile });
        run.settle(turn.wave, halt).await;
        rules_show(run, self.zone(step)?, step, halt).await
    }
}
