//! `verify`: real connections to the hosts, with and without certificates.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use clap::ValueEnum;
use http::Method;
use jiff::Timestamp;
use secrecy::SecretSlice;

use crate::cli::failure::FOUND;
use crate::cli::failure::Failure;
use crate::cli::file::FileArgs;
use crate::cli::format;
use crate::cli::format::Format;
use crate::cli::terminal::Terminal;
use crate::cli::time;
use crate::config::UnsetAccount;
use crate::desired;
use crate::desired::Zones;
use crate::handshake::Credential;
use crate::handshake::Family;
use crate::handshake::Http;
use crate::handshake::Prober;
use crate::report;
use crate::resource::Hostname;
use crate::verify;
use crate::verify::Options;
use crate::verify::Presenter;
use crate::verify::Scope;
use crate::verify::Wish;

/// Connect to the hosts as their clients do, and compare
///
/// Opens real TLS connections to every host of the file: without a certificate, with one that nobody knows, and
/// with those that --client gives. Shows whether the host asks for a certificate and of which CAs, and who gets
/// in, held against what the file says on its own. The access tests of the file are sent as real requests. No
/// account is looked at, and no token needed. Private keys are read into memory, and are neither stored nor
/// logged. Exits with 2 when something is not as expected, a host that cannot be reached included.
#[derive(Args)]
pub struct VerifyArgs {
    #[command(flatten)]
    file: FileArgs,
    /// A host to connect to, instead of all of the file; may be given several times
    #[arg(long = "host", value_name = "HOST", value_parser = Hostname::parse)]
    hosts: Vec<Hostname>,
    /// A client: the name of its CA or any other, its certificate (perhaps with its chain) and its private key,
    /// both PEM; may be given several times
    #[arg(long = "client", value_name = "NAME=CERT,KEY", value_parser = client)]
    clients: Vec<ClientFiles>,
    /// Connect to this address instead of looking the host up; IPv6 in brackets; may be given several times
    #[arg(long = "resolve", value_name = "HOST:ADDR:PORT", value_parser = resolve)]
    resolve: Vec<(Hostname, SocketAddr)>,
    /// The path of requests, perhaps with a query
    #[arg(long, value_name = "PATH", default_value = "/", value_parser = path)]
    path: String,
    /// The method of requests
    #[arg(long, value_enum, default_value_t, value_name = "METHOD")]
    method: Verb,
    /// Send access tests too that expect to get in with a method that may change something at the origin
    #[arg(long)]
    send_writes: bool,
    /// How long connecting, the handshake and the answer may take each
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = limit)]
    timeout: Duration,
    /// How many hosts are asked at a time
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u8).range(1..=64))]
    parallel: u8,
    /// The HTTP version, instead of what the host prefers
    #[arg(long, value_enum, value_name = "VERSION")]
    http: Option<Version>,
    /// Take IPv4 addresses only
    #[arg(long, conflicts_with = "ipv6")]
    ipv4: bool,
    /// Take IPv6 addresses only
    #[arg(long)]
    ipv6: bool,
    /// A status that counts as blocked, instead of 403 and what the rules of the file answer with; may be given
    /// several times
    #[arg(long = "blocked-status", value_name = "STATUS", value_parser = clap::value_parser!(u16).range(100..=599))]
    blocked: Vec<u16>,
    /// Certificates in PEM that server certificates are trusted by, besides those of the system
    #[arg(long, value_name = "FILE")]
    cacert: Option<PathBuf>,
    /// How it is printed
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = format::one_of(format::OF_TESTS))]
    format: Format,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Verb {
    #[default]
    #[value(name = "GET", alias = "get")]
    Get,
    #[value(name = "HEAD", alias = "head")]
    Head,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Version {
    #[value(name = "1.1")]
    One,
    #[value(name = "2")]
    Two,
}

/// Where a client's certificate and key are.
#[derive(Debug, Clone)]
struct ClientFiles {
    name: String,
    certificate: PathBuf,
    key: PathBuf,
}

fn client(text: &str) -> Result<ClientFiles, String> {
    let parts = text.split_once('=').and_then(|(name, files)| {
        let (certificate, key) = files.split_once(',')?;
        let is_whole = ![name, certificate, key].contains(&"");
        is_whole.then_some((name, certificate, key))
    });
    let Some((name, certificate, key)) = parts else {
        return Err(
            "write a name and two files, such as `fleet-2026=client.pem,client.key`".to_owned(),
        );
    };
    if ["none", "stranger"].contains(&name) {
        return Err(format!("`{name}` is always there; choose another name"));
    }
    Ok(ClientFiles {
        name: name.to_owned(),
        certificate: certificate.into(),
        key: key.into(),
    })
}

fn resolve(text: &str) -> Result<(Hostname, SocketAddr), String> {
    let wrong = || {
        "write a host, an address and a port, such as `api.example.com:192.0.2.7:443` or \
         `api.example.com:[2001:db8::7]:443`"
            .to_owned()
    };
    let (host, address) = text.split_once(':').ok_or_else(wrong)?;
    let host = Hostname::parse(host).map_err(|error| error.to_string())?;
    Ok((host, address.parse().map_err(|_| wrong())?))
}

fn path(text: &str) -> Result<String, String> {
    if !text.starts_with('/') {
        return Err("a path begins with `/`".to_owned());
    }
    match text.parse::<http::uri::PathAndQuery>() {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => {
            Err("no request can have this path; escape what is no plain character".to_owned())
        }
    }
}

fn limit(text: &str) -> Result<Duration, String> {
    let limit = time::length(text)?;
    if limit.is_zero() {
        return Err("nothing can be waited for that long".to_owned());
    }
    Ok(limit)
}

pub(super) async fn run(args: &VerifyArgs, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let at = Timestamp::now();
    let config = args.file.load(UnsetAccount::Allowed, terminal)?;
    let desired = desired::resolve(&config, &Zones::of_file(), at)
        .map_err(|problems| FileArgs::failure(&problems, terminal))?;
    let mut scope = Scope::of_file(&desired, at);
    if !args.hosts.is_empty() {
        let only = scope.only(&args.hosts);
        scope = only.map_err(|error| {
            Failure::error(format!("`--host`: {error}"))
                .hint("leave --host out for all hosts of the file")
        })?;
    }
    let options = args.options(&scope, at, terminal)?;
    let seen = verify::run(&scope, &options).await;
    match args.format {
        Format::Json => terminal.document(&report::verify::json(&seen))?,
        Format::Junit => terminal.document(&report::verify::junit(&seen))?,
        _ => terminal.print(&report::verify::text(&seen, terminal.width()))?,
    }
    Ok(if seen.is_as_expected() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(FOUND)
    })
}

