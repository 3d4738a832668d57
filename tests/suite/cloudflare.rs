//! The API client, against answers that are written down here.

mod calls; // every call's method, path, query and body
mod capture; // what is traced, as text
mod neighbours; // the Reader on what stands beside a zone's custom rules
mod network; // real sockets on this machine
mod pacing; // the request budget, in simulated time
mod reading; // the Reader on zones, host lists and rules
mod retrying; // what is sent again, when, and what never is
mod rules; // the Writer on custom rules
mod script; // a transport that plays answers and notes what was sent
mod secrets; // the token shows nowhere
mod store; // the Reader on the certificate store and the token
mod survey; // what an audit reads of an account, and what it does without
mod survey_answers; // the same, against answers that the account would not give
mod survey_reads; // which calls that takes, and how many at a time
mod survey_world; // an account to survey
mod words; // what each failure says
mod writing; // the Writer on certificates and host lists
