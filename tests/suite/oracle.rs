//! A second judge of plans, which shares no code with the planner's own: it walks through every state that a
//! plan can pass through, one request at a time, by the engine that Cloudflare publishes.

mod account; // what there is, and what steps make of it
mod clients; // who asks for something
mod demand; // what a rule of ours demands, and what it may be meanwhile
mod file; // files as chance makes them
mod headline; // who ends up elsewhere, against what a plan says of it
mod host; // what one host makes of a state
mod judge; // which states are wrong
mod language; // expressions on concrete requests
mod others; // what other people do in the account
mod ours; // what a plan may touch
mod random; // chance with a seed
mod refused; // plans that are refused
mod run; // on which day, as far as to which step
mod safe; // plans that are called safe
mod search; // ways from one account to another
