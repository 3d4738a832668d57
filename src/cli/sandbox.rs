//! `sandbox`: the offline account itself.

mod edge;
mod fault;
mod served;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use clap::Subcommand;
use futures::FutureExt as _;
use jiff::SignedDuration;
use secrecy::ExposeSecret as _;
use tokio::net::TcpListener;

use crate::cli::account::SANDBOX_FOLDER;
use crate::cli::failure::Failure;
use crate::cli::format;
use crate::cli::format::Format;
use crate::cli::interrupt::Signals;
use crate::cli::sandbox::edge::EdgeArgs;
use crate::cli::sandbox::fault::FaultArgs;
use crate::cli::sandbox::served::ServedFaults;
use crate::cli::terminal::Terminal;
use crate::cli::time;
use crate::report::words;
use crate::resource::DEFAULT_QUOTA;
use crate::resource::ZoneName;
use crate::sandbox;
use crate::sandbox::Account;
use crate::sandbox::BASE_PATH;
use crate::sandbox::Lag;
use crate::sandbox::Permission;
use crate::sandbox::Store;
use crate::sandbox::StoreError;
use crate::sandbox::TokenKind;

/// Work with the offline account
///
/// An Enterprise account on disk that answers as Cloudflare's API does, with things of other people in
/// it. `plan --sandbox` and `apply --sandbox` use it directly; `serve` lets any client use it.
#[derive(Args)]
pub struct SandboxArgs {
    #[command(subcommand)]
    command: SandboxCommand,
}

/// Where it is kept.
#[derive(Args)]
struct Folder {
    /// The folder that holds it
    #[arg(long, value_name = "DIR", default_value = SANDBOX_FOLDER)]
    dir: PathBuf,
}

#[derive(Subcommand)]
enum SandboxCommand {
    /// Serve it over HTTP, with a new token
    Serve(ServeArgs),
    /// Make it anew
    Reset(ResetArgs),
    /// Show what is in it
    Show(ShowArgs),
    /// Make a token, perhaps a limited one
    Token(TokenArgs),
    Fault(FaultArgs),
}

#[derive(Args)]
struct ServeArgs {
    #[command(flatten)]
    folder: Folder,
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8787")]
    listen: SocketAddr,
    #[command(flatten)]
    lag: LagArgs,
    #[command(flatten)]
    edge: EdgeArgs,
    #[command(flatten)]
    faults: ServedFaults,
}

#[derive(Args)]
struct ResetArgs {
    #[command(flatten)]
    folder: Folder,
    /// A zone that the account has; may be given several times
    #[arg(long = "zone", value_name = "ZONE", default_values = ["example.com", "example.net"], value_parser = zone)]
    zones: Vec<ZoneName>,
    /// How many CAs fit into the account
    #[arg(long, value_name = "N", default_value_t = DEFAULT_QUOTA)]
    quota: usize,
    #[command(flatten)]
    lag: LagArgs,
}

/// How far reads lag behind writes.
#[derive(Args)]
#[expect(
    clippy::struct_field_names,
    reason = "they are the names of the options"
)]
struct LagArgs {
    /// Time until host lists show a write, such as 30s
    #[arg(long, value_name = "TIME", value_parser = time::length)]
    lag_hosts: Option<Duration>,
    /// Time until the certificate list shows an upload or a deletion
    #[arg(long, value_name = "TIME", value_parser = time::length)]
    lag_certificates: Option<Duration>,
    /// Time for which a CA counts as in use after its last host list let go of it
    #[arg(long, value_name = "TIME", value_parser = time::length)]
    lag_in_use: Option<Duration>,
}

#[derive(Args)]
struct ShowArgs {
    #[command(flatten)]
    folder: Folder,
    /// How it is printed
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = format::one_of(format::OF_DATA))]
    format: Format,
}

impl SandboxArgs {
    /// How it was asked to print.
    pub(super) fn format(&self) -> Format {
        match &self.command {
            SandboxCommand::Show(args) => args.format,
            SandboxCommand::Fault(args) => args.format(),
            SandboxCommand::Serve(_) | SandboxCommand::Reset(_) | SandboxCommand::Token(_) => {
                Format::Text
            }
        }
    }
}

#[derive(Args)]
struct TokenArgs {
    #[command(flatten)]
    folder: Folder,
    /// A permission group that the token lacks, such as "Zone WAF Write"; may be given several times
    ///
    /// Who may write may read too, so to take reading away, take away both.
    #[arg(long, value_name = "GROUP")]
    without: Vec<Permission>,
    /// Make a token of the account instead of a user's
    #[arg(long)]
    account_owned: bool,
}

fn zone(text: &str) -> Result<ZoneName, String> {
    ZoneName::parse(text).map_err(|error| error.to_string())
}

fn unusable(error: &StoreError) -> Failure {
    Failure::caused(error)
}

