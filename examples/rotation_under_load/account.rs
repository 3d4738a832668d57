//! The offline account of the story: its API and its edge, served on this machine.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::OnceLock;
use std::time::Duration;

use jiff::Timestamp;
use mtlsctl::cloudflare::Client;
use mtlsctl::cloudflare::Network;
use mtlsctl::cloudflare::Settings;
use mtlsctl::cloudflare::Timeouts;
use mtlsctl::config;
use mtlsctl::config::Surroundings;
use mtlsctl::sandbox;
use mtlsctl::sandbox::Armed;
use mtlsctl::sandbox::Store;
use mtlsctl::sandbox::TokenKind;
use mtlsctl::sandbox::ZoneFacts;
use mtlsctl::sandbox::ZonePlan;
use mtlsctl::sandbox::ZoneStatus;
use mtlsctl::sandbox::edge::Edge;
use mtlsctl::sandbox::edge::EdgeOptions;
use mtlsctl::sandbox::edge::Reading;
use mtlsctl::sandbox::edge::serve_edge;
use secrecy::ExposeSecret as _;
use secrecy::SecretString;
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::authorities::Authorities;
use crate::story;
use crate::story::Stage;

/// What goes wrong with calls, as a file for `sandbox serve --faults`.
const FAULTS: &str = include_str!("faults.yaml");

/// The account, and a client for it.
pub(crate) struct Account {
    folder: TempDir,
    store: Arc<Store>,
    pub(crate) client: Client,
    pub(crate) base: String,
    pub(crate) token: SecretString,
    pub(crate) settle: Duration,
    edge: OnceLock<(SocketAddr, Arc<Edge>)>,
}

/// The files beside the account; no variable is set.
pub(crate) struct Files<'a> {
    folder: &'a Path,
    file: String,
}

impl Account {
    /// Makes it in a folder of its own, with the CAs' files in it, and serves its API.
    pub(crate) async fn start(
        authorities: &Authorities,
        settle: Duration,
    ) -> Result<Self, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        for (name, pem) in authorities.files() {
            std::fs::write(folder.path().join(name), pem)?;
        }
        let store = Arc::new(Store::at(folder.path().join("account")));
        store.create(|| {
            let mut account = sandbox::Account::new(sandbox::ACCOUNT_ID, "Load", 5);
            account.add_zone(ZoneFacts {
                name: "example.com".to_owned(),
                status: ZoneStatus::Active,
                paused: false,
                plan: ZonePlan::Enterprise,
                created_on: Timestamp::UNIX_EPOCH,
            });
            account
        })?;
        let token = store.mint_token(&[], TokenKind::Account)?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let base = format!("http://{}{}", listener.local_addr()?, sandbox::BASE_PATH);
        tokio::spawn(sandbox::serve(
            listener,
            Arc::clone(&store),
            std::future::pending(),
        ));
        let network = Network::new(&base, &token, Timeouts::default())?;
        Ok(Self {
            folder,
            store,
            client: Client::new(network, Settings::default()),
            base,
            token,
            settle,
            edge: OnceLock::new(),
        })
    }

    /// Serves its hosts, to which everything so far has got.
    pub(crate) async fn serve_edge(
        &self,
        reading: Reading,
        lag: Duration,
        seed: u64,
    ) -> Result<(), Box<dyn Error>> {
        let options = EdgeOptions { lag, seed, reading };
        let edge = Arc::new(Edge::new(Arc::clone(&self.store), options)?);
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        tokio::spawn(serve_edge(
            listener,
            Arc::clone(&edge),
            std::future::pending(),
        ));
        self.edge.get_or_init(|| (address, edge));
        Ok(())
    }

    /// Where its hosts are, and the certificate that is trusted there.
    pub(crate) fn edge(&self) -> Result<(SocketAddr, String), &'static str> {
        let (address, edge) = self.edge.get().ok_or("no edge is served")?;
        Ok((*address, edge.ca_pem()))
    }

    /// From now on calls of the API fail now and then.
    pub(crate) fn arm_faults(&self, seed: u64) -> Result<(), Box<dyn Error>> {
        let faults = FAULTS.replace("SEED", &seed.to_string());
        let faults = sandbox::parse_faults("faults.yaml", &faults)?;
        self.store.update_faults(|armed| {
            for fault in faults {
                armed.arm(fault);
            }
        })?;
        Ok(())
    }

    /// How often faults have acted on calls of the API by now.
    pub(crate) fn faults(&self) -> Result<u64, Box<dyn Error>> {
        let faults = self.store.faults()?;
        Ok(faults.armed().iter().map(Armed::fired).sum())
    }

    /// What the file of a stage is read from.
    pub(crate) fn files(&self, stage: &Stage) -> Files<'_> {
        Files {
            folder: self.folder.path(),
            file: story::header(sandbox::ACCOUNT_ID) + stage.file,
        }
    }

    pub(crate) fn token(&self) -> &str {
        self.token.expose_secret()
    }
}

impl Files<'_> {
    /// The file itself.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.join("mtls.yaml")
    }
}

impl Surroundings for Files<'_> {
    fn variable(&self, _: &str) -> Option<String> {
        None
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if path == self.path() {
            Ok(self.file.clone().into_bytes())
        } else {
            config::read_file(path)
        }
    }
}
