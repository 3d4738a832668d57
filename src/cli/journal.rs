//! The journal of runs: a file to which what happens is appended, line by line.
//!
//! A line is on the disk before the step that it announces is sent, so that what may be half-way shows even
//! after a crash. Each line is written by one call at the end of the file, so that two runs never mix lines.

use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::Read as _;
use std::io::Seek as _;
use std::io::SeekFrom;
use std::io::Write as _;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use jiff::Timestamp;
use uuid::Uuid;

use crate::cli::failure::Failure;
use crate::plan::Plan;
use crate::report::journal;
use crate::report::journal::Began;
use crate::report::journal::Stamp;
use crate::report::journal::Told;
use crate::resource::AccountId;
use crate::resource::Digest;

/// A journal that can be written to.
pub(super) struct Journal {
    path: PathBuf,
    file: Mutex<File>,
    run: String,
    is_broken: AtomicBool,
}

impl Journal {
    /// Opens the file, which is made where there is none. It holds no secret, so it gets the permissions that
    /// other files of this user get.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let file = ready(path).map_err(|error| unusable(path, &error))?;
        Ok(Self {
            path: path.to_owned(),
            file: Mutex::new(file),
            run: Uuid::new_v4().to_string(),
            is_broken: AtomicBool::new(false),
        })
    }

    /// Writes down that a run begins. Nothing has been changed yet, so a journal that cannot tell of it ends
    /// the command.
    pub(super) fn begin(
        &self,
        plan: &Plan,
        digest: &Digest,
        account: &AccountId,
    ) -> Result<(), Failure> {
        let who = first_of(&["GITHUB_ACTOR", "GITLAB_USER_LOGIN", "USER"]);
        let commit = first_of(&["GITHUB_SHA", "CI_COMMIT_SHA"]);
        let began = Began {
            who: who.as_deref(),
            commit: commit.as_deref(),
            plan: digest,
            account,
        };
        self.append(plan, Told::Began(began)).map_err(|error| {
            Failure::error(format!("{}; nothing was changed", self.broken(&error)))
        })
    }

    /// Writes down what happened. A run does not end for its journal: that it cannot be written to is warned
    /// of once.
    pub(super) fn tell(&self, plan: &Plan, told: Told<'_>, warn: impl Fn(&str)) {
        if let Err(error) = self.append(plan, told)
            && !self.is_broken.swap(true, Ordering::Relaxed)
        {
            warn(&format!(
                "warning: {}; the run goes on",
                self.broken(&error)
            ));
        }
    }

    fn append(&self, plan: &Plan, told: Told<'_>) -> io::Result<()> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = Stamp {
            run: &self.run,
            at: Timestamp::now(),
        };
        file.write_all(journal::line(stamp, plan, told).as_bytes())?;
        // A pipe or a device has nothing to bring to a disk.
        let _ = file.sync_data();
        Ok(())
    }

    fn broken(&self, error: &io::Error) -> String {
        let path = self.path.display();
        format!("the journal {path} cannot be written to: {error}")
    }
}

fn unusable(path: &Path, error: &io::Error) -> Failure {
    let path = path.display();
    Failure::error(format!(
        "the journal {path} cannot be opened: {error}; nothing was changed"
    ))
}

/// The file, with a new line at its end, also where an earlier run was cut off in the middle of one.
fn ready(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let mut file = options.append(true).create(true).open(path)?;
    if is_cut_off(path)? {
        file.write_all(b"\n")?;
    }
    Ok(file)
}

fn is_cut_off(path: &Path) -> io::Result<bool> {
    // Of a pipe nothing can be read here, and nothing has to be.
    let metadata = path.metadata()?;
    if !metadata.is_file() || metadata.len() == 0 {
        return Ok(false);
    }
    let Ok(mut file) = File::open(path) else {
        // Whoever may append may not always read.
        return Ok(false);
    };
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

/// The first of these environment variables that says something.
fn first_of(names: &[&str]) -> Option<String> {
    let values = names.iter().filter_map(|name| std::env::var(name).ok());
    let mut said = values.filter(|value| !value.trim().is_empty());
    said.next()
}
