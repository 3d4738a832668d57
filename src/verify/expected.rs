//! What should become of a request, by the model of the edge.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt;

use crate::edge::Client;
use crate::edge::Model;
use crate::edge::Reading;
use crate::edge::State;
use crate::edge::Verdict;
use crate::edge::presented;
use crate::resource::Hostname;
use crate::resource::ZoneName;

/// What should become of a request; several verdicts where it depends on what a client cannot choose, or on
/// what nobody outside Cloudflare knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected(BTreeSet<Verdict>);

impl Expected {
    /// This and nothing else.
    pub(super) fn only(verdict: Verdict) -> Self {
        Self(BTreeSet::from([verdict]))
    }

    /// What becomes of a request of which these fields are known, under both readings of `cert_verified`.
    ///
    /// # Errors
    /// Why that cannot be told.
    pub(super) fn of(
        state: &State,
        zone: &ZoneName,
        host: &Hostname,
        client: &Client,
        fields: &BTreeMap<String, String>,
    ) -> Result<Self, String> {
        let Some(here) = state.zones.get(zone) else {
            return Err(format!("nothing is known of the zone {zone}"));
        };
        let authorities = here.hosts.get(host).cloned().unwrap_or_default();
        let asks = state.asks(&authorities);
        let mut verdicts = BTreeSet::new();
        for reading in Reading::BOTH {
            let request = presented(zone, host.as_str(), client, &asks, reading)
                .with_given(fields, &here.rules)
                .map_err(|error| error.to_string())?;
            let mut model = Model::over(&here.rules, &request.also, &request.known);
            let course = model.course(&here.rules, &request);
            let course = course.map_err(|bound| bound.to_string())?;
            for verdict in Verdict::ALL {
                let example = model.witness(course.with(verdict));
                if example.map_err(|bound| bound.to_string())?.is_some() {
                    verdicts.insert(verdict);
                }
            }
        }
        if verdicts.is_empty() {
            return Err("the rules leave room for no such request".to_owned());
        }
        Ok(Self(verdicts))
    }

    /// Whether a verdict is as it should be.
    #[must_use]
    pub fn allows(&self, verdict: Verdict) -> bool {
        self.0.contains(&verdict)
    }

    /// Whether it should be that, and nothing else.
    #[must_use]
    pub fn is(&self, verdict: Verdict) -> bool {
        self.allows(verdict) && self.0.len() == 1
    }

    /// The verdicts, in their own order.
    pub fn verdicts(&self) -> impl Iterator<Item = Verdict> + '_ {
        self.0.iter().copied()
    }
}

impl fmt::Display for Expected {
    /// As in `pass or block`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<&str> = self.0.iter().map(|verdict| verdict.word()).collect();
        f.write_str(&words.join(" or "))
    }
}
