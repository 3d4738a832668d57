//! Hosts that a plan opens to clients without a certificate.

use crate::edge::Client;
use crate::edge::Model;
use crate::edge::Verdict;
use crate::expression::Bound;
use crate::expression::GuardSet;
use crate::plan::safety::passage::Ends;
use crate::plan::safety::passage::pick;

/// Whether clients without a certificate get in afterwards wherever they are stopped now, or wherever a certificate
/// is what it takes to get in now.
///
/// The second, since others may have rules there that stop callers with and without a certificate alike, by
/// network or country: those stay stopped, and the host is open all the same.
pub(super) fn is_opened(
    clients: &[Client],
    Ends { now, end }: &Ends,
    model: &mut Model,
) -> Result<bool, Bound> {
    let [mut stopped, mut let_in, mut with_certificate] = [GuardSet::NONE; 3];
    for (client, (now, end)) in clients.iter().zip(now.iter().zip(end.iter())) {
        if client.has_certificate() {
            with_certificate = model.either(with_certificate, pick(*now, Verdict::Pass))?;
        } else {
            stopped = model.either(pick(*now, Verdict::Challenge), pick(*now, Verdict::Block))?;
            let_in = pick(*end, Verdict::Pass);
        }
    }
    let only_with = model.both(stopped, with_certificate)?;
    for closed in [stopped, only_with] {
        let left = model.without(closed, let_in)?;
        if model.witness(closed)?.is_some() && model.witness(left)?.is_none() {
            return Ok(true);
        }
    }
    Ok(false)
}
