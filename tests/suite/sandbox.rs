//! Tests of the offline account, by its answers.

mod accounts; // zones, tokens, routes
mod associations; // hostname lists per CA
mod calls; // random calls
mod certificates; // upload, list, get, delete
mod edge; // visitors of its hosts
mod faults; // faults as values
mod faults_account; // what a plain client sees of an account that lies or that others write to
mod faults_client; // what the project's own client makes of them
mod faults_endpoints; // the names of the endpoints
mod faults_wire; // what a plain client sees of a network and a server that fail
mod faults_world; // a served account with faults
mod front; // rate limit and headers
mod levels; // rulesets of the account, and of other phases than custom rules
mod neighbours; // IP Access rules and DNS records
mod permissions; // which one each endpoint asks for
mod properties; // what holds after any sequence of calls
mod rule_refusals; // rules and positions that are refused
mod rule_world; // a world with three rules
mod rules; // single rules: position, versions, validation
mod rulesets; // whole rulesets and entry points
mod seed; // the account as new, and how it is shown
mod server; // over real loopback HTTP
mod store; // on disk, several at once
mod world; // an account to call, with its clock
