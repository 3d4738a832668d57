//! The file as written: strict types with their places, loading, and what is wrong.
//!
//! Knows one file and the PEM files it names, and nothing of an account. Everything else that it asks of
//! the machine goes through [`Surroundings`].

mod acceptance;
mod access_test;
mod adoption;
mod ca;
mod declared;
mod defects;
mod document;
pub mod edit;
mod entry;
mod file;
mod group;
mod guards;
mod header;
mod pem;
mod problem;
mod rule;
mod schema;
mod source;
mod structure;
mod surroundings;

use std::path::Path;
use std::time::Duration;

pub use acceptance::Acceptance;
pub use access_test::AccessTest;
pub use access_test::Expectation;
pub use access_test::Presented;
pub use adoption::Adoption;
pub use ca::CLOUDFLARE_MANAGED;
pub use ca::Ca;
pub use ca::CaContent;
pub use defects::defects;
pub use document::Scalar;
pub use group::Group;
pub use guards::Guards;
pub use guards::HostLimit;
pub use guards::SideEffects;
pub use header::UnsetAccount;
pub use pem::Origin;
pub use problem::Fault;
pub use problem::MOST_PROBLEMS;
pub use problem::Problem;
pub use problem::Problems;
pub use problem::Severity;
pub use rule::Action;
pub use rule::Hostnames;
pub use rule::Member;
pub use rule::Response;
pub use rule::Rule;
pub use schema::schema;
pub use source::Located;
pub use source::Source;
pub use source::Span;
pub use surroundings::MOST_BYTES;
pub use surroundings::Surroundings;
pub use surroundings::read_file;

use crate::config::declared::Declared;
use crate::config::document::Document;
use crate::resource::AccountId;
use crate::resource::Name;
use crate::resource::ZoneName;

/// A desired-state file that has no error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The file itself, for problems that later stages find.
    pub source: Source,
    /// What is odd about it, by position.
    pub warnings: Vec<Problem>,
    /// The account it speaks of; `None` only where [`UnsetAccount::Allowed`] lets it be.
    pub account: Option<AccountId>,
    /// Marks what is ours in the account.
    pub owner: Name,
    /// Marks that count as ours too, each once.
    pub former_owners: Vec<Name>,
    /// The zones it speaks for, each once and at least one; `None` for every active zone of the account.
    pub zones: Option<Vec<Located<ZoneName>>>,
    /// CA certificates that the account may hold; at least 1.
    pub quota: usize,
    /// How long to wait after reading back where the order of two waves matters.
    pub settle: Duration,
    /// In file order, each name and each content once.
    pub cas: Vec<Ca>,
    /// In file order, each name once.
    pub groups: Vec<Group>,
    /// In file order, each name once.
    pub rules: Vec<Rule>,
    /// In file order.
    pub tests: Vec<AccessTest>,
    /// What is absent from the file has its default.
    pub guards: Guards,
    /// In file order.
    pub accept: Vec<Acceptance>,
}

/// Reads and checks a desired-state file.
///
/// # Errors
/// Everything that is wrong with it, by position; a fault of its structure may stand alone.
pub fn load(
    path: &Path,
    surroundings: &dyn Surroundings,
    unset: UnsetAccount,
) -> Result<Config, Problems> {
    let mut problems = Vec::new();
    let source = file::read(path, surroundings, &mut problems);
    let document = if problems.is_empty() {
        structure::parse(&source, &mut problems)
    } else {
        None
    };
    file::report_private_keys(&source, &mut problems);
    let config =
        document.and_then(|document| check(&source, document, surroundings, unset, &mut problems));
    problems.sort_by_key(|problem| problem.at);
    let fails = problems
        .iter()
        .any(|problem| problem.severity == Severity::Error);
    match config {
        Some(config) if !fails => Ok(Config {
            warnings: problems,
            ..config
        }),
        _ => Err(Problems::new(source, problems)),
    }
}

/// The checked value of a document; `None` where something that everything needs is wrong.
fn check(
    source: &Source,
    document: Document,
    surroundings: &dyn Surroundings,
    unset: UnsetAccount,
    problems: &mut Vec<Problem>,
) -> Option<Config> {
    let Document {
        version,
        account,
        owner,
        former_owners,
        zones,
        quota,
        settle,
        cas,
        hostnames,
        rules,
        tests,
        guards,
        accept,
    } = document;
    let folder = source.path().parent().unwrap_or(Path::new(""));

    header::version(version.as_ref(), problems);
    let account = header::account(account.as_ref(), surroundings, unset, problems);
    let owner = header::owner(owner.as_ref(), problems);
    let former_owners = header::former_owners(former_owners, owner.as_ref(), problems);
    let zones = header::zones(zones, problems);
    let quota = header::quota(quota.as_ref(), problems);
    let settle = header::settle(settle.as_ref(), problems);

    let (cas, ca_names) = ca::read(cas, folder, surroundings, problems);
    let (groups, group_names) = group::read(hostnames, &ca_names, problems);
    if let Some(zones) = &zones {
        group::report_outside_zones(&groups, zones, problems);
    }
    group::report_no_ca_left(&groups, &cas, problems);

    let declared = Declared::new(&ca_names, &group_names, &groups, zones.as_deref());
    let rules = rule::read(rules, &declared, problems);
    let tests = access_test::read(tests, &declared, problems);
    let guards = guards::read(guards, problems);
    let accept = acceptance::read(accept, problems);
    if problems.is_empty() {
        group::report_unused_cas(&groups, &cas, problems);
    }
    Some(Config {
        source: source.clone(),
        warnings: Vec::new(),
        account,
        owner: owner?.value,
        former_owners,
        zones,
        quota,
        settle,
        cas,
        groups,
        rules,
        tests,
        guards,
        accept,
    })
}
