//! `verify`: real connections to servers on this machine, right ones and wrong ones.

mod apply; // the hosts during and after a run of a plan
mod arguments; // what cannot be run, and what it says
mod clients; // whose certificate is whose
mod curl; // what curl sees on the same hosts
mod keys; // private keys show nowhere
mod nginx; // a server that none of this project's code made
mod requests; // access tests as real requests, paths, methods, versions
mod right; // hosts that do as the file says, in every format
mod shop; // a file with its CAs, clients and servers
mod world; // a shop whose account is served, with its edge
mod wrong; // hosts that do not, each in its own way
