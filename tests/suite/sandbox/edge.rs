//! Visitors of the account's hosts: who gets in, by which rule, and when a change has arrived.

mod agreement; // the edge against the model, on generated worlds
mod clients; // every kind of client on every kind of host, under both readings
mod connections; // over TLS: names, protocols, connections that outlive a change
mod curl; // the binary, visited by curl
mod fields; // what rules see of a certificate and of a request
mod lag; // changes on their way
mod open; // a served edge and clients that stay connected
mod pki; // CAs and clients of the tests
mod rules; // actions, order, rules that cannot be evaluated
mod visits; // asking an account's edge in a few words
