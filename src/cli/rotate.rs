//! `rotate`: a CA gets a successor in the file, and the plan for that is shown.

use std::fs;
use std::io;
use std::path::Component;
use std::path::Path;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::cli::account::AccountArgs;
use crate::cli::consent::ConsentArgs;
use crate::cli::failure::Failure;
use crate::cli::file;
use crate::cli::file::FileArgs;
use crate::cli::file::Machine;
use crate::cli::look::Look;
use crate::cli::terminal::Terminal;
use crate::config;
use crate::config::CaContent;
use crate::config::Config;
use crate::config::Surroundings;
use crate::config::edit;
use crate::config::edit::Edited;
use crate::config::edit::NotEdited;
use crate::config::edit::Rotation;
use crate::report;
use crate::resource::Bundle;
use crate::resource::Name;

/// Give a CA its successor in the file, and show the plan
///
/// Replaces the content under NAME, so that the next apply accepts both until `min_overlap` is over. With
/// --retire the successor gets a name of its own (NAME-2) in every group that has NAME, and the old one goes
/// on that day. Comments and layout stay. The account is only read.
#[derive(Args)]
pub struct RotateArgs {
    /// The CA, by its name in the file
    #[arg(value_name = "NAME", value_parser = Name::parse)]
    name: Name,
    /// The PEM file of its successor
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// Keep the old one under its name, and let it count as absent from this day
    #[arg(long, value_name = "DATE", value_parser = day)]
    retire: Option<Date>,
    #[command(flatten)]
    file: FileArgs,
    #[command(flatten)]
    account: AccountArgs,
    #[command(flatten)]
    consent: ConsentArgs,
}

fn day(text: &str) -> Result<Date, String> {
    text.parse()
        .map_err(|_| "no day; write one such as 2099-01-31".to_owned())
}

pub(super) async fn run(args: &RotateArgs, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let path = args.file.path();
    let config = args.file.load(args.account.unset(), terminal)?;
    let at = Timestamp::now();
    let edited = args.edit(&config, at, terminal)?;
    write(path, &config, &edited.text)?;
    terminal.say(&format!("Wrote {}: {edited}.", path.display()));
    let shown = args.plan(at, terminal).await;
    shown.map_err(|failure| {
        failure.hint(format!(
            "{} is written all the same: {edited}",
            path.display()
        ))
    })
}

impl RotateArgs {
    /// The file as it shall be, read again and found to be as meant.
    fn edit(&self, config: &Config, at: Timestamp, terminal: &Terminal) -> Result<Edited, Failure> {
        self.content(config)?;
        let rotation = Rotation {
            name: self.name.clone(),
            to: within(self.file.path(), &self.to)?,
            retire: self.retire,
        };
        let edited = edit::rotate(config, &rotation).map_err(|error| not_edited(&error))?;
        let surroundings = Afterwards {
            path: self.file.path(),
            text: &edited.text,
        };
        let after = config::load(self.file.path(), &surroundings, self.account.unset());
        let after = match after {
            Ok(after) => after,
            Err(problems) => {
                return Err(FileArgs::failure(&problems, terminal)
                    .hint("nothing was written: this is what the file would be")
                    .hint(format!("by hand: {}", edited.by_hand())));
            }
        };
        if !edited.is_as_meant(config, &after) {
            return Err(Failure::error(format!(
                "{} is written in a way in which this edit cannot be made safely; nothing was written",
                self.file.path().display()
            ))
            .hint(format!("by hand: {}", edited.by_hand())));
        }
        usable(&after, &edited.name, at)?;
        Ok(edited)
    }

    /// Refuses what is no CA, and what the file has under this name already.
    fn content(&self, config: &Config) -> Result<(), Failure> {
        let unusable = |reason: String| {
            let to = self.to.display();
            Failure::error(format!(
                "{to} cannot be used: {reason}; nothing was written"
            ))
        };
        let bytes = config::read_file(&self.to).map_err(|error| unusable(error.to_string()))?;
        let text = String::from_utf8(bytes).map_err(|_| unusable("it is no text".to_owned()))?;
        let new = Bundle::from_pem(&text).map_err(|error| unusable(error.to_string()))?;
        let mut cas = config.cas.iter().filter_map(|ca| match &ca.content {
            CaContent::Uploaded { bundle, .. } => Some((&ca.name.value, &bundle.value)),
            CaContent::CloudflareManaged { .. } => None,
        });
        match cas.find(|(_, bundle)| **bundle == new) {
            Some((name, _)) => Err(unusable(format!("CA `{name}` has the same certificates"))),
            None => Ok(()),
        }
    }

