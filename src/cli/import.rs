//! `import`: a file made from a live account.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::io::Write as _;
use std::path::Path;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use jiff::Timestamp;
use tempfile::NamedTempFile;

use crate::cli::account::AccountArgs;
use crate::cli::account::Connection;
use crate::cli::account::Wanted;
use crate::cli::account::account_of_environment;
use crate::cli::failure::Failure;
use crate::cli::look;
use crate::cli::progress::Progress;
use crate::cli::terminal::Terminal;
use crate::cloudflare::Error;
use crate::cloudflare::Observer;
use crate::import;
use crate::import::FILE;
use crate::import::Import;
use crate::import::NotImported;
use crate::import::Wish;
use crate::live::Live;
use crate::live::Reading;
use crate::report::words;
use crate::resource::AccountId;
use crate::resource::DEFAULT_QUOTA;
use crate::resource::KeyId;
use crate::resource::Name;
use crate::resource::ZoneName;
use crate::resource::ZoneStatus;

/// Write a file that says what the account holds
///
/// Writes mtls.yaml and a PEM file for each CA: the uploaded CAs, the hosts that ask for their certificates,
/// and the rules about them, which the file takes over as they are (`adopt`). Planning it right after changes
/// nothing. What a file cannot say is listed with the reason, and left alone. The account is only read, and no
/// file is overwritten.
#[derive(Args)]
pub struct ImportArgs {
    /// The account, instead of `CLOUDFLARE_ACCOUNT_ID`
    #[arg(long = "account", value_name = "ID", value_parser = AccountId::parse)]
    account_id: Option<AccountId>,
    /// A zone that the file shall speak for, instead of all with such hosts; may be given several times
    #[arg(long = "zone", value_name = "ZONE", value_parser = ZoneName::parse)]
    zones: Vec<ZoneName>,
    /// Whose file it shall be; needed unless marks in the account name one owner
    #[arg(long, value_name = "NAME", value_parser = Name::parse)]
    owner: Option<Name>,
    /// How many CAs the account may hold, instead of 5
    #[arg(long, value_name = "N", value_parser = quota)]
    quota: Option<usize>,
    /// A key id of the CA that Cloudflare runs, where no rule pins it; may be given several times
    #[arg(long = "managed-key-id", value_name = "HEX", value_parser = key_id)]
    managed_key_ids: Vec<KeyId>,
    /// The folder to write to
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    #[command(flatten)]
    account: AccountArgs,
}

fn quota(text: &str) -> Result<usize, String> {
    let slots = text.parse().ok().filter(|slots| *slots >= 1);
    slots.ok_or_else(|| "the number of CA certificates in the contract, from 1 on".to_owned())
}

fn key_id(text: &str) -> Result<KeyId, String> {
    KeyId::parse(text).ok_or_else(|| {
        "no key id; an even number of hexadecimal digits, with or without colons".to_owned()
    })
}

pub(super) async fn run(args: &ImportArgs, terminal: &Terminal) -> Result<ExitCode, Failure> {
    // Before anything is read: it would be for nothing.
    refuse_existing(&args.out, [FILE])?;
    let connection = args.connect(terminal)?;
    let live = args.look(&connection, terminal).await?;
    let wish = args.wish();
    let import = import::import(&live, &wish).map_err(not_imported)?;
    write(&args.out, &import)?;
    terminal.print(&told(&args.out, &import, terminal.width()))?;
    terminal.say("Planning it now changes nothing: `mtlsctl plan` shows that, `mtlsctl audit` who gets in where.");
    Ok(ExitCode::SUCCESS)
}

impl ImportArgs {
    fn connect(&self, terminal: &Terminal) -> Result<Connection, Failure> {
        let account = match self.account_id.clone() {
            None if self.account.sandbox.is_none() => account_of_environment()?,
            account => account,
        };
        let (zones, origin) = if self.zones.is_empty() {
            let usual = ZoneName::parse("example.com");
            (usual.into_iter().collect(), "nothing says which")
        } else {
            (self.zones.clone(), "as --zone says")
        };
        let wanted = Wanted {
            account,
            zones,
            origin,
            quota: self.quota.unwrap_or(DEFAULT_QUOTA),
        };
        self.account.connect(&wanted, terminal)
    }

    fn wish(&self) -> Wish {
        let zones: BTreeSet<ZoneName> = self.zones.iter().cloned().collect();
        Wish {
            owner: self.owner.clone(),
            zones: (!zones.is_empty()).then_some(zones),
            quota: self.quota,
            managed_key_ids: self.managed_key_ids.iter().cloned().collect(),
            at: Timestamp::now(),
        }
    }

    /// Reads the certificate store, and rules and host lists of the zones.
    async fn look(&self, connection: &Connection, terminal: &Terminal) -> Result<Live, Failure> {
        let read =
            async |observer: &Observer<'_>, _: &Progress| self.read(observer, connection).await;
        let parallel = self.account.parallel();
        let (read, calls) = connection.read(parallel, terminal, read).await;
        let live = match read {
            Ok(live) => live,
            Err(error) => return Err(look::explain(&error, connection).await),
        };
        if let Some(zone) = self
            .zones
            .iter()
            .find(|zone| !live.zones.contains_key(zone))
        {
            let failure = Failure::error(format!(
                "account {} has no zone {zone} that the token shows",
                connection.account
            ));
            return Err(look::about_zones(failure, connection));
        }
        connection.say_read(calls, terminal);
        Ok(live)
    }

