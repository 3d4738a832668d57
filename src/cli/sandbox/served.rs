//! What `sandbox serve` does about faults and the record.

use std::fs::File;
use std::fs::OpenOptions;
use std::path::Path;
use std::path::PathBuf;

use clap::Args;

use crate::cli::failure::Failure;
use crate::cli::sandbox::fault::is_unseeded;
use crate::cli::sandbox::fault::know_zones;
use crate::cli::sandbox::fault::seeded;
use crate::cli::terminal::Terminal;
use crate::report::words;
use crate::sandbox::Fault;
use crate::sandbox::Faults;
use crate::sandbox::Recorder;
use crate::sandbox::Store;
use crate::sandbox::parse_faults;

/// What `serve` is told about faults.
#[derive(Args)]
pub(super) struct ServedFaults {
    /// Arm the faults of this file, and no others
    ///
    /// A list in YAML, of which `sandbox fault list` prints the form.
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,
    /// Append every request and its answer to this file, as JSON lines without tokens
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
}

impl ServedFaults {
    /// Arms the faults of the file, says what is armed, and opens the record.
    pub(super) fn prepare(
        &self,
        store: &Store,
        terminal: &Terminal,
    ) -> Result<Option<Recorder>, Failure> {
        if let Some(path) = &self.faults {
            let faults = read(path, terminal)?;
            know_zones(store, &faults)?;
            store
                .update_faults(|armed| *armed = Faults::new(faults))
                .map_err(|error| Failure::caused(&error))?;
        }
        let armed = store
            .faults()
            .map_err(|error| Failure::caused(&error))?
            .armed()
            .len();
        if armed > 0 {
            let (faults, are) = (
                words::count(armed, "fault"),
                if armed == 1 { "is" } else { "are" },
            );
            terminal.say(&format!(
                "{faults} {are} armed; `mtlsctl sandbox fault list` shows what they do."
            ));
        }
        let record = self.record.as_deref().map(open).transpose()?;
        Ok(record.map(Recorder::new))
    }
}

/// The faults of a file. Seeds that it leaves open are chosen and said.
fn read(path: &Path, terminal: &Terminal) -> Result<Vec<Fault>, Failure> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::error(format!("the file of faults {name} cannot be read: {error}"))
    })?;
    let faults = parse_faults(&name, &text).map_err(|error| Failure::caused(&error))?;
    let seeded = faults.into_iter().map(|fault| {
        let entry = fault.entry().clone();
        if !is_unseeded(&entry) {
            return Ok(fault);
        }
        let fault = Fault::check(seeded(entry)).map_err(|error| Failure::caused(&error))?;
        terminal.say(&format!("With a seed: {fault}"));
        Ok(fault)
    });
    seeded.collect()
}

fn open(path: &Path) -> Result<File, Failure> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    // Whoever sends a secret where none belongs finds it there.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|error| {
        Failure::error(format!(
            "the record {} cannot be written: {error}",
            path.display()
        ))
    })
}
