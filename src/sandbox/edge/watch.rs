//! The edge of the account in a folder: its view, kept up to date. Asks the file system, and is told the
//! moment.

use std::fmt;
use std::fs;
use std::fs::File;
use std::fs::Metadata;
use std::fs::OpenOptions;
use std::fs::TryLockError;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::RwLock;
use std::time::Duration;
use std::time::SystemTime;

use bytes::Bytes;
use http::Response;
use jiff::Timestamp;

use crate::sandbox::edge::Reading;
use crate::sandbox::edge::credential::Credential;
use crate::sandbox::edge::delays::Delays;
use crate::sandbox::edge::managed_ca::ManagedCa;
use crate::sandbox::edge::snapshot::Snapshot;
use crate::sandbox::edge::tls::Tls;
use crate::sandbox::edge::view::View;
use crate::sandbox::edge::visit::Visit;
use crate::sandbox::store::STATE;
use crate::sandbox::store::Store;
use crate::sandbox::store_error::StoreError;

/// The name of the file with the certificate that clients have to trust.
const CA_FILE: &str = "edge-ca.pem";

/// The name of the file that an edge holds while it is served.
const LOCK: &str = "edge.lock";

/// How an edge behaves.
#[derive(Clone, Copy, Debug, Default)]
pub struct EdgeOptions {
    /// The longest time that a change takes to reach it.
    pub lag: Duration,
    /// What the delays are drawn from: the same changes in the same order take the same times.
    pub seed: u64,
    /// Which certificates are verified.
    pub reading: Reading,
}

