//! The API client: what the account is asked, and what it is told.
//!
//! Owns requests as values ([`Call`]), the one door to the network ([`Transport`]), the one place that
//! decides success, retries, pacing, and two capabilities over them: a [`Reader`] and a [`Writer`].
//! Decides nothing about what *should* be in the account, and never prints.

pub mod answer;
pub mod call;
pub mod checkup;
pub mod client;
mod envelope;
pub mod error;
mod excerpt;
pub mod heard;
mod neighbours;
pub mod network;
pub mod observe;
mod once;
pub mod pace;
pub mod reader;
mod request;
pub mod retry;
pub mod rule_body;
pub mod survey;
pub mod token;
pub mod transport;
mod wire;
mod words;
pub mod writer;

pub use crate::resource::RuleBody;
pub use call::Call;
pub use checkup::AccountCheckup;
pub use checkup::Checkup;
pub use checkup::ZoneCheckup;
pub use client::Client;
pub use client::Settings;
pub use error::Error;
pub use heard::Heard;
pub use network::DEFAULT_BASE_URL;
pub use network::InvalidNetwork;
pub use network::Network;
pub use network::Timeouts;
pub use observe::Observer;
pub use pace::Budget;
pub use pace::Ratelimit;
pub use reader::Reader;
pub use retry::Retry;
pub use rule_body::Position;
pub use survey::ManyReads;
pub use survey::Survey;
pub use token::TokenKind;
pub use token::TokenState;
pub use token::TokenStatus;
pub use transport::Transport;
pub use transport::TransportError;
pub use writer::Deletion;
pub use writer::Upload;
pub use writer::Writer;
