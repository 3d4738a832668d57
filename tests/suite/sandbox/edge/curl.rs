//! The binary's edge, visited by curl, which shares no code with it; what is visited was set up by `apply`.

use serde_json::Value;

use crate::cli::served::Served;
use crate::cli::served::ServedEdge;
use crate::sandbox::edge::pki::Pki;
use crate::sandbox::edge::pki::TestClient;
use crate::support::project::Project;

const FILE: &str = "\
version: 1
account: 5a4db0a55a4db0a55a4db0a55a4db0a5
owner: platform-mtls
cas:
  - { name: fleet, certificates: fleet.pem }
  - { name: partner, certificates: partner.pem }
hostnames:
  - { name: public-api, cas: [fleet], hosts: [api.example.com] }
  - { name: partners, cas: [partner], hosts: [pay.example.com] }
rules:
  - name: require-client-certificate
    unless: http.request.uri.path eq \"/healthz\"
    response: { status: 401, content_type: application/json, content: '{\"error\":\"no\"}' }
";

/// The binary, serving the account and its edge.
fn serve(project: &Project, arguments: &str) -> (Served, ServedEdge) {
    let arguments = format!("--edge 127.0.0.1:0 {arguments}");
    let mut served = Served::start(project, &arguments);
    let edge = served.edge.take().expect("an edge");
    (served, edge)
}

fn project() -> Project {
    let pki = Pki::shared();
    let stranger = TestClient::stranger();
    let clients = [
        ("fleet", pki.fleet.client()),
        ("partner", pki.partner.client()),
        ("below", pki.issuing.client_with_chain()),
        ("stranger", stranger),
    ];
    let project = Project::new()
        .with("mtls.yaml", FILE)
        .with("fleet.pem", pki.fleet.pem())
        .with("partner.pem", pki.partner.pem());
    clients
        .into_iter()
        .fold(project, |project, (name, client)| {
            project
                .with(&format!("{name}-client.pem"), client.pem)
                .with(&format!("{name}-client.key"), client.key.serialize_pem())
        })
}

/// Status and body of a request; status 0 where there was no handshake.
fn curl(project: &Project, edge: &ServedEdge, more: &str, url: &str) -> (u16, String) {
    let script = format!(
        "curl --silent --max-time 20 --cacert '{}' --connect-to ::{} --write-out '\\n%{{http_code}}' {more} '{url}'",
        edge.ca, edge.at,
    );
    let ran = project.shell(&script);
    let (body, status) = ran.stdout.rsplit_once('\n').unwrap_or_else(|| {
        panic!("curl is needed, and is not there: {}", ran.transcript());
    });
    (status.parse().expect("a status"), body.to_owned())
}

fn with(client: &str) -> String {
    format!("--cert {client}-client.pem --key {client}-client.key")
}

#[test]
fn curl_meets_what_was_applied() {
    let project = project();
    let reset = project
        .run("sandbox reset --dir account --zone example.com")
        .ends(0);
    assert_eq!(reset.stdout, "");
    let (_served, edge) = serve(&project, "--edge-seed 7 --reading account-wide");
    assert_eq!(edge.lag, "0s, seed 7, reading account-wide");
    let api = "https://api.example.com/v1";
    // Nothing asks and nothing blocks before.
    let (status, body) = curl(&project, &edge, &with("fleet"), api);
    let before: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(
        (status, &before["certificate"]["asked"]),
        (200, &Value::Bool(false))
    );

    let _ = project.run("apply --sandbox=account --yes").ends(0);
    for (client, status) in [
        ("", 401),
        (&*with("stranger"), 401),
        (&*with("fleet"), 200),
        (&*with("partner"), 401),
        (&*with("below"), 401),
    ] {
        for http in ["--http1.1", "--http2", "--http1.1 --tls-max 1.2"] {
            let (found, body) = curl(&project, &edge, &format!("{http} {client}"), api);
            assert_eq!(found, status, "{http} {client}: {body}");
            if status == 401 {
                assert_eq!(body, "{\"error\":\"no\"}");
            }
        }
    }
    let (status, _) = curl(&project, &edge, "", "https://api.example.com/healthz");
    assert_eq!(status, 200);
    // One CA's clients verify on the other's host under this reading, and the pin turns them away.
    let (status, body) = curl(
        &project,
        &edge,
        &with("partner"),
        "https://pay.example.com/",
    );
    let seen: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(
        (status, &seen["certificate"]["verified"]),
        (200, &Value::Bool(true))
    );
    let (status, body) = curl(
        &project,
        &edge,
        &with("below"),
        "https://portal.example.com/",
    );
    let seen: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(
        (status, &seen["certificate"]["verified"]),
        (200, &Value::Bool(true))
    );
    // A host of no zone, and one that is not that of the handshake.
    assert_eq!(curl(&project, &edge, "", "https://www.example.org/").0, 0);
    let (status, _) = curl(&project, &edge, "-H 'Host: pay.example.com'", api);
    assert_eq!(status, 421);
}

#[test]
fn the_edge_says_how_to_reach_it() {
    let project = project();
    let _ = project.run("sandbox reset --dir account").ends(0);
    let (_served, edge) = serve(&project, "--edge-lag 90s --edge-seed 3");
    assert_eq!(edge.lag, "1m 30s, seed 3, reading per-host");
    let written = project.read("account/edge-ca.pem");
    assert!(written.starts_with("-----BEGIN CERTIFICATE-----"));
    assert_eq!(edge.ca, "account/edge-ca.pem");
    let (status, _) = curl(&project, &edge, "--head", "https://legacy.example.com/");
    assert_eq!(status, 403);
    // What is printed for people to paste works: somebody's rule blocks who has no certificate.
    let pasted = project.shell(&edge.example).ends(0);
    assert!(
        pasted.stdout.contains("This request was blocked"),
        "{}",
        pasted.transcript()
    );
    for wrong in ["--edge-lag 1s", "--edge-seed 1", "--reading per-host"] {
        let ran = project
            .run(&format!("sandbox serve --dir account {wrong}"))
            .ends(1);
        ran.says("--edge <ADDR>");
    }
}