pub(super) async fn run(args: &SandboxArgs, terminal: &Terminal) -> Result<ExitCode, Failure> {
    match &args.command {
        SandboxCommand::Serve(args) => serve(args, terminal).await?,
        SandboxCommand::Reset(args) => reset(args, terminal)?,
        SandboxCommand::Show(args) => show(args, terminal)?,
        SandboxCommand::Token(args) => token(args, terminal)?,
        SandboxCommand::Fault(args) => fault::run(args, terminal)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Serves until Ctrl-C or SIGTERM. Data goes to stdout, so that a script can read it.
async fn serve(args: &ServeArgs, terminal: &Terminal) -> Result<(), Failure> {
    let store = Store::at(&args.folder.dir);
    let zones = ["example.com", "example.net"].map(String::from);
    let made = store.create(|| Account::enterprise(&zones, DEFAULT_QUOTA));
    if made.map_err(|error| unusable(&error))? {
        let folder = args.folder.dir.display();
        terminal.say(&format!(
            "Made an offline account in {folder}: zones {}.",
            words::list(&zones)
        ));
    }
    let account = store
        .update(|account| {
            args.lag.set(account);
            account.clone()
        })
        .map_err(|error| unusable(&error))?;
    let recorder = args.faults.prepare(&store, terminal)?;
    // Before anything is printed: whoever waits for that may stop it right after.
    let mut signals = Signals::listen();
    let listener = TcpListener::bind(args.listen)
        .await
        .map_err(|error| Failure::error(format!("cannot listen on {}: {error}", args.listen)))?;
    let address = listener
        .local_addr()
        .map_err(|error| Failure::caused(&error))?;
    if !address.ip().is_loopback() {
        terminal
            .say("careful: the token travels in the clear, and others on this network can connect");
    }
    let store = Arc::new(store);
    let edge = args.edge.open(&store).await?;
    let token = store
        .mint_token(&[], TokenKind::User)
        .map_err(|error| unusable(&error))?;
    // On stdout, where no line is broken: it is there to be pasted.
    terminal.print(&format!(
        "base URL  http://{address}{BASE_PATH}\naccount   {}\nzones     {}\ntoken     {}\n{}",
        account.id(),
        account.zone_names().collect::<Vec<_>>().join(", "),
        token.expose_secret(),
        edge.as_ref().map_or("", |edge| &edge.told),
    ))?;
    terminal.say("Serving until Ctrl-C. In another shell: export CLOUDFLARE_BASE_URL, CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID.");
    let stop = async move { signals.next().await }.shared();
    let api = sandbox::serve_recording(listener, store, recorder, stop.clone());
    let (ended, ()) = tokio::join!(api, edge::serve(edge, stop));
    ended.map_err(|error| Failure::caused(&error))
}

fn reset(args: &ResetArgs, terminal: &Terminal) -> Result<(), Failure> {
    let zones: Vec<String> = args.zones.iter().map(ToString::to_string).collect();
    let mut account = Account::enterprise(&zones, args.quota);
    args.lag.set(&mut account);
    let store = Store::at(&args.folder.dir);
    store.reset(account).map_err(|error| unusable(&error))?;
    terminal.say(&format!(
        "Made the offline account in {} anew: zones {}, room for {}. Tokens made before are refused.",
        args.folder.dir.display(),
        words::list(&zones),
        words::count(args.quota, "CA"),
    ));
    Ok(())
}

fn show(args: &ShowArgs, terminal: &Terminal) -> Result<(), Failure> {
    let account = Store::at(&args.folder.dir)
        .account()
        .map_err(|error| unusable(&error))?;
    if args.format.is_for_programs() {
        let json = serde_json::to_string_pretty(&sandbox::view(&account))
            .map_err(|error| Failure::caused(&error))?;
        return terminal.document(&format!("{json}\n"));
    }
    terminal.print(&sandbox::show(&account))
}

/// The token alone on stdout, so that a shell can take it.
fn token(args: &TokenArgs, terminal: &Terminal) -> Result<(), Failure> {
    let kind = if args.account_owned {
        TokenKind::Account
    } else {
        TokenKind::User
    };
    let token = Store::at(&args.folder.dir)
        .mint_token(&args.without, kind)
        .map_err(|error| unusable(&error))?;
    terminal.print(&format!("{}\n", token.expose_secret()))
}

/// As the sandbox takes it; what was not given is no lag.
fn signed(time: Option<Duration>) -> SignedDuration {
    SignedDuration::try_from(time.unwrap_or_default()).unwrap_or(SignedDuration::MAX)
}

impl LagArgs {
    /// Sets what was given; without any, the account keeps what it has.
    fn set(&self, account: &mut Account) {
        let Self {
            lag_hosts,
            lag_certificates,
            lag_in_use,
        } = self;
        if lag_hosts.is_some() || lag_certificates.is_some() || lag_in_use.is_some() {
            account.set_lag(Lag {
                associations: signed(*lag_hosts),
                certificates: signed(*lag_certificates),
                in_use: signed(*lag_in_use),
            });
        }
    }
}
