//! One test binary; a line for each subject.

mod audit; // what is wrong with an account, and how that is told
mod cli; // the binary: its streams, its exit codes, its words
mod cloudflare; // the API client, by what it sends and what it makes of answers
mod config; // the file: every problem by its words, values, hostile input
mod desired; // what a file means in an account
mod doctor; // what a token, an account and a file are fit for
mod drift; // what differs from the file, how bad that is, whose side changed
mod edge; // the model of the edge: who gets in, and which rule decides
mod execute; // running a plan: order, races, lag, lost answers, stops; and that it converges
mod expression; // the rules language
mod graph; // the picture of an account
mod import; // a file made from an account
mod layers; // the import table, purity and the size of files
mod oracle; // a second judge of plans, and the ways there are where a plan is refused
mod plan; // the planner, by the plans it makes
mod report; // plans and runs for programs and for pull requests
mod sandbox; // the offline account, by its answers
mod support; // what several subjects share
mod under_load; // real requests while an account changes
mod verify; // real connections to real servers, right and wrong