/// Why there can be no edge.
#[derive(Debug, thiserror::Error)]
pub enum EdgeError {
    /// There is no account to show.
    #[error("the edge has no account to show")]
    Store(#[from] StoreError),
    /// Another one is there, whose certificate clients have been told to trust.
    #[error(
        "another edge of the account in {} is served already; stop it, or serve an account in another folder",
        folder.display()
    )]
    Served {
        /// The folder of the account.
        folder: PathBuf,
    },
    /// The certificate cannot be left for clients.
    #[error("cannot write {}; the edge needs a folder that can be written to", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The managed CA cannot be read.
    #[error("cannot read the managed CA in {}; remove the folder, and it is made anew", folder.display())]
    Managed {
        /// Where it is kept.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A certificate cannot be made.
    #[error("cannot make a certificate for the edge")]
    Certificate(#[from] rcgen::Error),
    /// The handshake cannot be set up.
    #[error("cannot set up TLS for the edge")]
    Tls(#[from] rustls::Error),
}

/// The edge of an account on disk. Whoever changes the account, in this process or another, changes it too,
/// once the lag has passed.
pub struct Edge {
    store: Arc<Store>,
    reading: Reading,
    lags: bool,
    tls: Tls,
    managed: Arc<ManagedCa>,
    /// Held as long as the edge is there.
    _lock: File,
    published: RwLock<Published>,
    notes: Mutex<Notes>,
}

/// What requests are answered from.
struct Published {
    snapshot: Arc<Snapshot>,
    /// The file that it is from.
    file: Option<FileState>,
    next_arrival: Option<Timestamp>,
}

/// What the next snapshot is made from.
struct Notes {
    view: View,
    delays: Delays,
}

/// By which a file is known to be another one than before.
#[derive(Clone, PartialEq, Eq)]
struct FileState {
    length: u64,
    modified: Option<SystemTime>,
    number: u64,
}

impl Edge {
    /// The edge of the account in `store`, which has arrived there as it is now. Leaves the certificate of
    /// its throw-away CA in the folder, and the managed CA with its clients.
    ///
    /// # Errors
    /// There is no account, or the folder cannot be written to.
    pub fn new(store: Arc<Store>, options: EdgeOptions) -> Result<Self, EdgeError> {
        let EdgeOptions { lag, seed, reading } = options;
        let tls = Tls::new()?;
        let lock = lock(&store)?;
        let file = FileState::of(&store);
        let view = View::of(&store.account()?);
        let managed = Arc::new(ManagedCa::kept_in(store.folder())?);
        let view = view.with_managed(Arc::clone(&managed));
        let path = store.folder().join(CA_FILE);
        fs::write(&path, tls.ca_pem()).map_err(|source| EdgeError::Write { path, source })?;
        Ok(Self {
            reading,
            lags: !lag.is_zero(),
            tls,
            managed,
            _lock: lock,
            published: RwLock::new(Published {
                snapshot: Arc::new(view.snapshot()),
                file,
                next_arrival: None,
            }),
            notes: Mutex::new(Notes {
                view,
                delays: Delays::up_to(lag, seed),
            }),
            store,
        })
    }

    /// The certificate that clients have to trust, in PEM.
    #[must_use]
    pub fn ca_pem(&self) -> String {
        self.tls.ca_pem()
    }

    /// The file that it was written to.
    #[must_use]
    pub fn ca_path(&self) -> PathBuf {
        self.store.folder().join(CA_FILE)
    }

    /// The CA that Cloudflare runs.
    #[must_use]
    pub fn managed(&self) -> &ManagedCa {
        &self.managed
    }

    /// What has arrived by now. As long as nothing new is due, this costs one look at the folder.
    #[must_use]
    pub fn snapshot(&self, now: Timestamp) -> Arc<Snapshot> {
        let file = FileState::of(&self.store);
        {
            let published = self
                .published
                .read()
                .unwrap_or_else(PoisonError::into_inner);
            let is_due = published.next_arrival.is_some_and(|due| due <= now);
            if published.file == file && !is_due {
                return Arc::clone(&published.snapshot);
            }
        }
        self.look(now)
    }

    /// Reads the account whether or not its file seems to have changed, and gives what has arrived by now. Changes
    /// set out when the account was last written, however late that is noticed.
    pub fn look(&self, now: Timestamp) -> Arc<Snapshot> {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        // Before the file is read: what is written meanwhile is looked at next time.
        let file = FileState::of(&self.store);
        let mut view = std::mem::take(&mut notes.view);
        match self.store.account() {
            Ok(account) => {
                // After the file is read: a change never sets out before it was made.
                let written = FileState::of(&self.store).and_then(|file| file.written());
                let since = written.map_or(now, |written| written.min(now));
                view = view.noting(&account, since, &mut notes.delays);
            }
            // The edge goes on with what it has, as it would without the API.
            Err(error) => tracing::warn!(%error, "the edge cannot read the account"),
        }
        notes.view = view.at(now);
        let mut published = self
            .published
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *published = Published {
            snapshot: Arc::new(notes.view.snapshot()),
            file,
            next_arrival: notes.view.next_arrival(),
        };
        Arc::clone(&published.snapshot)
    }

    /// Answers one request, as [`Snapshot::answer`] does.
    #[must_use]
    pub fn answer(
        &self,
        visit: &Visit,
        credential: Option<&Credential>,
        now: Timestamp,
    ) -> Response<Bytes> {
        self.snapshot(now)
            .answer(visit, credential, self.reading, now)
    }

    /// Whether changes take time to arrive; otherwise whoever asks sees all of them.
    pub(crate) fn lags(&self) -> bool {
        self.lags
    }

    pub(crate) fn reading(&self) -> Reading {
        self.reading
    }

    pub(crate) fn tls(&self) -> &Tls {
        &self.tls
    }
}

/// Keeps others from serving an edge of the same account.
fn lock(store: &Store) -> Result<File, EdgeError> {
    // Whether there is an account is asked first: only its folder is locked.
    store.account()?;
    let path = store.folder().join(LOCK);
    let folder = store.folder().to_owned();
    match OpenOptions::new().create(true).append(true).open(&path) {
        Ok(file) => match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(EdgeError::Served { folder }),
            Err(TryLockError::Error(source)) => Err(EdgeError::Write { path, source }),
        },
        Err(source) => Err(EdgeError::Write { path, source }),
    }
}

impl fmt::Debug for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Edge")
            .field("store", &self.store)
            .field("reading", &self.reading)
            .finish_non_exhaustive()
    }
}

impl FileState {
    /// `None` if there is no file.
    fn of(store: &Store) -> Option<Self> {
        let path: &Path = store.folder();
        let found = fs::metadata(path.join(STATE)).ok()?;
        Some(Self {
            length: found.len(),
            modified: found.modified().ok(),
            number: number(&found),
        })
    }

    /// When it was written, by the clock of its file system.
    fn written(&self) -> Option<Timestamp> {
        Timestamp::try_from(self.modified?).ok()
    }
}

/// Every write makes a new file, and two that exist at a time have different numbers.
#[cfg(unix)]
fn number(file: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(file)
}

#[cfg(not(unix))]
fn number(_file: &Metadata) -> u64 {
    0
}
