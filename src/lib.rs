//! mtlsctl: bring-your-own-CA mTLS on Cloudflare API Shield, as desired state.
//!
//! # Bird's-eye view
//!
//! A file says which CAs there are, which hosts ask for their certificates and which rules turn everybody
//! else away. The account holds the same kinds of things. The difference is a plan: steps in waves, whose
//! order protects both the clients and the hosts. Data moves one way:
//!
//! ```text
//!  mtls.yaml ──▶ config ──▶ desired ──┐
//!                                     ├──▶ plan ──▶ execute ──▶ report
//!  account ──▶ cloudflare ──▶ live ───┘    │           │
//!       ▲                       │         edge         │
//!       │                       └──▶ audit ┘           │
//!       └──────────────── cloudflare ◀─────────────────┘
//! ```
//!
//! # The modules
//!
//! - [`resource`]: the vocabulary, as checked values; knows no file, no wire format and no plan.
//! - [`expression`]: Cloudflare's rules language: syntax tree, parser, printer, and what an expression says of
//!   requests of which not everything is known.
//! - [`config`]: the file as written, and what is wrong with it, all at once and with its lines.
//! - [`desired`]: what the file means on a day and in an account's zones.
//! - [`import`]: a file made from a live account, so that planning it changes nothing.
//! - [`live`]: what the account held at one moment, and whose is what.
//! - [`edge`]: the model of the edge: who gets in where, and which rule decides.
//! - [`audit`]: what is wrong with the mTLS of a live account.
//! - [`drift`]: what differs between file and account, graded by verdicts.
//! - [`plan`]: the product: one pure function from desired and live to steps in waves.
//! - [`cloudflare`]: the API client; looking and writing are two types.
//! - [`observe`]: looks at an account for a file: `cloudflare` asked for what `plan` needs.
//! - [`execute`]: runs an approved plan and accounts for every step.
//! - [`doctor`]: what a token, an account and a file are fit for.
//! - [`handshake`]: TLS connections to hosts, as their clients make them.
//! - [`verify`]: what hosts do over real connections, held against what they should do.
//! - [`report`]: all of that as text, for programs and for pull requests.
//! - [`sandbox`]: an offline account that answers as Cloudflare does.
//! - [`cli`]: one file per command; the only place that reads the environment or prints.
//!
//! # Invariants
//!
//! - Planning cannot write: it is handed values, and observing is handed a [`cloudflare::Reader`].
//! - Executing takes only what [`plan::approve()`] let through, and chooses nothing: ids are known, or come
//!   from a named earlier step.
//! - No clock, network, environment or randomness below `plan`, `desired`, `config`'s checks, `edge`, `audit`,
//!   `doctor`, `report` and the sandbox's state machine.
//! - There is no `Option` where an absent certificate id would mean the managed CA: [`resource::Issuer`].
//! - There is no call that replaces a zone's list of rules.
//! - There is no state file. What is ours says so in the account: [`resource::mark`], and
//!   what it was when it was written: [`resource::seal`].
//! - The sandbox and the client share no wire type, so that a misreading of the API in one shows.
//! - Tokens live in one type that does not print; private keys are refused before anything else is read.

pub mod audit;
pub mod cli;
pub mod cloudflare;
pub mod config;
pub mod desired;
pub mod doctor;
pub mod drift;
pub mod edge;
pub mod execute;
pub mod expression;
pub mod handshake;
pub mod import;
pub mod live;
pub mod observe;
pub mod plan;
pub mod report;
pub mod resource;
pub mod sandbox;
pub mod verify;
