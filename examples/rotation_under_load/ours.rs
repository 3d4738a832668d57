//! A change as mtlsctl makes it: planned, proved safe, and run wave by wave.

use std::collections::BTreeSet;
use std::error::Error;

use jiff::Timestamp;
use mtlsctl::cloudflare::Observer;
use mtlsctl::config;
use mtlsctl::config::UnsetAccount;
use mtlsctl::execute;
use mtlsctl::execute::Options;
use mtlsctl::execute::Patience;
use mtlsctl::execute::Stopper;
use mtlsctl::observe::Observed;
use mtlsctl::observe::observe;
use mtlsctl::plan::Allowed;
use mtlsctl::plan::Consent;
use mtlsctl::report;
use mtlsctl::resource::Hostname;

use crate::account::Account;
use crate::story::Stage;

/// How many runs a change may take: faults may end one, and the next goes on from there.
const RUNS: usize = 10;

/// Looks at the account for the file of a stage.
pub(crate) async fn look(account: &Account, stage: &Stage) -> Result<Observed, Box<dyn Error>> {
    let files = account.files(stage);
    let config = config::load(&files.path(), &files, UnsetAccount::Refused)?;
    let id = config.account.clone().ok_or("the file names no account")?;
    let reader = account.client.reader();
    let observer = Observer {
        reader: &reader,
        parallel: 4,
        tell: &|| (),
    };
    Ok(observe(&config, &id, &observer, Timestamp::now(), &|_| ()).await?)
}

/// Applies the file of a stage, until nothing is left to do.
pub(crate) async fn apply(account: &Account, stage: &Stage) -> Result<(), Box<dyn Error>> {
    let opened = stage.opened.iter().map(|host| Hostname::parse(host));
    let consent = Consent {
        opened: opened.collect::<Result<BTreeSet<_>, _>>()?,
        ..Consent::default()
    };
    let options = Options {
        settle: account.settle,
        parallel: 4,
        read_back: Patience::DEFAULT,
        in_use: Patience::DEFAULT,
    };
    for _ in 0..RUNS {
        let seen = look(account, stage).await?;
        let plan = seen.plan(&Allowed::default());
        let plan = plan.map_err(|refusals| report::plan::refusals(&refusals, 80))?;
        if plan.is_empty() {
            return Ok(());
        }
        let approved = seen.approve(plan, &consent);
        let approved = approved.map_err(|refusals| report::plan::refusals(&refusals, 80))?;
        let (reader, writer) = (account.client.reader(), account.client.writer());
        let (_stopper, stop) = Stopper::new();
        let end = (&reader, &writer);
        let outcome =
            execute::execute(&approved, &seen.live, end, &options, &stop, &|_| (), None).await;
        if !outcome.is_complete() {
            let text = report::outcome::text(approved.plan(), &outcome, 80);
            eprintln!("  a run ended early, and the next goes on:\n{text}");
            // Nothing in the account says when the last write was.
            tokio::time::sleep(account.settle).await;
        }
    }
    Err("the account does not come to agree with the file".into())
}
