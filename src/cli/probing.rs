//! How hosts are connected to, for all commands that do: as which clients, where, and with which requests.

use std::collections::BTreeSet;
use std::fs;
use std::fs::File;
use std::io::Read as _;
use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::ValueEnum;
use http::Method;
use jiff::Timestamp;
use secrecy::SecretSlice;

use crate::cli::failure::Failure;
use crate::cli::terminal::Terminal;
use crate::cli::time;
use crate::handshake::Credential;
use crate::handshake::Family;
use crate::handshake::Http;
use crate::handshake::Prober;
use crate::resource::Hostname;
use crate::verify;
use crate::verify::Options;
use crate::verify::Presenter;
use crate::verify::Scope;
use crate::verify::Wish;

/// As whom, where and how hosts are connected to.
#[derive(Args)]
pub(super) struct ProbingArgs {
    /// A client: the name of its CA or any other, its certificate (perhaps with its chain) and its private key,
    /// both PEM; may be given several times
    ///
    /// Which CA issued it is read from the certificate. Clients of the CA that Cloudflare runs go by their names:
    /// `cloudflare-managed`, or `revoked` where the certificate was revoked.
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
    if verify::is_path(text) {
        return Ok(text.to_owned());
    }
    Err("no request can have this path; escape what is no plain character".to_owned())
}

fn limit(text: &str) -> Result<Duration, String> {
    let limit = time::length(text)?;
    if limit.is_zero() {
        return Err("nothing can be waited for that long".to_owned());
    }
    Ok(limit)
}

/// What was given to connect with, read and found to be in order.
pub(super) struct Probing<'a> {
    args: &'a ProbingArgs,
    prober: Prober,
    stranger: Presenter,
    given: Vec<(&'a ClientFiles, Credential)>,
}

impl ProbingArgs {
    /// Reads what is given, for connections to the hosts of a scope.
    pub(super) fn read(&self, scope: &Scope, terminal: &Terminal) -> Result<Probing<'_>, Failure> {
        let roots = self.cacert.as_deref().map(|path| read("--cacert", path));
        let roots = roots.transpose()?;
        let prober = Prober::trusting(roots.as_deref()).map_err(|error| {
            let what = match &self.cacert {
                Some(path) => format!("`--cacert {}`: {error}", path.display()),
                None => error.to_string(),
            };
            Failure::error(what).hint(if self.cacert.is_some() {
                "give the certificates of the CAs that servers are trusted by, in PEM"
            } else {
                "install the certificates of public CAs (package ca-certificates), or give PEM with --cacert"
            })
        })?;
        let mut resolved = self.resolve.iter().map(|(host, _)| host);
        if let Some(unknown) = resolved.find(|host| !scope.hosts.contains_key(*host)) {
            return Err(Failure::error(format!(
                "`--resolve {unknown}:…`: this host is not among those that are connected to"
            )));
        }
        let mut placed = BTreeSet::new();
        if let Some((twice, _)) = self.resolve.iter().find(|(host, _)| !placed.insert(host)) {
            return Err(Failure::error(format!(
                "`--resolve {twice}:…` is given twice"
            )));
        }
        Ok(Probing {
            args: self,
            prober,
            stranger: Presenter::stranger().map_err(|error| Failure::caused(&error))?,
            given: self.credentials(terminal)?,
        })
    }

    /// The clients that are given.
    fn credentials(&self, terminal: &Terminal) -> Result<Vec<(&ClientFiles, Credential)>, Failure> {
        let mut given: Vec<(&ClientFiles, Credential)> = Vec::new();
        for files in &self.clients {
            let ClientFiles {
                name,
                certificate,
                key,
            } = files;
            if given.iter().any(|(known, _)| known.name == *name) {
                return Err(Failure::error(format!("`--client {name}` is given twice")));
            }
            let chain = read("--client", certificate)?;
            let secret: SecretSlice<u8> = read("--client", key)?.into();
            let credential = Credential::from_pem(&chain, &secret);
            let credential = credential.map_err(|error| files.unusable(&error))?;
            if is_open(key) {
                terminal.say(&format!(
                    "warning: everybody on this machine may read the private key {}; `chmod 600` it",
                    key.display()
                ));
            }
            given.push((files, credential));
        }
        Ok(given)
    }
}

impl Probing<'_> {
    /// Whether it was said where a host is.
    pub(super) fn is_placed(&self, host: &Hostname) -> bool {
        self.args.resolve.iter().any(|(placed, _)| placed == host)
    }

    /// How the hosts of a scope are asked, so many at a time.
    pub(super) fn options(
        &self,
        scope: &Scope,
        at: Timestamp,
        parallel: usize,
    ) -> Result<Options, Failure> {
        let args = self.args;
        let blocked: BTreeSet<u16> = args.blocked.iter().copied().collect();
        Ok(Options {
            prober: self.prober.clone(),
            presenters: self.presenters(scope, at)?,
            wish: Wish {
                method: match args.method {
                    Verb::Get => Method::GET,
                    Verb::Head => Method::HEAD,
                },
                path: args.path.clone(),
                http: match args.http {
                    None => Http::Any,
                    Some(Version::One) => Http::One,
                    Some(Version::Two) => Http::Two,
                },
                sends_writes: args.send_writes,
            },
            addresses: args.resolve.iter().cloned().collect(),
            family: match (args.ipv4, args.ipv6) {
                (true, _) => Family::Ipv4,
                (_, true) => Family::Ipv6,
                _ => Family::Any,
            },
            limit: args.timeout,
            parallel,
            blocked: (!blocked.is_empty()).then_some(blocked),
        })
    }

    /// The clients that every run has, and those that are given.
    fn presenters(&self, scope: &Scope, at: Timestamp) -> Result<Vec<Presenter>, Failure> {
        let mut presenters = vec![Presenter::none(), self.stranger.clone()];
        for (files, credential) in &self.given {
            let presenter = Presenter::of(&files.name, credential.clone(), scope, at);
            presenters.push(presenter.map_err(|error| {
                files.unusable(&error).hint(
                    "put the intermediates below the certificate into its file, or give the client a name that \
                     is no CA's",
                )
            })?);
        }
        Ok(presenters)
    }
}

impl ClientFiles {
    fn unusable(&self, error: &dyn std::error::Error) -> Failure {
        let Self {
            name,
            certificate,
            key,
        } = self;
        Failure::error(format!(
            "`--client {name}`: {} and {}: {error}",
            certificate.display(),
            key.display()
        ))
    }
}

/// No file of certificates or keys is longer.
const LONGEST: u64 = 8 << 20;

fn read(flag: &str, path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let unreadable = |error: &dyn std::fmt::Display| {
        Failure::error(format!(
            "`{flag}`: {} cannot be read: {error}",
            path.display()
        ))
    };
    let file = File::open(path).map_err(|error| unreadable(&error))?;
    let read = file.take(LONGEST + 1).read_to_end(&mut bytes);
    read.map_err(|error| unreadable(&error))?;
    if bytes.len() as u64 > LONGEST {
        return Err(unreadable(&"it is longer than any certificate or key"));
    }
    Ok(bytes)
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
