//! Whether hosts may be taken from one moment to another.

use crate::edge::Client;
use crate::edge::Reading;
use crate::expression::Bound;
use crate::plan::safety::ground::Ground;
use crate::plan::safety::kin::Kin;
use crate::plan::safety::kin::Oracle;
use crate::plan::safety::moment::Moment;
use crate::plan::safety::passage::Depth;
use crate::plan::safety::passage::Ends;
use crate::plan::safety::passage::Passage;
use crate::plan::safety::trial::Trial;

/// Judges moments of some hosts, under both readings.
pub(in crate::plan) struct Judge<'a> {
    clients: &'a [Client],
    oracle: Oracle,
    ends: Vec<(Reading, Ends)>,
}

impl<'a> Judge<'a> {
    pub(in crate::plan) fn of(
        kin: &Kin<'_>,
        ground: &Ground<'_>,
        clients: &'a [Client],
        trials: Vec<Trial>,
    ) -> Self {
        Self {
            clients,
            oracle: kin.oracle(ground, clients, trials),
            ends: Vec::new(),
        }
    }

    /// Tells where all begins and ends.
    pub(in crate::plan) fn set_ends(
        &mut self,
        (kin, ground): (&Kin<'_>, &Ground<'_>),
        now: &Moment,
        last: &Moment,
    ) -> Result<(), Bound> {
        self.ends.clear();
        for reading in Reading::BOTH {
            let mut passage = self.passage((kin, ground), reading);
            let (now, end) = (passage.at(now)?, passage.at(last)?);
            self.ends.push((reading, Ends { now, end }));
        }
        Ok(())
    }

    /// Whether nothing is wrong at a moment, coming from another.
    pub(in crate::plan) fn allows(
        &mut self,
        (kin, ground): (&Kin<'_>, &Ground<'_>),
        from: Option<&Moment>,
        to: &Moment,
    ) -> Result<bool, Bound> {
        let ends = std::mem::take(&mut self.ends);
        let mut wrong = None;
        for (reading, ends) in &ends {
            let mut passage = self.passage((kin, ground), *reading);
            let here = passage.stand(to)?;
            let earlier = from.map(|from| passage.stand(from)).transpose()?;
            let earlier: Vec<_> = earlier.iter().collect();
            wrong = passage.wrong(&here, &earlier, ends)?;
            if wrong.is_some() {
                break;
            }
        }
        self.ends = ends;
        Ok(wrong.is_none())
    }

    fn passage<'b, 'p>(
        &'b mut self,
        (kin, ground): (&'b Kin<'p>, &'b Ground<'p>),
        reading: Reading,
    ) -> Passage<'b, 'p> {
        Passage {
            kin,
            ground,
            clients: self.clients,
            reading,
            oracle: &mut self.oracle,
            depth: Depth::Any,
        }
    }
}
