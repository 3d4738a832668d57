//! The command line: one file per command, and the only place that reads the environment or prints.

pub mod apply;
pub mod audit;
pub mod completions;
pub mod doctor;
pub mod drift;
pub mod explain;
pub mod graph;
pub mod import;
pub mod init;
pub mod man;
pub mod plan;
pub mod rotate;
pub mod sandbox;
pub mod schema;
pub mod status;
pub mod validate;
pub mod verify;

mod account;
mod actions;
mod consent;
mod embedded;
mod ending;
mod examples;
mod failure;
mod file;
mod format;
mod interrupt;
mod journal;
mod logs;
mod look;
mod probing;
mod progress;
mod reading;
mod saved;
mod target;
mod terminal;
mod time;

use std::process::ExitCode;

use clap::CommandFactory as _;
use clap::FromArgMatches as _;
use clap::Parser;
use clap::Subcommand;
use tokio::runtime::Runtime;

use failure::Failure;
use logs::LogArgs;
use terminal::ColorWhen;
use terminal::Terminal;

/// Bring-your-own-CA mTLS for Cloudflare API Shield, from one file
///
/// Compares mtls.yaml (CAs, hostnames, rules) with the live account, shows an ordered plan, and applies
/// it step by step. Every command that talks to an account takes --sandbox, which uses an offline
/// account instead, so all of it can be tried without a token.
#[derive(Parser)]
#[command(name = NAME, version, max_term_width = 100, after_help = AFTER_HELP)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// When to use colours; `auto` respects `NO_COLOR`
    #[arg(
        long,
        global = true,
        help_heading = "Output",
        value_enum,
        default_value_t,
        value_name = "WHEN"
    )]
    color: ColorWhen,
    #[command(flatten)]
    logs: LogArgs,
}

const AFTER_HELP: &str = "\
Examples:
  mtlsctl plan --sandbox -f mtls.yaml.example   try it without a token
  mtlsctl init                                  write a file of your own
  mtlsctl doctor                                is the token good for it
  mtlsctl plan                                  mtls.yaml and the live account
  mtlsctl apply --yes                           plan and apply in a pipeline
  mtlsctl plan --out plan.json                  a plan to be reviewed
  mtlsctl apply plan.json                       that very plan, or nothing
  mtlsctl drift                                 what differs, and how bad it is
  mtlsctl audit --account ID                    who gets in where
  mtlsctl explain --host api.example.com        which rule decides, and why

Environment:
  CLOUDFLARE_API_TOKEN   the API token (or --token-file)
  CLOUDFLARE_ACCOUNT_ID  the account that is looked at without a file
  CLOUDFLARE_BASE_URL    another API address, as Cloudflare's own SDKs read it
  NO_COLOR, COLUMNS      how text is shown

Exit codes: 0 done or nothing to do; 1 error, nothing was changed; 2 changes are
pending (plan --detailed-exitcode), drift, or something was found; 3 refused by
safety or a guard; 4 a reviewed plan is stale, or the account moved before the
first write; 5 stopped part-way.";

#[derive(Subcommand)]
enum Command {
    Init(init::InitArgs),
    Validate(validate::ValidateArgs),
    Plan(plan::PlanArgs),
    Apply(Box<apply::ApplyArgs>),
    Drift(drift::DriftArgs),
    Audit(audit::AuditArgs),
    Explain(explain::ExplainArgs),
    Import(import::ImportArgs),
    Status(status::StatusArgs),
    Verify(verify::VerifyArgs),
    Rotate(rotate::RotateArgs),
    Doctor(doctor::DoctorArgs),
    Graph(graph::GraphArgs),
    Sandbox(sandbox::SandboxArgs),
    Schema(schema::SchemaArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

/// What the program is called.
pub const NAME: &str = "mtlsctl";

/// Every command with its options and its help.
#[must_use]
pub fn command() -> clap::Command {
    examples::with_examples(Arguments::command())
}

/// Runs the command that the arguments name, and says how it ended.
#[must_use]
pub fn run() -> ExitCode {
    let parsed = command()
        .try_get_matches()
        .and_then(|matches| Arguments::from_arg_matches(&matches));
    let arguments = match parsed {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are answers, anything else is an error of usage.
            let code = u8::from(error.use_stderr());
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    let terminal = Terminal::new(arguments.color);
    arguments.logs.start();
    let ended = Runtime::new()
        .map_err(|error| Failure::error(format!("the asynchronous runtime cannot start: {error}")))
        .and_then(|runtime| runtime.block_on(dispatch(&arguments.command, &terminal)));
    match ended {
        Ok(code) => code,
        Err(failure) => {
            terminal.fail(&failure);
            ending::print(&arguments.command, &failure, &terminal);
            failure.exit_code()
        }
    }
}

async fn dispatch(command: &Command, terminal: &Terminal) -> Result<ExitCode, Failure> {
    match command {
        Command::Init(args) => init::run(args, terminal),
        Command::Validate(args) => validate::run(args, terminal),
        Command::Plan(args) => plan::run(args, terminal).await,
        Command::Apply(args) => apply::run(args, terminal).await,
        Command::Drift(args) => drift::run(args, terminal).await,
        Command::Audit(args) => audit::run(args, terminal).await,
        Command::Explain(args) => explain::run(args, terminal).await,
        Command::Import(args) => import::run(args, terminal).await,
        Command::Status(args) => status::run(args, terminal).await,
        Command::Verify(args) => verify::run(args, terminal).await,
        Command::Rotate(args) => rotate::run(args, terminal).await,
        Command::Doctor(args) => doctor::run(args, terminal).await,
        Command::Graph(args) => graph::run(args, terminal).await,
        Command::Sandbox(args) => sandbox::run(args, terminal).await,
        Command::Schema(args) => schema::run(args, terminal),
        Command::Completions(args) => completions::run(args, terminal),
        Command::Man(args) => man::run(args, terminal),
    }
}
