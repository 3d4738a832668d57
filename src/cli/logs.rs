//! Logs: what the program does, request by request, on stderr.

use clap::Args;
use clap::ValueEnum;
use tracing_subscriber::EnvFilter;

/// What is logged, and how.
#[derive(Args)]
pub(crate) struct LogArgs {
    /// Log more: -v for notable events, -vv for every request, -vvv for everything
    #[arg(short, long, global = true, help_heading = "Output", action = clap::ArgAction::Count)]
    verbose: u8,
    /// The format of logs
    #[arg(
        long,
        global = true,
        help_heading = "Output",
        value_enum,
        default_value_t,
        value_name = "FORMAT"
    )]
    log_format: LogFormat,
}

/// How logs are written.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum LogFormat {
    /// Lines for people
    #[default]
    Text,
    /// One JSON object per line
    Json,
}

impl LogArgs {
    /// Begins to log to stderr.
    pub(super) fn start(&self) {
        let filter = EnvFilter::new(match self.verbose {
            0 => "mtlsctl=warn",
            1 => "mtlsctl=info",
            2 => "mtlsctl=debug",
            _ => "mtlsctl=trace,hyper=debug,reqwest=debug",
        });
        let logs = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(std::io::stderr);
        match self.log_format {
            LogFormat::Text => logs.with_ansi(false).with_target(false).init(),
            LogFormat::Json => logs.json().init(),
        }
    }
}
