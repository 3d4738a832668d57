//! The account in a folder: one JSON file, one lock, many processes. Decides nothing about the API.

mod faults;

use std::fs;
use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::ErrorKind;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use bytes::Bytes;
use http::Request;
use http::Response;
use jiff::Timestamp;
use secrecy::SecretString;
use serde::Deserialize;
use serde::Serialize;
use tempfile::NamedTempFile;
use uuid::Uuid;

use crate::sandbox::account::Account;
use crate::sandbox::account::FORMAT_VERSION;
use crate::sandbox::fault::Past;
use crate::sandbox::front;
use crate::sandbox::permission::Permission;
use crate::sandbox::rate_limit::RateLimiter;
use crate::sandbox::store_error::StoreError;
use crate::sandbox::token::Caller;
use crate::sandbox::token::Token;
use crate::sandbox::token::TokenKind;

/// The file that holds all of it.
pub(crate) const STATE: &str = "sandbox.json";
const LOCK: &str = "sandbox.lock";

/// Keeps the folder out of every commit.
const IGNORE_ALL: &str = "*\n";

/// An offline account on disk.
///
/// Each call takes an exclusive lock, loads, acts, and writes the whole file anew if anything
/// changed: two processes on one folder see each other's writes and lose none. A reader of the file
/// never finds half of it.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    memory: Mutex<Memory>,
}

/// What is worth keeping between calls.
#[derive(Debug)]
struct Memory {
    limiter: RateLimiter,
    past: Past,
    /// The file as last read or written, and what it says.
    last: Option<(Vec<u8>, Account)>,
}

impl Store {
    /// The sandbox in `folder`. Nothing is read or made yet.
    #[must_use]
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        let memory = Memory {
            limiter: RateLimiter::default(),
            past: Past::default(),
            last: None,
        };
        Self {
            folder: folder.into(),
            memory: Mutex::new(memory),
        }
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes the sandbox from `account` unless there is one, and says whether it did.
    ///
    /// # Errors
    /// If the folder or a file in it cannot be made.
    pub fn create(&self, account: impl FnOnce() -> Account) -> Result<bool, StoreError> {
        let (mut memory, _lock) = self.lock_new()?;
        if self.state_path().exists() {
            return Ok(false);
        }
        self.save(&mut memory, account()).map(|()| true)
    }

    /// Replaces whatever is in the folder, readable or not, by `account`. Tokens handed out before
    /// are refused, and no fault is armed.
    ///
    /// # Errors
    /// If the folder or a file in it cannot be made.
    pub fn reset(&self, account: Account) -> Result<(), StoreError> {
        let (mut memory, _lock) = self.lock_new()?;
        self.disarm()?;
        self.save(&mut memory, account)
    }

    /// The account as it is now.
    ///
    /// # Errors
    /// If there is no sandbox, or it cannot be read.
    pub fn account(&self) -> Result<Account, StoreError> {
        let (mut memory, _lock) = self.lock()?;
        self.load(&mut memory)
    }

    /// Changes the account through `change`.
    ///
    /// # Errors
    /// If there is no sandbox, or it cannot be read or written; then nothing was changed.
    pub fn update<T>(&self, change: impl FnOnce(&mut Account) -> T) -> Result<T, StoreError> {
        let (mut memory, _lock) = self.lock()?;
        let mut account = self.load(&mut memory)?;
        let value = change(&mut account);
        self.save_if_changed(&mut memory, account)?;
        Ok(value)
    }

    /// Makes a token with every permission group but those of `without`. Only its hash is kept.
    ///
    /// # Errors
    /// As [`Store::update`].
    pub fn mint_token(
        &self,
        without: &[Permission],
        kind: TokenKind,
    ) -> Result<SecretString, StoreError> {
        let mut secret = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        secret.truncate(40);
        let mut token = Token::full(kind);
        token
            .permissions
            .retain(|permission| !without.contains(permission));
        self.update(|account| account.add_token(&secret, token))?;
        Ok(secret.into())
    }

    /// Answers a request as it comes from the network.
    ///
    /// # Errors
    /// As [`Store::update`].
    pub fn respond(
        &self,
        request: &Request<Bytes>,
        now: Timestamp,
    ) -> Result<Response<Bytes>, StoreError> {
        self.exchange(|account, limiter| front::respond(account, limiter, request, now))
    }

