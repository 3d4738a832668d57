//! Looking at an account for a file: what `plan` and `apply` have in common.

use jiff::Timestamp;

use crate::cli::account::AccountArgs;
use crate::cli::account::Connection;
use crate::cli::account::Wanted;
use crate::cli::failure::Failure;
use crate::cli::file::FileArgs;
use crate::cli::progress::Progress;
use crate::cli::terminal::Terminal;
use crate::cloudflare::Error;
use crate::cloudflare::Observer;
use crate::cloudflare::TokenStatus;
use crate::config::Config;
use crate::config::Problems;
use crate::observe::Observed;
use crate::observe::Unobserved;
use crate::observe::observe;
use crate::plan::Allowed;
use crate::plan::Approved;
use crate::plan::Consent;
use crate::plan::Plan;
use crate::plan::Refusal;
use crate::plan::Saved;
use crate::plan::reading::ManyCalls;
use crate::report;
use crate::report::shown::Planned;
use crate::report::words;

/// A file, and the account that it was held against.
pub(crate) struct Look {
    pub(super) config: Config,
    pub(super) connection: Connection,
    pub(super) observed: Observed,
    /// API calls that reading took.
    calls: u64,
}

impl Look {
    /// Loads the file and reads of the account what planning needs.
    pub(super) async fn at(
        at: Timestamp,
        file: &FileArgs,
        account: &AccountArgs,
        terminal: &Terminal,
    ) -> Result<Self, Failure> {
        let config = file.load(account.unset(), terminal)?;
        Self::with(config, at, account, terminal).await
    }

    /// Reads of the account what planning a file needs that was loaded.
    pub(super) async fn with(
        config: Config,
        at: Timestamp,
        account: &AccountArgs,
        terminal: &Terminal,
    ) -> Result<Self, Failure> {
        let connection = account.connect(&Wanted::by(&config), terminal)?;
        Self::of(config, connection, at, account.parallel(), terminal).await
    }

    /// Looks at the same account again, for the same file and moment.
    pub(super) async fn again(
        &self,
        parallel: usize,
        terminal: &Terminal,
    ) -> Result<Self, Failure> {
        let (config, connection) = (self.config.clone(), self.connection.clone());
        Self::of(config, connection, self.observed.at, parallel, terminal).await
    }

    async fn of(
        config: Config,
        connection: Connection,
        at: Timestamp,
        parallel: usize,
        terminal: &Terminal,
    ) -> Result<Self, Failure> {
        let look = async |observer: &Observer<'_>, progress: &Progress| {
            let many = |calls: ManyCalls| progress.say(terminal, &many_calls(calls));
            observe(&config, &connection.account, observer, at, &many).await
        };
        let (result, calls) = connection.read(parallel, terminal, look).await;
        match result {
            Ok(observed) => Ok(Self {
                config,
                connection,
                observed,
                calls,
            }),
            Err(Unobserved::Account(error)) => Err(explain(&error, &connection).await),
            Err(Unobserved::File(problems)) => Err(unresolved(&problems, &connection, terminal)),
        }
    }

    /// The plan; `allowed` CAs do not wait for `min_overlap`.
    pub(super) fn plan(&self, allowed: &Allowed, terminal: &Terminal) -> Result<Plan, Failure> {
        let unknown = allowed.unknown(&self.observed.desired, &self.observed.live);
        if let Some(name) = unknown.first() {
            return Err(Failure::error(format!(
                "`--allow-short-overlap {name}`: neither the file nor the account has a CA of this name"
            ))
            .hint("a plan names it under Held"));
        }
        self.observed.plan(allowed).map_err(|refusals| {
            let text = report::plan::refusals(&refusals, terminal.err_width());
            Failure::error(text).of_plan(refusals)
        })
    }

    /// Lets a plan through, or refuses it.
    pub(super) fn approve(
        &self,
        plan: Plan,
        consent: &Consent,
        terminal: &Terminal,
    ) -> Result<Approved, Failure> {
        self.observed.approve(plan, consent).map_err(|refusals| {
            let text = report::plan::refusals(&refusals, terminal.err_width());
            Failure::refused(text).of_plan(refusals)
        })
    }

    /// A plan that was made from this, with what stands against it and how the command ends by it.
    pub(super) fn planned<'a>(
        &'a self,
        (plan, saved): (&'a Plan, &'a Saved),
        refusals: &'a [Refusal],
        exit_code: u8,
    ) -> Planned<'a> {
        Planned {
            account: &self.observed.live.account,
            owner: &self.observed.desired.owner,
            plan,
            digest: saved.digest(),
            refusals,
            exit_code,
        }
    }

    /// What was read, and with how many calls.
    pub(super) fn cost(&self, width: usize) -> String {
        let calls = words::count(
            usize::try_from(self.calls).unwrap_or(usize::MAX),
            "API call",
        );
        let zones = words::count(self.observed.live.zones.len(), "zone");
        let whose = if self.connection.sandbox.is_some() {
            "offline account"
        } else {
            "account"
        };
        let sentence = format!(
            "Read the {whose} {} ({zones}) with {calls}.",
            self.observed.live.account
        );
        words::wrap(&sentence, 0, width).join("\n") + "\n"
    }
}

fn many_calls(ManyCalls { calls, zones, cas }: ManyCalls) -> String {
    format!(
        "Reading takes about {calls} API calls: {zones} zones with {cas} host lists each. List the zones \
         of this file under `zones:` to make it cheaper."
    )
}

fn unresolved(problems: &Problems, connection: &Connection, terminal: &Terminal) -> Failure {
    let failure = FileArgs::failure(problems, terminal);
    about_zones(failure, connection)
}

/// Says how an offline account gets other zones.
pub(super) fn about_zones(failure: Failure, connection: &Connection) -> Failure {
    match &connection.sandbox {
        Some(folder) => failure.hint(format!(
            "an offline account keeps the zones it was made with: \
             `mtlsctl sandbox reset --dir {} --zone ZONE` makes it anew",
            folder.display()
        )),
        None => failure,
    }
}

/// Words for a call that failed while reading.
pub(super) async fn explain(error: &Error, connection: &Connection) -> Failure {
    advise(Failure::caused(error), error, connection).await
}

/// Adds what to do about a call that failed. A wrong token and a missing permission look the same in the
/// API's answer, and asking about the token tells them apart.
pub(super) async fn advise(failure: Failure, error: &Error, connection: &Connection) -> Failure {
    if error.code(QUOTA_REACHED) {
        return failure.hint(
            "the account has room for fewer CAs than `quota` in the file says: set it to what the contract \
             allows, so that a plan that cannot fit is refused before it begins",
        );
    }
    if !error.is_permission() {
        return failure;
    }
    let reader = connection.client.reader();
    match reader.token(&connection.account).await {
        Ok(token) if token.status == TokenStatus::Active => failure.hint(format!(
            "the token itself is active: give it the permission in the dashboard, for account {} and its \
             zones, or check the account id",
            connection.account
        )),
        Ok(token) => failure.hint(format!("the token is {}: make a new one", token.status)),
        Err(Error::TokenRefused { .. }) => failure.hint(
            "Cloudflare does not know this token: check it for a typing error, or make a new one",
        ),
        Err(_) => failure,
    }
}

/// The account's CA slots are used up (API reference, section 1.3).
const QUOTA_REACHED: i64 = 1489;
