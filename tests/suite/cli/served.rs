//! The offline account, served over HTTP by the binary itself until dropped.

use std::io::BufRead as _;
use std::io::BufReader;
use std::net::SocketAddr;
use std::process::Child;
use std::process::Stdio;

use crate::support::project::Project;

/// A server, and what it printed about itself.
pub(crate) struct Served {
    child: Child,
    /// Its base URL.
    pub(crate) base: String,
    /// Its account.
    pub(crate) account: String,
    /// A token that may do everything.
    pub(crate) token: String,
    /// Its edge, if it was asked to serve one.
    pub(crate) edge: Option<ServedEdge>,
}

/// Where an edge is, and who answers for its certificates.
pub(crate) struct ServedEdge {
    pub(crate) at: SocketAddr,
    /// The file of its throw-away CA.
    pub(crate) ca: String,
    /// What it says of its lag, its seed and its reading.
    pub(crate) lag: String,
    /// A request that people can paste.
    pub(crate) example: String,
    /// What it says of the managed CA.
    pub(crate) managed: String,
}

impl Served {
    /// Serves the account kept in `account`, with these further arguments.
    pub(crate) fn start(project: &Project, arguments: &str) -> Self {
        let fixed = [
            "sandbox",
            "serve",
            "--dir",
            "account",
            "--listen",
            "127.0.0.1:0",
        ];
        let mut command = project.command(fixed.into_iter().chain(arguments.split_whitespace()));
        let mut child = command.stderr(Stdio::null()).spawn().expect("a server");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let mut after = |label: &str| {
            let line = lines.next().expect("a line").expect("text");
            let value = line
                .strip_prefix(label)
                .unwrap_or_else(|| panic!("`{line}` is not {label}"));
            value.trim().to_owned()
        };
        let (base, account) = (after("base URL"), after("account"));
        let _zones = after("zones");
        let token = after("token");
        let edge = arguments.contains("--edge ").then(|| ServedEdge {
            at: after("edge").parse().expect("an address"),
            ca: after("edge CA"),
            lag: after("edge lag"),
            example: after("try"),
            managed: after("managed"),
        });
        Self {
            child,
            base,
            account,
            token,
            edge,
        }
    }

    /// A project whose environment speaks of this server.
    #[must_use]
    pub(crate) fn environment(&self, project: Project) -> Project {
        project
            .variable("CLOUDFLARE_BASE_URL", &self.base)
            .variable("CLOUDFLARE_ACCOUNT_ID", &self.account)
            .variable("CLOUDFLARE_API_TOKEN", &self.token)
    }

    /// The example's project with a server for it.
    pub(crate) fn example(arguments: &str) -> (Self, Project) {
        let project = Project::example();
        let served = Self::start(&project, arguments);
        let project = served.environment(project);
        (served, project)
    }

    /// The number of its process.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
