//! The account as commands take it: the live one with a token, or the offline one.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use secrecy::SecretString;

use crate::cli::embedded::Embedded;
use crate::cli::failure::Failure;
use crate::cli::terminal::Terminal;
use crate::cloudflare::Client;
use crate::cloudflare::Network;
use crate::cloudflare::Settings;
use crate::cloudflare::Timeouts;
use crate::cloudflare::network::DEFAULT_BASE_URL;
use crate::config::Config;
use crate::config::UnsetAccount;
use crate::desired::zones::last_two_labels;
use crate::report::words;
use crate::resource::AccountId;
use crate::resource::ZoneName;
use crate::resource::zone::zone_of;
use crate::sandbox::Account;
use crate::sandbox::Store;

/// Where the offline account is kept.
pub(super) const SANDBOX_FOLDER: &str = ".mtlsctl";

const WITHOUT_ACCOUNT: &str = "to try it without an account, add --sandbox";

/// Which account, and how to talk to it.
#[derive(Args)]
pub(crate) struct AccountArgs {
    /// Use the offline account kept in DIR (default .mtlsctl) instead of a live one
    #[arg(long, value_name = "DIR", num_args = 0..=1, require_equals = true, default_missing_value = SANDBOX_FOLDER)]
    pub(super) sandbox: Option<PathBuf>,
    /// Read the API token from this file instead of `CLOUDFLARE_API_TOKEN`
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// How many zones or lists to read, and zones to write, at a time
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=100))]
    parallel: u16,
}

/// An account that can be talked to.
#[derive(Clone)]
pub(crate) struct Connection {
    pub(super) client: Client,
    pub(super) account: AccountId,
    /// The folder of the offline account, which has no edge to wait for.
    pub(super) sandbox: Option<PathBuf>,
}

/// What a command wants: an account, and what an offline one is made with where there is none yet.
pub(super) struct Wanted {
    /// The live account; the offline one has an id of its own.
    pub(super) account: Option<AccountId>,
    pub(super) zones: Vec<ZoneName>,
    /// Where these zones come from, for people.
    pub(super) origin: &'static str,
    pub(super) quota: usize,
}

impl Wanted {
    /// What a file wants.
    pub(super) fn by(config: &Config) -> Self {
        let origin = if config.zones.is_some() {
            "as the file lists"
        } else {
            "the last two labels of its hosts"
        };
        Self {
            account: config.account.clone(),
            zones: zones(config),
            origin,
            quota: config.quota,
        }
    }
}

/// The account that the environment names.
pub(super) fn account_of_environment() -> Result<Option<AccountId>, Failure> {
    let id = std::env::var("CLOUDFLARE_ACCOUNT_ID").unwrap_or_default();
    let id = id.trim();
    if id.is_empty() {
        return Ok(None);
    }
    // The value is not shown: it may be a secret that was put into the wrong variable.
    AccountId::parse(id).map(Some).map_err(|error| {
        Failure::error(format!(
            "the environment variable CLOUDFLARE_ACCOUNT_ID holds no account id: it has {}",
            words::count(id.chars().count(), "character")
        ))
        .hint(format!("expected {}", error.expected))
    })
}

impl AccountArgs {
    /// Whether the file may leave the account open.
    pub(super) fn unset(&self) -> UnsetAccount {
        if self.sandbox.is_some() {
            UnsetAccount::Allowed
        } else {
            UnsetAccount::Refused
        }
    }

    /// How many reads or zones at a time.
    pub(super) fn parallel(&self) -> usize {
        usize::from(self.parallel)
    }

    /// Connects to the account that is wanted, or to the offline one, which is created where there is none.
    pub(super) fn connect(
        &self,
        wanted: &Wanted,
        terminal: &Terminal,
    ) -> Result<Connection, Failure> {
        self.connect_with(wanted, Settings::default(), terminal)
    }

    /// The same, with another patience.
    pub(super) fn connect_with(
        &self,
        wanted: &Wanted,
        settings: Settings,
        terminal: &Terminal,
    ) -> Result<Connection, Failure> {
        match (&self.sandbox, &wanted.account) {
            (Some(folder), _) => sandbox(folder, wanted, terminal),
            (None, Some(account)) => Ok(Connection {
                client: Client::new(self.network()?, settings),
                account: account.clone(),
                sandbox: None,
            }),
            (None, None) => Err(Failure::error("nothing names the account")
                .hint("name it with --account, in a file, or as CLOUDFLARE_ACCOUNT_ID")
                .hint(WITHOUT_ACCOUNT)),
        }
    }

    fn network(&self) -> Result<Network, Failure> {
        let base = std::env::var("CLOUDFLARE_BASE_URL")
            .ok()
            .filter(|url| !url.trim().is_empty());
        let base = base.as_deref().unwrap_or(DEFAULT_BASE_URL);
        Network::new(base.trim(), &self.token()?, Timeouts::default())
            .map_err(|error| Failure::caused(&error))
    }

    /// From the environment or a file, never from an argument, which other users of the machine can see.
    fn token(&self) -> Result<SecretString, Failure> {
        let text = match &self.token_file {
            Some(path) => std::fs::read_to_string(path).map_err(|error| {
                Failure::error(format!(
                    "the token file {} cannot be read: {error}",
                    path.display()
                ))
            })?,
            None => std::env::var("CLOUDFLARE_API_TOKEN").unwrap_or_default(),
        };
        let token = text.trim();
        if let (true, Some(path)) = (token.is_empty(), &self.token_file) {
            return Err(Failure::error(format!(
                "the token file {} is empty",
                path.display()
            )));
        }
        if token.is_empty() {
            return Err(Failure::error("there is no API token")
                .hint("set CLOUDFLARE_API_TOKEN, or name a file with --token-file")
                .hint(WITHOUT_ACCOUNT));
        }
        Ok(SecretString::from(token))
    }
}

/// The offline account in `folder`.
fn sandbox(folder: &Path, wanted: &Wanted, terminal: &Terminal) -> Result<Connection, Failure> {
    let store = Store::at(folder);
    let zones: Vec<String> = wanted.zones.iter().map(ToString::to_string).collect();
    let made = store.create(|| Account::enterprise(&zones, wanted.quota));
    if made.map_err(|error| Failure::caused(&error))? {
        terminal.say(&format!(
            "Made an offline account in {}: zones {} ({}).",
            folder.display(),
            words::list(&zones),
            wanted.origin
        ));
    }
    let id = store
        .account()
        .map_err(|error| Failure::caused(&error))?
        .id()
        .to_owned();
    let account = AccountId::parse(&id).map_err(|error| Failure::caused(&error))?;
    let client = Client::new(Embedded(Arc::new(store)), Settings::default());
    Ok(Connection {
        client,
        account,
        sandbox: Some(folder.to_owned()),
    })
}

/// The zones that a new offline account has: those that the file lists, else the last two labels of each
/// host.
fn zones(config: &Config) -> Vec<ZoneName> {
    let listed = config.zones.iter().flatten().map(|zone| zone.value.clone());
    let mut zones: Vec<ZoneName> = listed.collect();
    if zones.is_empty() {
        for host in config.groups.iter().flat_map(|group| &group.hosts) {
            if zone_of(&host.value, &zones).is_none() {
                zones.push(last_two_labels(&host.value));
            }
        }
    }
    zones
}
