//! Saved plans as commands take them: writing one, and holding one against what is there.

use std::fs;
use std::io;
use std::io::Write as _;
use std::path::Path;
use std::path::PathBuf;

use tempfile::Builder;

use crate::cli::failure::Failure;
use crate::cli::file::FileArgs;
use crate::cli::look::Look;
use crate::cli::terminal::Terminal;
use crate::config::Config;
use crate::desired;
use crate::plan::Allowed;
use crate::plan::Consent;
use crate::plan::Plan;
use crate::plan::Saved;
use crate::plan::saved::Planned;
use crate::report;
use crate::resource::Digest;

const PLAN_AGAIN: &str = "plan again, and have that plan reviewed";

/// A plan of what was looked at, as it is written down.
pub(super) fn of(
    look: &Look,
    plan: &Plan,
    (consent, allowed): (&Consent, &Allowed),
    terminal: &Terminal,
) -> Result<Saved, Failure> {
    let planned = Planned {
        plan,
        desired: &look.observed.desired,
        live: &look.observed.live,
        file: &meaning(&look.config, terminal)?,
        consent,
        allowed,
    };
    Ok(Saved::of(&planned, report::saved::lines(plan)))
}

fn meaning(config: &Config, terminal: &Terminal) -> Result<Digest, Failure> {
    desired::digest(config).map_err(|problems| FileArgs::failure(&problems, terminal))
}

/// Writes a plan file as a whole or not at all; what was there is replaced.
pub(super) fn write(path: &Path, saved: &Saved) -> Result<(), Failure> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let written = put(
        folder.unwrap_or(Path::new(".")),
        path,
        saved.text().as_bytes(),
    );
    written.map_err(|error| {
        let path = path.display();
        Failure::error(format!("the plan cannot be saved to {path}: {error}"))
    })
}

fn put(folder: &Path, path: &Path, text: &[u8]) -> io::Result<()> {
    let mut builder = Builder::new();
    builder.prefix(".mtlsctl-");
    readable(&mut builder);
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(text)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// There is no secret in it, and whoever applies it may be somebody else.
#[cfg(unix)]
fn readable(builder: &mut Builder<'_, '_>) {
    use std::os::unix::fs::PermissionsExt as _;
    builder.permissions(fs::Permissions::from_mode(0o644));
}

#[cfg(not(unix))]
fn readable(_: &mut Builder<'_, '_>) {}

/// A plan file that somebody wants to have applied.
pub(super) struct PlanFile {
    path: PathBuf,
    pub(super) saved: Saved,
}

impl PlanFile {
    /// Reads it; nothing but what `plan --out` wrote will do.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let unusable = |reason: String| {
            let path = path.display();
            Failure::error(format!(
                "{path} cannot be applied: {reason}; nothing was changed"
            ))
        };
        let bytes = fs::read(path).map_err(|error| unusable(error.to_string()))?;
        let saved = Saved::read(&bytes).map_err(|error| {
            unusable(error.to_string()).hint("`mtlsctl plan --out FILE` writes one")
        })?;
        Ok(Self {
            path: path.to_owned(),
            saved,
        })
    }

    /// The file has to mean what it meant.
    pub(super) fn is_for_file(&self, config: &Config, terminal: &Terminal) -> Result<(), Failure> {
        if *self.saved.file() == meaning(config, terminal)? {
            return Ok(());
        }
        Err(Failure::stale(format!(
            "{} is stale: {} asks for something else than when it was planned; nothing was changed",
            self.path.display(),
            config.source.path().display()
        ))
        .hint(PLAN_AGAIN))
    }

    /// What it rests on has to be there.
    pub(super) fn rests_on(&self, look: &Look, terminal: &Terminal) -> Result<(), Failure> {
        let account = &look.connection.account;
        if !self.saved.is_for(account) {
            return Err(Failure::error(format!(
                "{} was made for account {}, and this is account {account}; nothing was changed",
                self.path.display(),
                report::words::visible(self.saved.account()),
            )));
        }
        let observed = &look.observed;
        let then = self.saved.basis();
        let moved = then.moved(&then.again(&observed.desired, &observed.live));
        let moved: Vec<String> = moved.iter().map(ToString::to_string).collect();
        let sentence = "what it rests on moved since it was planned; nothing was changed";
        self.stale_if(&moved, sentence, terminal)
    }

    /// What would be done now has to be what it says.
    pub(super) fn has_steps_of(&self, now: &Saved, terminal: &Terminal) -> Result<(), Failure> {
        let moved = self.saved.steps_moved(now);
        let why = match self.saved.other_program() {
            Some(other) => format!("it was made by {other}"),
            None => "a date may have come, or the account differs where the plan had nothing to do"
                .into(),
        };
        let sentence = format!(
            "nothing that it rests on moved, and yet the steps would be others now: {why}; nothing was changed"
        );
        self.stale_if(&moved, &sentence, terminal)
    }

    fn stale_if(
        &self,
        moved: &[String],
        sentence: &str,
        terminal: &Terminal,
    ) -> Result<(), Failure> {
        if moved.is_empty() {
            return Ok(());
        }
        let sentence = format!("{} is stale: {sentence}", self.path.display());
        let text = report::stale::text(&sentence, moved, terminal.err_width());
        let all = format!("{sentence}: {}", moved.join("; "));
        Err(Failure::stale(text).laid_out(all).hint(PLAN_AGAIN))
    }
}

/// The plan has to be the one that was reviewed.
pub(super) fn is_expected(expected: &Digest, saved: &Saved) -> Result<(), Failure> {
    if saved.digest() == expected {
        return Ok(());
    }
    Err(Failure::stale(format!(
        "another plan was reviewed than this one, whose digest is {}; nothing was changed",
        saved.digest()
    ))
    .hint("the file, the account, what is allowed or the day is another: have this plan reviewed"))
}