    async fn read(&self, observer: &Observer<'_>, connection: &Connection) -> Result<Live, Error> {
        let mut live = observer.account(&connection.account).await?;
        let zones = live.zones.iter();
        let wanted = zones.filter(|(name, zone)| {
            let is_wanted = self.zones.is_empty() || self.zones.contains(name);
            is_wanted && zone.zone.status == ZoneStatus::Active
        });
        let reading = Reading {
            needed: wanted.map(|(name, _)| name.clone()).collect(),
            ..Reading::default()
        };
        observer.rules(&mut live, &reading).await?;
        observer.lists(&mut live, &reading).await?;
        Ok(live)
    }
}

fn not_imported(why: NotImported) -> Failure {
    let failure = Failure::error(format!("{why}; nothing was written"));
    match why {
        NotImported::Owner { .. } => failure.hint(
            "choose it with --owner: the name that marks in the account what this file made, such as \
             `platform-mtls`",
        ),
        NotImported::WouldChange { .. } => failure.hint(
            "it is about things that carry this owner's mark, which no file may leave out: bring them in order \
             with the file that made them, or in the dashboard, and import again",
        ),
    }
}

/// A file below the folder, as people write it.
fn shown(folder: &Path, path: &str) -> String {
    if folder == Path::new(".") {
        return path.to_owned();
    }
    folder.join(path).display().to_string()
}

/// Names what is in the way.
fn refuse_existing<'a>(
    folder: &Path,
    paths: impl IntoIterator<Item = &'a str>,
) -> Result<(), Failure> {
    let there: Vec<String> = paths
        .into_iter()
        .filter(|path| fs::symlink_metadata(folder.join(path)).is_ok())
        .map(|path| shown(folder, path))
        .collect();
    if there.is_empty() {
        return Ok(());
    }
    let verb = if there.len() == 1 { "is" } else { "are" };
    Err(Failure::error(format!(
        "{} {verb} there already; nothing was written",
        words::list(&there)
    ))
    .hint("import never overwrites a file: name another folder with --out"))
}

/// Writes everything or nothing: each file lies ready beside its place before the first of them takes it.
fn write(folder: &Path, import: &Import) -> Result<(), Failure> {
    let certificates = import.certificates.iter();
    let mut files: BTreeMap<&str, &str> = certificates
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    files.insert(FILE, &import.text);
    refuse_existing(folder, files.keys().copied())?;
    let mut placed = Placed::default();
    placed.write(folder, &files).map_err(|error| {
        placed.take_back();
        Failure::error(format!(
            "{} cannot be written to: {error}; nothing was written",
            folder.display()
        ))
    })
}

/// What has been made so far, in its order.
#[derive(Default)]
struct Placed {
    folders: Vec<PathBuf>,
    files: Vec<PathBuf>,
}

impl Placed {
    fn write(&mut self, folder: &Path, files: &BTreeMap<&str, &str>) -> io::Result<()> {
        let mut ready: Vec<(NamedTempFile, PathBuf)> = Vec::new();
        for (path, text) in files {
            let path = folder.join(path);
            let above = path.parent().unwrap_or(folder);
            self.make_folder(above)?;
            let mut file = new_file(above)?;
            file.write_all(text.as_bytes())?;
            file.as_file().sync_all()?;
            ready.push((file, path));
        }
        for (file, path) in ready {
            file.persist_noclobber(&path).map_err(|error| error.error)?;
            self.files.push(path);
        }
        Ok(())
    }

    fn make_folder(&mut self, folder: &Path) -> io::Result<()> {
        let missing: Vec<&Path> = folder
            .ancestors()
            .take_while(|one| !one.as_os_str().is_empty() && !one.exists())
            .collect();
        for one in missing.into_iter().rev() {
            fs::create_dir(one)?;
            self.folders.push(one.to_owned());
        }
        Ok(())
    }

    /// Removes what was made, as far as that can be done.
    fn take_back(&self) {
        for file in &self.files {
            let _ = fs::remove_file(file);
        }
        for folder in self.folders.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

/// A file for everybody whom the machine lets read new files; a temporary one would be its owner's alone.
fn new_file(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

/// What was written, and what could not be said.
fn told(folder: &Path, import: &Import, width: usize) -> String {
    let sums = [
        words::count(import.certificates.len(), "CA"),
        words::count(import.hosts, "host"),
        words::count(import.rules, "rule"),
    ];
    let mut lines = vec![format!(
        "Wrote {}: {}.",
        shown(folder, FILE),
        words::list(&sums)
    )];
    let certificates = import.certificates.keys();
    lines.extend(certificates.map(|path| format!("Wrote {}.", shown(folder, path))));
    if !import.left_out.is_empty() {
        lines.push("Not in the file, and left as it is:".to_owned());
        for one in &import.left_out {
            lines.extend(
                words::wrap(&one.to_string(), 4, width)
                    .into_iter()
                    .enumerate()
                    .map(|(nth, line)| match nth {
                        0 => format!("  - {}", line.trim_start()),
                        _ => line,
                    }),
            );
        }
    }
    lines.join("\n") + "\n"
}
