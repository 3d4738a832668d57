//! `sandbox serve --edge`: the hosts of the offline account over TLS, for visitors.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use clap::ValueEnum;
use jiff::SignedDuration;
use jiff::Timestamp;
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::cli::failure::Failure;
use crate::cli::time;
use crate::edge::quoted;
use crate::sandbox::Store;
use crate::sandbox::edge::Edge;
use crate::sandbox::edge::EdgeOptions;
use crate::sandbox::edge::Reading;
use crate::sandbox::edge::serve_edge;

/// The edge of the account that is served.
#[derive(Args)]
#[command(next_help_heading = "Edge")]
pub(super) struct EdgeArgs {
    /// Serve the hosts of its zones over TLS, too; port 0 takes a free one
    ///
    /// Asks for client certificates where a CA is associated, evaluates the zone's custom rules, and answers
    /// what gets past them with JSON about what the edge saw.
    #[arg(long, value_name = "ADDR")]
    edge: Option<SocketAddr>,
    /// Longest time until a change reaches the edge, such as 30s; each change takes one of its own
    #[arg(
        long,
        value_name = "TIME",
        requires = "edge",
        default_value = "0s",
        value_parser = time::length
    )]
    edge_lag: Duration,
    /// What these times are drawn from; one that is not given is made up, and printed
    #[arg(long, value_name = "N", requires = "edge")]
    edge_seed: Option<u64>,
    /// Which certificates verify on a host that asks; Cloudflare does not document it
    #[arg(long, value_enum, default_value_t, requires = "edge")]
    reading: ReadingArg,
}

/// See [`Reading`].
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum ReadingArg {
    /// Those of CAs that are associated with the host
    #[default]
    PerHost,
    /// Those of any CA of the account
    AccountWide,
}

/// An edge with its listener.
pub(super) struct Opened {
    edge: Arc<Edge>,
    listener: TcpListener,
    /// How to reach it.
    pub(super) told: String,
}

impl EdgeArgs {
    /// Opens the edge, if there is to be one.
    pub(super) async fn open(&self, store: &Arc<Store>) -> Result<Option<Opened>, Failure> {
        let Some(address) = self.edge else {
            return Ok(None);
        };
        let options = EdgeOptions {
            lag: self.edge_lag,
            seed: self.edge_seed.unwrap_or_else(any_seed),
            reading: match self.reading {
                ReadingArg::PerHost => Reading::PerHost,
                ReadingArg::AccountWide => Reading::AccountWide,
            },
        };
        // First, so that a port that is taken leaves everything as it was.
        let listener = TcpListener::bind(address)
            .await
            .map_err(|error| Failure::error(format!("cannot listen on {address}: {error}")))?;
        let edge =
            Edge::new(Arc::clone(store), options).map_err(|error| Failure::caused(&error))?;
        let address = listener
            .local_addr()
            .map_err(|error| Failure::caused(&error))?;
        let snapshot = edge.snapshot(Timestamp::now());
        let told = format!(
            "edge      {address}\nedge CA   {}\nedge lag  {:#}, seed {}, reading {}\ntry       {}\n\
             managed   {}: client.pem and revoked.pem with their keys, key id {}\n",
            edge.ca_path().display(),
            SignedDuration::try_from(options.lag).unwrap_or(SignedDuration::MAX),
            options.seed,
            options.reading.word(),
            curl(
                &edge.ca_path(),
                address,
                snapshot.example().unwrap_or("HOST")
            ),
            edge.managed().folder().display(),
            edge.managed().key_id(),
        );
        Ok(Some(Opened {
            edge: Arc::new(edge),
            listener,
            told,
        }))
    }
}

/// Serves an edge until `stop` is ready.
pub(super) async fn serve(opened: Option<Opened>, stop: impl Future<Output = ()>) {
    if let Some(Opened { edge, listener, .. }) = opened {
        serve_edge(listener, edge, stop).await;
    }
}

fn any_seed() -> u64 {
    Uuid::new_v4().as_u64_pair().0
}

/// A request to a host, whatever its name resolves to.
fn curl(ca: &Path, address: SocketAddr, host: &str) -> String {
    format!(
        "curl --cacert {} --connect-to ::{address} https://{host}/",
        quoted(&ca.display().to_string())
    )
}
