//! The binary as its users meet it: what it prints, what it says, how it ends.

mod access; // access tests
mod asking; // a question before writing
mod audit; // who gets in where, and what is wrong
mod bad_answers; // servers that are none
mod bad_files; // files that cannot be used
mod colours; // colours and closed pipes
mod doctor; // what it finds, and that it only looks
mod example; // the README's first command
mod explain; // which rule decides
mod faults; // an account that misbehaves
mod formats; // every command in every format, also when it fails
mod github; // what a job of GitHub Actions gets
mod guards; // what is refused until somebody says so
mod http; // against the offline account over HTTP
mod import; // a file made from an account
mod journal; // what a run writes down of itself
mod pipelines; // the examples for CI systems
mod refusals; // exit codes and their words
mod rotate; // a successor in the file
mod saved; // plans that are reviewed first
pub(crate) mod schema; // documents, held against their schemas
mod secrets; // what shows nowhere
pub(crate) mod served; // the offline account, served
mod shells; // a starter, completions, manual pages, examples
mod signals; // Ctrl-C and SIGTERM
mod status; // where each CA stands
mod story; // a pull request from its beginning to its end
mod times; // dates and lengths of time as arguments
mod tokens; // wrong, limited and odd tokens
