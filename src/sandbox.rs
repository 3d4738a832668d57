//! The offline Cloudflare account: the API that this tool needs, without Cloudflare.
//!
//! It is its own reading of the API reference and shares no type with the `cloudflare` module, so
//! that a misreading in one of them shows in the other. Where the reference leaves something open,
//! it does what is harder for a client.
//!
//! # Tour
//!
//! ```text
//!  serve ─▶ Store ─▶ respond ─▶ Account::answer ─▶ the file of the noun
//!  (HTTP)   (disk)   (token,    (which endpoint,   (certificate, hostname_associations, rulesets,
//!                     limit)     permission)        rules, entry_point, zone, access_rule, dns_record)
//! ```
//!
//! - [`Account`] is the whole state, a plain value. [`Account::answer`] takes a request, a
//!   [`Caller`] and the moment, and gives the response; a refused request changes nothing. There is
//!   no clock, no randomness, no file and no `async` below it: the same calls give the same
//!   answers, ids and `cf-ray` headers included.
//! - [`respond`] puts before it what stands before the API: the token of the `Authorization`
//!   header, and the [`RateLimiter`], which lives in memory only.
//! - [`Store`] keeps an account in a folder, under a lock that several processes share. [`serve`]
//!   is its HTTP front.
//! - [`Account::enterprise`] is the account as new: with certificates, hostnames and rules of other
//!   people in it.
//! - [`show`] and [`view`] say what is in an account.
//! - [`edge`] serves the hosts of its zones over TLS, and evaluates their custom rules.
//!
//! What stands beside custom rules (IP Access rules, Single Redirects, DNS records, the account's own
//! rules) is there to be found by an audit: it can be made and listed, and has no effect.
//!
//! # Reads that lag
//!
//! Writes always act on the true state. [`Lag`] lets reads show, for a while, the state before the
//! write: lists of hostnames after a PUT, certificates after upload and delete, and "in use" after
//! the last hostname has gone. Rulesets do not lag (API reference, section 6, has no report of it).
//!
//! # Faults
//!
//! A served account can misbehave on purpose. [`Faults`] that are armed in its folder meet the calls that come
//! over HTTP: they delay, refuse, cut, show what was, or let somebody else write. Which act on a call is decided
//! from counters and the call alone. An account that is used in the same process, without HTTP, meets none.
//! [`Recorder`] writes down what went over the wire.
//!
//! # Assumptions
//!
//! What the reference calls unconfirmed, what happens here, and why that is the harder reading for
//! a client.
//!
//! | open question | here | why this is the harder reading |
//! |---|---|---|
//! | codes that no source names | 9999; no code at all for rulesets, whose schema allows it | nothing to match on but status and words |
//! | status of 1471 and 1489 | 400 | not told apart by status |
//! | no `Authorization` header, unknown or inactive token | 401/10000; 401/1000 on the verification paths; unreadable header 400/6003 | a client must handle three shapes |
//! | a disabled or expired token on its verification path | 200 with that `status` | 200 is not yet good |
//! | verification path of the other token kind | 401/1000 "Invalid API Token" | a good token looks bad |
//! | another account's id | 403/10000, like a missing permission | the two cannot be told apart |
//! | unknown zone id, malformed id, unknown path | 404 with 7003 and 7000 | a 404 that must not be read as "no entry point" |
//! | wrong method on a known path | 405/7001 | not a 404 |
//! | PEM as answered | bundle reversed, 76 columns, no newline at the end | comparing text fails |
//! | text around PEM blocks | refused as unparsable | the documented form is the only one |
//! | expired, weak, Ed25519 or RSA-PSS CA; key size; bundle length | accepted | the client has to judge |
//! | `ca: true` with a bundle | each certificate must be a CA | one leaf spoils it |
//! | fields of a bundle's answer | of the first certificate sent | not of the first answered |
//! | unique certificate names | not enforced | names are no keys |
//! | duplicate or quota first | duplicate (1471) | a full account still tells of a duplicate |
//! | paging of certificates | none, always one page | `page` in a query has no effect |
//! | delete of a deleted certificate | 400 "already deleted", for ever; 404/1472 if it never was there | two ways to say "gone" |
//! | `service` of API Shield in `associations` | `api_shield`; empty at once when the last hostname goes | empty although a delete is still refused |
//! | `mtls_certificate_id` null or empty | the managed CA | a slip overwrites somebody's list |
//! | PUT without `hostnames` | 400 | never taken for an empty list |
//! | a list in answers | descending, null when empty | neither order nor presence can be relied on |
//! | wildcards, upper case, trailing dot, IDN in Unicode, hosts of other zones | refused, 400 | the client must normalise |
//! | hosts twice in one list | kept once | the answer is shorter than the request |
//! | lists for leaf and Gateway certificates | refused, 400, on GET as well | a loop over all certificates must choose |
//! | PUT of a ruleset without `rules` or `description` | empties them | left out is not kept |
//! | PUT with a rule id that is not in the ruleset | 400 | stale ids show |
//! | PATCH without `ref` | `ref` falls back to the id | the mark is lost |
//! | PATCH that changes nothing | still a new version of rule and ruleset | no write is free |
//! | code of a duplicate `ref`, of a full rule quota, of an unknown ruleset or rule | none; 400, 400, 404, 404 | 404 without 10003 |
//! | stored expressions | white space outside quotes becomes one space | comparing text fails |
//! | empty `description`, empty `action_parameters` | left out of answers | absent is empty |
//! | `logging` on rules other than skip | accepted, not stored | reading back differs |
//! | unknown fields in a body, null for a field | 400 with a pointer | typing errors show |
//! | syntax of expressions | whatever the `expression` module reads | what it refuses is refused here, 400 without a code |
//! | entry point of other phases | 404/10003 on GET, 403/50002 on writes | only custom rules and Single Redirects can be had |
//! | account-level rules without the add-on | can be had | a client has to look |
//! | `skip` in the account's entry point (the documentation disagrees with itself) | refused, as `block` is | only `execute` is sure to be there |
//! | permission for a ruleset by its id | that of its phase; one that is not there needs any | 403 comes before 404 |
//! | IP Access rules in a zone's list | the account's come first, with `scope.type` `organization` | the same rule is met several times |
//! | an IP Access rule twice, a record that clashes | refused, 400 | code and words match nothing |
//! | delete of an unknown IP Access rule or record | 404 without 7003 | a 404 that is not about the path |
//! | the account's IP Access rules through a zone | cannot be deleted | what is listed is not always there to change |
//! | name of a DNS record outside its zone | taken to be relative to the zone | a slip makes another name |
//! | delete of a ruleset that an `execute` rule names | 400 | order matters |
//! | dry run of DELETE | 204 | cannot be told from the deed |
//! | hostname lists on any plan, any zone status | accepted | the client must look at the zone |
//! | edge: which certificates `cert_verified` is true for | by choice, those of the host's CAs or of all of the account | neither can be relied on |
//! | edge: the managed CA | one for the account, with a client and a revoked one in `edge-managed`; both verify | a rule has to ask for `cert_revoked` |
//! | edge: the CA names that a handshake offers | those of the CAs that verify under the reading | a client that chooses by them shows all that passes |
//! | edge: only a root uploaded, the client sends the chain | verifies; `cert_issuer_ski` is the intermediate's | an unpinned host is wider open than its list |
//! | edge: a client that leaves its intermediates out | does not verify, even where the account has them | the client must send its chain |
//! | edge: a CA that is expired or not yet valid | verifies nobody | a lock-out, not a warning |
//! | edge: SHA-1, P-521, RSA below 2,048 bits; Ed25519, RSA-PSS | never verify | the first three are documented, and cannot be relied on |
//! | edge: a client's certificate that is for servers only, or for a CA | does not verify | the client must be issued for the purpose |
//! | edge: `cert_issuer_ski` | what the certificate itself says, verified or not | a stranger can say it too |
//! | edge: serial numbers in rules | without the byte that DER puts before a high one | comparing with the DER fails |
//! | edge: a host whose list names a CA that has not arrived | asks, and verifies nobody by it | order matters |
//! | edge: a connection opened before its host asked for certificates | stays, without a certificate | clients must connect anew before a rule demands one |
//! | edge: a port and a last dot in `http.host` | kept, as is its letter case, but for the port that the edge listens on, which stands for 443 | a rule on names alone is got past by naming one |
//! | edge: a rule on what nobody knows here (bots, places, lists) | has no effect, and the answer's `sandbox-undecided` names it | never a block that is not there |
//! | edge: `skip` of rulesets or of single rules | passes over no custom rule | only `current` is documented to |
//! | edge: a request for another host than the handshake's | 421 | one connection is one host |
//!
//! Not modelled: ruleset versions, phases but for custom rules and Single Redirects, whether a field of
//! an expression exists, changing IP Access rules and DNS records (they are made and deleted), IP Access
//! rules of users, DNS records but for A, AAAA, CNAME and TXT, legacy keys (`X-Auth-Key`), tokens limited
//! to zones, the limit of 200 requests per second and address, issuing and revoking certificates of the managed CA;
//! at the edge: resumed sessions, normalised paths, DNS (every name in an active zone is served), whatever runs before
//! or after custom rules.