    /// Answers a request of `caller`, whatever its headers say.
    ///
    /// # Errors
    /// As [`Store::update`].
    pub fn respond_to(
        &self,
        caller: &Caller,
        request: &Request<Bytes>,
        now: Timestamp,
    ) -> Result<Response<Bytes>, StoreError> {
        self.exchange(|account, limiter| {
            front::respond_as(account, limiter, Ok(caller.clone()), request, now)
        })
    }

    fn exchange(
        &self,
        answer: impl FnOnce(&mut Account, &mut RateLimiter) -> Response<Bytes>,
    ) -> Result<Response<Bytes>, StoreError> {
        let (mut memory, _lock) = self.lock()?;
        let mut account = self.load(&mut memory)?;
        let response = answer(&mut account, &mut memory.limiter);
        self.save_if_changed(&mut memory, account)?;
        Ok(response)
    }

    fn state_path(&self) -> PathBuf {
        self.folder.join(STATE)
    }

    /// Locks a folder that may have to be made first.
    fn lock_new(&self) -> Result<(MutexGuard<'_, Memory>, File), StoreError> {
        let failed = |source| StoreError::Folder {
            path: self.folder.clone(),
            source,
        };
        fs::create_dir_all(&self.folder).map_err(failed)?;
        let ignore = self.folder.join(".gitignore");
        if !ignore.exists() {
            fs::write(&ignore, IGNORE_ALL).map_err(failed)?;
        }
        self.lock_file()
    }

    /// Locks a folder in which a sandbox should be.
    fn lock(&self) -> Result<(MutexGuard<'_, Memory>, File), StoreError> {
        if !self.state_path().exists() {
            return Err(StoreError::Missing {
                path: self.folder.clone(),
            });
        }
        self.lock_file()
    }

    /// First the threads of this process, then other processes. The lock goes when the file is
    /// closed.
    fn lock_file(&self) -> Result<(MutexGuard<'_, Memory>, File), StoreError> {
        let memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let path = self.folder.join(LOCK);
        let locked = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .and_then(|file| file.lock().map(|()| file));
        locked
            .map(|file| (memory, file))
            .map_err(|source| StoreError::Lock { path, source })
    }

    /// Reads the file, and parses it unless it is byte for byte what this store knows already.
    fn load(&self, memory: &mut Memory) -> Result<Account, StoreError> {
        let path = self.state_path();
        let bytes = fs::read(&path).map_err(|source| match source.kind() {
            ErrorKind::NotFound => StoreError::Missing {
                path: self.folder.clone(),
            },
            _ => StoreError::Read {
                path: path.clone(),
                source,
            },
        })?;
        if let Some((known, account)) = &memory.last
            && *known == bytes
        {
            return Ok(account.clone());
        }
        let account = parse(&bytes, &path)?;
        memory.last = Some((bytes, account.clone()));
        Ok(account)
    }

    fn save_if_changed(&self, memory: &mut Memory, account: Account) -> Result<(), StoreError> {
        match &memory.last {
            Some((_, known)) if *known == account => Ok(()),
            _ => self.save(memory, account),
        }
    }

    fn save(&self, memory: &mut Memory, account: Account) -> Result<(), StoreError> {
        let bytes = self.write(&self.state_path(), &account)?;
        memory.last = Some((bytes, account));
        Ok(())
    }

    /// Writes beside the file, then renames: all of it or nothing.
    fn write(&self, path: &Path, value: &impl Serialize) -> Result<Vec<u8>, StoreError> {
        let failed = |source| StoreError::Write {
            path: path.to_owned(),
            source,
        };
        let bytes = serde_json::to_vec_pretty(value).map_err(|source| failed(source.into()))?;
        write_atomically(&self.folder, path, &bytes).map_err(failed)?;
        Ok(bytes)
    }
}

fn parse(bytes: &[u8], path: &Path) -> Result<Account, StoreError> {
    /// The part that every version writes.
    #[derive(Deserialize)]
    struct Header {
        format_version: u32,
    }
    let corrupt = |source| StoreError::Corrupt {
        path: path.to_owned(),
        source,
    };
    let Header {
        format_version: found,
    } = serde_json::from_slice(bytes).map_err(corrupt)?;
    if !(1..=FORMAT_VERSION).contains(&found) {
        return Err(StoreError::Version {
            path: path.to_owned(),
            found,
        });
    }
    let account: Account = serde_json::from_slice(bytes).map_err(corrupt)?;
    Ok(account.renewed())
}

fn write_atomically(folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
