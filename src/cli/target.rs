//! A live account that is looked at without needing a file: which one, and what is read of it.

use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;

use crate::audit::Subject;
use crate::cli::account::AccountArgs;
use crate::cli::account::Connection;
use crate::cli::account::Wanted;
use crate::cli::account::account_of_environment;
use crate::cli::failure::Failure;
use crate::cli::file;
use crate::cli::file::DateArgs;
use crate::cli::look;
use crate::cli::progress::Progress;
use crate::cli::terminal::Terminal;
use crate::cloudflare::ManyReads;
use crate::cloudflare::Observer;
use crate::cloudflare::Survey;
use crate::config::CaContent;
use crate::config::Config;
use crate::config::UnsetAccount;
use crate::resource::AccountId;
use crate::resource::Bundle;
use crate::resource::Certificate;
use crate::resource::DEFAULT_QUOTA;
use crate::resource::KeyId;
use crate::resource::ZoneName;

/// Which account, with a file or without.
#[derive(Args)]
pub(crate) struct TargetArgs {
    /// A desired-state file, for its account and for what else it says
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// The account, instead of the file's or `CLOUDFLARE_ACCOUNT_ID`
    #[arg(long = "account", value_name = "ID", value_parser = AccountId::parse)]
    account_id: Option<AccountId>,
    #[command(flatten)]
    pub(super) account: AccountArgs,
    #[command(flatten)]
    date: DateArgs,
}

impl TargetArgs {
    /// The file, if one was named.
    pub(super) fn path(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The moment that dates are judged by.
    pub(super) fn moment(&self) -> Timestamp {
        self.date.moment()
    }

    /// What the file says, if one was named.
    pub(super) fn config(&self, terminal: &Terminal) -> Result<Option<Config>, Failure> {
        let unset = if self.account_id.is_some() {
            UnsetAccount::Allowed
        } else {
            self.account.unset()
        };
        let path = self.path();
        path.map(|path| file::load(path, unset, terminal))
            .transpose()
    }

    /// Connects to the account; `zones` and `quota` are for an offline one that is made anew.
    pub(super) fn connect(
        &self,
        config: Option<&Config>,
        zones: &[ZoneName],
        quota: Option<usize>,
        terminal: &Terminal,
    ) -> Result<Connection, Failure> {
        let of_file = config.map(Wanted::by);
        let quota = quota.or(of_file.as_ref().map(|wanted| wanted.quota));
        let (zones, origin) = match &of_file {
            _ if !zones.is_empty() => (zones.to_vec(), "as --zone says"),
            Some(wanted) if !wanted.zones.is_empty() => (wanted.zones.clone(), wanted.origin),
            _ => (
                ZoneName::parse("example.com").into_iter().collect(),
                "nothing says which",
            ),
        };
        let of_file = of_file.and_then(|wanted| wanted.account);
        let account = match self.account_id.clone().or(of_file) {
            None if self.account.sandbox.is_none() => account_of_environment()?,
            account => account,
        };
        let wanted = Wanted {
            account,
            zones,
            origin,
            quota: quota.unwrap_or(DEFAULT_QUOTA),
        };
        self.account.connect(&wanted, terminal)
    }

    /// Reads of some zones, or of all, what there is to see, as far as the token allows.
    pub(super) async fn survey(
        &self,
        connection: &Connection,
        only: Option<&BTreeSet<ZoneName>>,
        terminal: &Terminal,
    ) -> Result<Subject, Failure> {
        let survey = async |observer: &Observer<'_>, progress: &Progress| {
            let many = |reads: ManyReads| progress.say(terminal, &many_reads(reads));
            observer.survey(&connection.account, only, &many).await
        };
        let parallel = self.account.parallel();
        let (result, calls) = connection.read(parallel, terminal, survey).await;
        let Survey {
            live,
            neighbours,
            services,
            unread,
        } = match result {
            Ok(survey) => survey,
            Err(error) => return Err(look::explain(&error, connection).await),
        };
        connection.say_read(calls, terminal);
        Ok(Subject {
            live,
            neighbours,
            services,
            unread,
        })
    }
}

/// The intermediates that a file tells of, by the CA above them.
pub(super) fn issuers(config: &Config) -> Vec<(Bundle, Vec<Certificate>)> {
    let cas = config.cas.iter().filter_map(|ca| match &ca.content {
        CaContent::Uploaded {
            bundle, issuers, ..
        } => {
            let below = issuers.iter().flat_map(|one| one.value.certificates());
            Some((bundle.value.clone(), below.cloned().collect()))
        }
        CaContent::CloudflareManaged { .. } => None,
    });
    cas.collect()
}

/// The key ids of the managed CA that a file tells.
pub(super) fn managed_key_ids(config: &Config) -> BTreeSet<KeyId> {
    let cas = config.cas.iter().filter_map(|ca| match &ca.content {
        CaContent::CloudflareManaged { key_ids } => Some(key_ids),
        CaContent::Uploaded { .. } => None,
    });
    cas.flatten().cloned().collect()
}

fn many_reads(ManyReads { calls, zones, cas }: ManyReads) -> String {
    format!(
        "Reading takes up to {calls} API calls and more: {zones} zones with {cas} host lists each. Name the zones \
         that matter with --zone to make it cheaper."
    )
}
