//! One test binary; a line for each subject.

mod cloudflare; // the API client, by what it sends and what it makes of answers
mod expression; // the rules language
mod sandbox; // the offline account, by its answers
mod support; // what several subjects share
