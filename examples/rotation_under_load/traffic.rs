//! Clients of every kind on every host, each in a loop: a new connection, one request, its answer.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use rustls::ClientConfig;
use rustls::RootCertStore;
use rustls::client::Resumption;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::ServerName;
use rustls::pki_types::pem::PemObject as _;
use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::task::JoinError;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::account::Account;
use crate::authorities::Authorities;
use crate::authorities::Identity;
use crate::judge::Seen;
use crate::judge::Seens;
use crate::story::HOSTS;
use crate::story::Who;

/// Whoever has no answer by then has none.
const PATIENCE: Duration = Duration::from_secs(10);

/// All loops, with one clock.
pub(crate) struct Traffic {
    clock: Instant,
    sent: Arc<AtomicU64>,
    ends: Arc<AtomicBool>,
    loops: Vec<(usize, Who, JoinHandle<Vec<Seen>>)>,
}

/// One kind of client on one host.
struct Client {
    edge: SocketAddr,
    host: &'static str,
    name: ServerName<'static>,
    tls: TlsConnector,
}

impl Traffic {
    pub(crate) fn start(
        account: &Account,
        authorities: &Authorities,
    ) -> Result<Self, Box<dyn Error>> {
        let mut traffic = Self {
            clock: Instant::now(),
            sent: Arc::default(),
            ends: Arc::default(),
            loops: Vec::new(),
        };
        let (edge, trusted) = account.edge()?;
        for who in Who::ALL {
            let tls = TlsConnector::from(Arc::new(config(&trusted, authorities.identity(who)?)?));
            for (number, host) in HOSTS.into_iter().enumerate() {
                let client = Client {
                    edge,
                    host,
                    name: ServerName::try_from(host)?,
                    tls: tls.clone(),
                };
                let running = tokio::spawn(client.run(
                    traffic.clock,
                    Arc::clone(&traffic.sent),
                    Arc::clone(&traffic.ends),
                ));
                traffic.loops.push((number, who, running));
            }
        }
        Ok(traffic)
    }

    pub(crate) fn now(&self) -> Duration {
        self.clock.elapsed()
    }

    /// How many requests have been answered.
    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Waits for that many more requests.
    pub(crate) async fn wait_for(&self, more: u64) {
        let until = self.sent() + more;
        while self.sent() < until {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Ends the loops, and gives what they saw.
    pub(crate) async fn end(self) -> Result<Seens, JoinError> {
        self.ends.store(true, Ordering::Relaxed);
        let mut seens = Seens::new();
        for (host, who, running) in self.loops {
            seens.insert((host, who), running.await?);
        }
        Ok(seens)
    }
}

impl Client {
    async fn run(self, clock: Instant, sent: Arc<AtomicU64>, ends: Arc<AtomicBool>) -> Vec<Seen> {
        let mut seens = Vec::new();
        while !ends.load(Ordering::Relaxed) {
            let began = clock.elapsed();
            let asked = timeout(PATIENCE, self.ask()).await;
            let got_in = asked.ok().and_then(Result::ok);
            let ended = clock.elapsed();
            seens.push(Seen {
                began,
                ended,
                got_in,
            });
            sent.fetch_add(1, Ordering::Relaxed);
        }
        seens
    }

    /// Whether a request gets in. Every one has a connection of its own, since TLS asks for a certificate when a
    /// connection begins and never again.
    async fn ask(&self) -> io::Result<bool> {
        let stream = TcpStream::connect(self.edge).await?;
        stream.set_nodelay(true)?;
        let mut stream = self.tls.connect(self.name.clone(), stream).await?;
        let request = format!(
            "GET / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            self.host
        );
        stream.write_all(request.as_bytes()).await?;
        let mut status = [0; 12];
        stream.read_exact(&mut status).await?;
        match &status[9..] {
            b"200" => Ok(true),
            b"403" => Ok(false),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }
}

fn config(trusted: &str, identity: Option<Identity>) -> Result<ClientConfig, Box<dyn Error>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(trusted.as_bytes())?)?;
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots);
    let mut config = match identity {
        Some(identity) => {
            builder.with_client_auth_cert(identity.chain, identity.key.clone_key())?
        }
        None => builder.with_no_client_auth(),
    };
    config.resumption = Resumption::disabled();
    Ok(config)
}