mod access_rule;
mod account;
mod action_parameters;
mod bundle;
mod certificate;
mod dns_record;
pub mod edge;
mod entry_point;
mod envelope;
mod fault;
mod fields;
mod front;
mod host_list;
mod hostname_associations;
mod ids;
mod level;
mod page;
mod permission;
mod phase;
mod position;
mod query;
mod rate_limit;
mod record;
mod route;
mod rule_definition;
mod rule_expression;
mod rule_list;
mod rules;
mod ruleset;
mod ruleset_routes;
mod rulesets;
mod seed;
mod server;
mod show;
mod store;
mod store_error;
mod token;
mod view;
mod zone;

pub use account::Account;
pub use account::Lag;
pub use fault::Armed;
pub use fault::Endpoint;
pub use fault::Fault;
pub use fault::FaultEntry;
pub use fault::Faults;
pub use fault::InvalidFault;
pub use fault::InvalidFaultFile;
pub use fault::UnknownEndpoint;
pub use fault::parse_faults;
pub use front::respond;
pub use permission::Permission;
pub use permission::UnknownPermission;
pub use rate_limit::RateLimiter;
pub use record::Recorder;
pub use route::BASE_PATH;
pub use seed::ACCOUNT_ID;
pub use server::serve;
pub use server::serve_recording;
pub use show::show;
pub use store::Store;
pub use store_error::StoreError;
pub use token::Caller;
pub use token::Token;
pub use token::TokenKind;
pub use view::View;
pub use view::view;
pub use zone::ZoneFacts;
pub use zone::ZonePlan;
pub use zone::ZoneStatus;
