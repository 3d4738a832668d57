//! The planner: declare, agree, bend one thing, read the plan. The plans stand beside the tests as text;
//! `SNAPSHOTS=overwrite` writes them anew.

mod access; // access tests on the way and in the end
mod account; // what else is in the account
mod adoption; // rules that the file takes over
mod cas; // which CAs are uploaded, used, kept and deleted
pub(crate) mod generated; // worlds as chance makes them
mod guards; // what no plan does unasked
mod hosts; // hosts that come, go and move
mod limits; // long rules, full quotas
mod named; // changes that have a name
mod onward; // what somebody changes under a run
mod overlap; // CAs that stay beside their successors for a while
mod ownership; // marks, owners and zones
mod properties; // what holds in every world
mod reading; // what is read of an account
mod rules; // rules that come, go and change
mod safe; // every state on the way
pub(crate) mod saved; // plans that were written down
mod seal; // what rules say of what they were
pub(crate) mod worlds; // the files they begin with
