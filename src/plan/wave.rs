//! The order of steps. Knows phases and kinds of change; never looks at the account.

use std::fmt;

use crate::plan::Step;

/// Steps that may take effect in any order; the next wave begins when all of them have been read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wave {
    /// What kind of step it holds.
    pub phase: Phase,
    /// The steps; those of one zone are run in this order.
    pub steps: Vec<Step>,
    /// Whether the edge must have caught up with the waves before it, which no read can show: the
    /// executor waits `settle` first.
    pub settles_first: bool,
}

/// The normal order: nobody is locked out and nothing stands open between two of them.
///
/// Clients of a new CA are accepted before a rule asks for them; a rule stops asking before the CA goes
/// (API reference, section 0, line 10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Bring CAs into the account.
    Upload,
    /// Make the edge ask for their certificates.
    Associate,
    /// Create rules, and change those that lose neither hosts nor accepted issuers.
    Widen,
    /// Change rules that lose hosts or accepted issuers, and delete rules.
    Narrow,
    /// Stop asking for certificates of CAs that go.
    Dissociate,
    /// Delete CAs.
    Delete,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Upload => "upload",
            Self::Associate => "associate",
            Self::Widen => "create or widen rules",
            Self::Narrow => "narrow rules",
            Self::Dissociate => "dissociate",
            Self::Delete => "delete",
        })
    }
}

/// When a step is taken: first the zones' steps of a stretch by number, then what happens to CAs at its end.
/// Steps of one moment and phase are one wave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct When {
    stretch: u16,
    number: u16,
}

impl When {
    /// A moment of a zone's steps.
    #[must_use]
    pub fn in_stretch(stretch: u16, number: u16) -> Self {
        Self { stretch, number }
    }

    /// The end of a stretch, when CAs come or go.
    #[must_use]
    pub fn at_end_of(stretch: u16) -> Self {
        Self {
            stretch,
            number: u16::MAX,
        }
    }
}

impl Phase {
    /// When steps of this phase are taken unless something speaks against it: CAs come, all zones change, CAs go.
    #[must_use]
    pub fn when(self) -> When {
        match self {
            Self::Upload => When::at_end_of(0),
            Self::Associate => When::in_stretch(1, 1),
            Self::Widen => When::in_stretch(1, 2),
            Self::Narrow => When::in_stretch(1, 3),
            Self::Dissociate => When::in_stretch(1, 4),
            Self::Delete => When::at_end_of(1),
        }
    }
}

/// Sorts steps into waves, by when they are taken and then by their phases.
#[must_use]
pub fn arrange(steps: Vec<(When, Phase, Step)>) -> Vec<Wave> {
    let mut sorted = steps;
    sorted.sort_by_key(|(when, phase, _)| (*when, *phase));
    let mut waves: Vec<(When, Wave)> = Vec::new();
    for (when, phase, step) in sorted {
        match waves.last_mut() {
            Some((then, wave)) if *then == when && wave.phase == phase => wave.steps.push(step),
            _ => {
                let wave = Wave {
                    phase,
                    steps: vec![step],
                    settles_first: false,
                };
                waves.push((when, wave));
            }
        }
    }
    waves.into_iter().map(|(_, wave)| wave).collect()
}

/// Several waves as one: what passes through all of their states at once.
#[must_use]
pub fn merged(waves: &[Wave]) -> Option<Wave> {
    let first = waves.first()?;
    Some(Wave {
        steps: waves.iter().flat_map(|wave| wave.steps.clone()).collect(),
        ..first.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::Phase;
    use super::arrange;
    use crate::live::HostList;
    use crate::plan::Address;
    use crate::plan::CaRef;
    use crate::plan::Change;
    use crate::plan::Reason;
    use crate::plan::Step;
    use crate::resource::CaId;
    use crate::resource::ZoneName;

    fn list(zone: &str) -> Step {
        let zone = ZoneName::parse(zone).unwrap();
        step(Change::ReplaceHosts {
            zone,
            ca: CaRef::CloudflareManaged,
            before: HostList::default(),
            after: HostList::default(),
        })
    }

    fn deletion() -> Step {
        let id = CaId::parse("00000000-0000-4000-8000-000000000000").unwrap();
        step(Change::DeleteCa {
            id,
            name: String::new(),
        })
    }

    fn step(change: Change) -> Step {
        let label = "a".to_owned();
        Step {
            address: Address::Ca { label },
            change,
            reason: Reason::Missing,
        }
    }

    /// The phases of the waves.
    fn order(steps: Vec<(Phase, Step)>) -> Vec<String> {
        let timed = steps
            .into_iter()
            .map(|(phase, step)| (phase.when(), phase, step));
        let waves = arrange(timed.collect());
        let said = waves
            .iter()
            .map(|wave| format!("{} {}", wave.steps.len(), wave.phase));
        said.collect()
    }

    #[test]
    fn steps_of_one_phase_are_one_wave_and_waves_stand_in_the_order_of_phases() {
        let (a, b) = ("a.example", "b.example");
        let steps = vec![
            (Phase::Delete, deletion()),
            (Phase::Narrow, list(b)),
            (Phase::Associate, list(a)),
            (Phase::Narrow, list(a)),
        ];
        assert_eq!(order(steps), ["1 associate", "2 narrow rules", "1 delete"]);
        assert!(order(Vec::new()).is_empty());
    }
}
