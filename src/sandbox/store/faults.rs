//! The armed faults in the folder of an account: a file beside it, under the same lock.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use bytes::Bytes;
use http::Request;
use jiff::Timestamp;

use crate::sandbox::fault::Desk;
use crate::sandbox::fault::Exchange;
use crate::sandbox::fault::Faults;
use crate::sandbox::fault::exchange;
use crate::sandbox::store::Store;
use crate::sandbox::store_error::StoreError;

const FAULTS: &str = "faults.json";

impl Store {
    /// What is armed, and how often each acted.
    ///
    /// # Errors
    /// If there is no sandbox, or it cannot be read.
    pub fn faults(&self) -> Result<Faults, StoreError> {
        let _locked = self.lock()?;
        self.load_faults()
    }

    /// Changes what is armed; whoever serves the folder goes by it from the next request on.
    ///
    /// # Errors
    /// If there is no sandbox, or it cannot be read or written; then nothing was changed.
    pub fn update_faults<T>(&self, change: impl FnOnce(&mut Faults) -> T) -> Result<T, StoreError> {
        let _locked = self.lock()?;
        let mut faults = self.load_faults()?;
        let value = change(&mut faults);
        self.save_faults(&faults)?;
        Ok(value)
    }

    /// What becomes of a request as it comes from the network, with what is armed. The counters are kept even
    /// where the account stays as it was.
    pub(crate) fn exchange_with_faults(
        &self,
        request: &Request<Bytes>,
        now: Timestamp,
    ) -> Result<Exchange, StoreError> {
        let (mut memory, _lock) = self.lock()?;
        let mut account = self.load(&mut memory)?;
        let mut faults = self.load_faults()?;
        let before = faults.clone();
        let memory = &mut *memory;
        let desk = Desk {
            account: &mut account,
            limiter: &mut memory.limiter,
            past: &mut memory.past,
            faults: &mut faults,
        };
        let exchange = exchange(desk, request, now);
        if faults != before {
            self.save_faults(&faults)?;
        }
        self.save_if_changed(memory, account)?;
        Ok(exchange)
    }

    /// A folder without the file has none armed.
    fn load_faults(&self) -> Result<Faults, StoreError> {
        let path = self.faults_path();
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(source) if source.kind() == ErrorKind::NotFound => return Ok(Faults::default()),
            Err(source) => return Err(StoreError::Read { path, source }),
        };
        serde_json::from_slice(&bytes).map_err(|source| StoreError::Corrupt { path, source })
    }

    /// Leaves nothing armed, readable or not.
    pub(super) fn disarm(&self) -> Result<(), StoreError> {
        if self.faults_path().exists() {
            self.save_faults(&Faults::default())?;
        }
        Ok(())
    }

    fn save_faults(&self, faults: &Faults) -> Result<(), StoreError> {
        self.write(&self.faults_path(), faults).map(|_| ())
    }

    fn faults_path(&self) -> PathBuf {
        self.folder().join(FAULTS)
    }
}