    async fn plan(&self, at: Timestamp, terminal: &Terminal) -> Result<ExitCode, Failure> {
        let look = Look::at(at, &self.file, &self.account, terminal).await?;
        file::warn_of_gaps(&look.config, &look.observed.desired, terminal);
        let plan = look.plan(&self.consent.short_overlaps(), terminal)?;
        let width = terminal.width();
        terminal.print(&report::plan::text(&plan, width))?;
        terminal.print(&look.cost(width))?;
        look.approve(plan, &self.consent.given(), terminal)?;
        Ok(ExitCode::SUCCESS)
    }
}

fn not_edited(error: &NotEdited) -> Failure {
    let failure = Failure::error(format!("{error}; nothing was written"));
    match error {
        NotEdited::NoSuchCa { known, .. } => {
            let known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            failure.hint(format!("it has {}", report::words::list(&known)))
        }
        NotEdited::Managed { .. } | NotEdited::Path { .. } | NotEdited::NoName { .. } => failure,
    }
}

/// A CA that could not be uploaded is no successor.
fn usable(after: &Config, name: &Name, at: Timestamp) -> Result<(), Failure> {
    let pinned = after.pinned_cas().contains(name);
    let new = after.cas.iter().find(|ca| ca.name.value == *name);
    let Some(CaContent::Uploaded { bundle, .. }) = new.map(|ca| &ca.content) else {
        return Ok(());
    };
    match bundle.value.defects(at, pinned).first() {
        None => Ok(()),
        Some(defect) => Err(Failure::error(format!(
            "the new CA could not be uploaded: {defect}; nothing was written"
        ))),
    }
}

/// A file's path, counted from the folder of another one.
fn within(file: &Path, to: &Path) -> Result<String, Failure> {
    let whole = |path: &Path| {
        fs::canonicalize(path)
            .map_err(|error| Failure::error(format!("{} cannot be read: {error}", path.display())))
    };
    let (file, target) = (whole(file)?, whole(to)?);
    let folder: Vec<Component<'_>> = file
        .parent()
        .map_or_else(Vec::new, |folder| folder.components().collect());
    let parts: Vec<Component<'_>> = target.components().collect();
    let same = folder
        .iter()
        .zip(&parts)
        .take_while(|(one, other)| one == other);
    let shared = same.count();
    let up = folder.iter().skip(shared).map(|_| Component::ParentDir);
    let relative: PathBuf = up.chain(parts.into_iter().skip(shared)).collect();
    let text = relative.to_str().map(str::to_owned);
    text.ok_or_else(|| Failure::error(format!("the path {} is no UTF-8 text", to.display())))
}

/// This machine, once the file has been written.
struct Afterwards<'a> {
    path: &'a Path,
    text: &'a str,
}

impl Surroundings for Afterwards<'_> {
    fn variable(&self, name: &str) -> Option<String> {
        Machine.variable(name)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if path == self.path {
            return Ok(self.text.as_bytes().to_vec());
        }
        Machine.read(path)
    }
}

/// Writes the file as a whole or not at all, with the permissions it has.
fn write(path: &Path, config: &Config, text: &str) -> Result<(), Failure> {
    let failed = |error: io::Error| {
        Failure::error(format!(
            "{} cannot be written: {error}; it is as it was",
            path.display()
        ))
    };
    // What a link leads to is replaced, not the link.
    let path = fs::canonicalize(path).map_err(failed)?;
    let now = fs::read_to_string(&path).map_err(failed)?;
    let bare = now.strip_prefix('\u{feff}').unwrap_or(&now);
    if bare != config.source.text() {
        return Err(Failure::error(format!(
            "{} changed while it was read; nothing was written",
            path.display()
        ))
        .hint("run it again"));
    }
    let mark = now.strip_suffix(bare).unwrap_or_default();
    let beside = beside(&path);
    let permissions = fs::metadata(&path).map_err(failed)?.permissions();
    let written = fs::write(&beside, format!("{mark}{text}"))
        .and_then(|()| fs::set_permissions(&beside, permissions))
        .and_then(|()| fs::File::open(&beside)?.sync_all())
        .and_then(|()| fs::rename(&beside, &path));
    written.map_err(|error| {
        let _ = fs::remove_file(&beside);
        failed(error)
    })
}

/// A name for the new file in the same folder, so that taking the place of the old one is one step.
fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}", std::process::id()))
}
