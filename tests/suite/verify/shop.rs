//! A file with two CAs, its clients, and a server for its host.

use std::net::SocketAddr;

use crate::support::pki::ALWAYS;
use crate::support::pki::Authority;
use crate::support::pki::Leaf;
use crate::support::project::Project;
use crate::support::project::Ran;
use crate::support::tls::Manner;
use crate::support::tls::Server;

/// The host of the file.
pub(super) const HOST: &str = "api.example.com";

/// The file but for its access tests.
const FILE: &str = "\
version: 1
account: 9a7806061c88ada191ed06f989cc3dac
owner: shop
cas:
  - { name: fleet, certificates: fleet.pem }
  - { name: partner, certificates: partner.pem }
hostnames:
  - { name: shops, cas: [fleet], hosts: [api.example.com] }
rules:
  - { name: require-certificate, unless: http.request.uri.path eq \"/healthz\" }
";

/// A folder with the file, and who has a part in it.
pub(super) struct Shop {
    pub(super) project: Project,
    /// Who answers for servers.
    pub(super) web: Authority,
    /// The CA of the host.
    pub(super) fleet: Authority,
    /// A CA of the file that is not the host's.
    pub(super) partner: Authority,
    /// What a server of the host shows.
    pub(super) certificate: Leaf,
}

impl Shop {
    /// One with these access tests, as YAML.
    pub(super) fn new(tests: &str) -> Self {
        let fleet = Authority::new("Fleet CA");
        let partner = Authority::new("Partner CA");
        let web = Authority::new("Web CA");
        let project = Project::new()
            .with("mtls.yaml", format!("{FILE}{tests}"))
            .with("fleet.pem", fleet.pem())
            .with("partner.pem", partner.pem())
            .with("web.pem", web.pem());
        let shop = Self {
            certificate: web.server(HOST, ALWAYS),
            project,
            web,
            fleet,
            partner,
        };
        shop.give("fleet-client", &shop.fleet.client("a device", ALWAYS));
        shop.give("partner-client", &shop.partner.client("a partner", ALWAYS));
        shop
    }

    /// Writes a certificate and its key, which only its owner may read.
    pub(super) fn give(&self, name: &str, leaf: &Leaf) {
        self.project.write(&format!("{name}.pem"), &leaf.pem);
        let key = format!("{name}.key");
        self.project.write(&key, &leaf.key);
        close(&self.project, &key);
    }

    /// A server that behaves as the edge.
    pub(super) fn right(&self) -> Manner<'_> {
        Manner::right(&self.certificate, &self.fleet)
    }

    /// Starts a server.
    pub(super) fn serve(manner: &Manner<'_>) -> Server {
        let server = Server::start(manner);
        server.expect("an address on this machine")
    }

    /// Runs `verify` against an address, as clients of both CAs too.
    #[track_caller]
    pub(super) fn verify(&self, at: SocketAddr, more: &str) -> Ran {
        let clients = "--client fleet=fleet-client.pem,fleet-client.key \
                       --client partner=partner-client.pem,partner-client.key";
        self.verify_as(clients, at, more)
    }

    /// Runs `verify` against an address.
    #[track_caller]
    pub(super) fn verify_as(&self, clients: &str, at: SocketAddr, more: &str) -> Ran {
        self.project.run(&format!(
            "verify --cacert web.pem --resolve {HOST}:{at} {clients} {more}"
        ))
    }
}

/// Takes everybody else's right to read a file.
pub(super) fn close(project: &Project, path: &str) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(project.path(path), mode).expect("a file of ours");
    }
    #[cfg(not(unix))]
    let _ = (project, path);
}

/// A transcript without the port, which differs from run to run.
pub(super) fn told(ran: &Ran, at: SocketAddr) -> String {
    let port = at.port().to_string();
    assert_eq!(port.len(), 5, "lines break elsewhere with another port");
    ran.transcript().replace(&port, "PORT.")
}
