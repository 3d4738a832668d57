//! Audits: each finding with a scenario that shows it, and one close by that does not. The findings stand
//! beside the tests as text; `SNAPSHOTS=overwrite` writes them anew.

mod account; // an account to be audited
mod admission; // whose certificates get in
mod beside; // what lets requests past all custom rules
mod cas; // CAs and the slots they take
mod composed; // an audit with one of everything in it
mod expected; // access tests of a file
mod hosts; // who gets in, and who does not
mod report; // an audit as text, as JSON and as SARIF
mod rules; // single rules and the room for more
mod uploaded; // CAs, on the sandbox
mod world; // an account on the sandbox, furnished by hand