impl VerifyArgs {
    /// How it was asked to print.
    pub(super) fn format(&self) -> Format {
        self.format
    }

    fn options(
        &self,
        scope: &Scope,
        at: Timestamp,
        terminal: &Terminal,
    ) -> Result<Options, Failure> {
        let roots = self.cacert.as_deref().map(|path| read("--cacert", path));
        let roots = roots.transpose()?;
        let prober = Prober::trusting(roots.as_deref()).map_err(|error| {
            let what = match &self.cacert {
                Some(path) => format!("`--cacert {}`: {error}", path.display()),
                None => error.to_string(),
            };
            Failure::error(what).hint(
                "install the certificates of public CAs (package ca-certificates), or give PEM with --cacert",
            )
        })?;
        let addresses: BTreeMap<Hostname, SocketAddr> = self.resolve.iter().cloned().collect();
        if let Some(unknown) = addresses
            .keys()
            .find(|host| !scope.hosts.contains_key(host))
        {
            return Err(Failure::error(format!(
                "`--resolve {unknown}:…`: this host is not among those that are connected to"
            )));
        }
        let blocked: BTreeSet<u16> = self.blocked.iter().copied().collect();
        Ok(Options {
            prober,
            presenters: self.presenters(scope, at, terminal)?,
            wish: Wish {
                method: match self.method {
                    Verb::Get => Method::GET,
                    Verb::Head => Method::HEAD,
                },
                path: self.path.clone(),
                http: match self.http {
                    None => Http::Any,
                    Some(Version::One) => Http::One,
                    Some(Version::Two) => Http::Two,
                },
                sends_writes: self.send_writes,
            },
            addresses,
            family: match (self.ipv4, self.ipv6) {
                (true, _) => Family::Ipv4,
                (_, true) => Family::Ipv6,
                _ => Family::Any,
            },
            limit: self.timeout,
            parallel: usize::from(self.parallel),
            blocked: (!blocked.is_empty()).then_some(blocked),
        })
    }

    /// The clients that every run has, and those that are given.
    fn presenters(
        &self,
        scope: &Scope,
        at: Timestamp,
        terminal: &Terminal,
    ) -> Result<Vec<Presenter>, Failure> {
        let stranger = Presenter::stranger().map_err(|error| Failure::caused(&error))?;
        let mut presenters = vec![Presenter::none(), stranger];
        for files in &self.clients {
            let ClientFiles {
                name,
                certificate,
                key,
            } = files;
            if presenters.iter().any(|known| known.name() == name) {
                return Err(Failure::error(format!("`--client {name}` is given twice")));
            }
            let chain = read("--client", certificate)?;
            let secret: SecretSlice<u8> = read("--client", key)?.into();
            if is_open(key) {
                terminal.say(&format!(
                    "warning: everybody on this machine may read the private key {}; `chmod 600` it",
                    key.display()
                ));
            }
            let invalid = |error: &dyn std::error::Error| {
                Failure::error(format!(
                    "`--client {name}`: {} and {}: {error}",
                    certificate.display(),
                    key.display()
                ))
            };
            let credential =
                Credential::from_pem(&chain, &secret).map_err(|error| invalid(&error))?;
            let presenter = Presenter::of(name, credential, scope, at);
            presenters.push(presenter.map_err(|error| {
                invalid(&error).hint(
                    "put the intermediates below the certificate into its file, or give the client a name that \
                     is no CA's",
                )
            })?);
        }
        Ok(presenters)
    }
}

fn read(flag: &str, path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| {
        Failure::error(format!(
            "`{flag}`: {} cannot be read: {error}",
            path.display()
        ))
    })
}

/// Whether everybody may read a file.
#[cfg(unix)]
fn is_open(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o004 != 0)
}

/// Whether everybody may read a file; elsewhere that is not told by bits.
#[cfg(not(unix))]
fn is_open(_: &Path) -> bool {
    false
}
