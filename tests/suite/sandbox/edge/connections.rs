//! Over TLS on the loopback interface: names, protocols, and connections that outlive a change.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http::Response;
use http::Version;
use http_body_util::Empty;
use jiff::Timestamp;
use mtlsctl::sandbox::Caller;
use mtlsctl::sandbox::Store;
use mtlsctl::sandbox::edge::Edge;
use mtlsctl::sandbox::edge::EdgeOptions;
use rustls::AlertDescription;
use rustls::version::TLS12;
use rustls::version::TLS13;
use serde_json::Value;
use serde_json::json;

use crate::sandbox::edge::open::Connection;
use crate::sandbox::edge::open::HOST;
use crate::sandbox::edge::open::Hello;
use crate::sandbox::edge::open::Open;
use crate::sandbox::edge::open::request;
use crate::sandbox::edge::pki::Pki;
use crate::sandbox::edge::visits::associate;
use crate::sandbox::edge::visits::set_rules;
use crate::sandbox::world::World;

fn seen(response: &Response<Bytes>) -> Value {
    assert_eq!(response.status(), 200, "{response:?}");
    serde_json::from_slice(response.body()).expect("JSON")
}

#[test]
fn both_versions_of_tls_and_of_http_are_served() {
    let open = Open::new(Duration::ZERO);
    let client = Pki::shared().fleet.client();
    for (version, tls) in [(&TLS12, "TLSv1.2"), (&TLS13, "TLSv1.3")] {
        for (http, name) in [(Version::HTTP_11, "HTTP/1.1"), (Version::HTTP_2, "HTTP/2")] {
            let hello = Hello {
                client: Some(&client),
                version,
                http,
                ..Hello::default()
            };
            let mut connection = open.connect(&hello).expect("a handshake");
            let answer = open.get(&mut connection, HOST, "/a?b=c");
            assert_eq!(answer.version(), http);
            let seen = seen(&answer);
            assert_eq!(
                (&seen["tls_version"], &seen["http_version"]),
                (&json!(tls), &json!(name))
            );
            assert_eq!(seen["certificate"]["verified"], true, "{tls}, {name}");
            assert_eq!(seen["client_address"], "127.0.0.1");
            // HEAD has the same headers and no body; the connection goes on.
            let head = request("HEAD", HOST, "/a?b=c", &connection);
            let head = open.send(&mut connection, head);
            assert_eq!((head.status().as_u16(), head.body().len()), (200, 0));
            let length = head.headers()["content-length"].to_str().expect("text");
            assert!(length.parse::<usize>().expect("a number") > 100);
            assert_eq!(open.get(&mut connection, HOST, "/").status(), 200);
        }
    }
}

#[test]
fn a_name_that_no_zone_has_ends_the_handshake() {
    let open = Open::new(Duration::ZERO);
    for name in ["api.example.org", "example.com.evil.test", "127.0.0.1"] {
        for version in [&TLS12, &TLS13] {
            let hello = Hello {
                name,
                version,
                ..Hello::default()
            };
            let error = open.connect(&hello).err();
            let alert = rustls::Error::AlertReceived(AlertDescription::UnrecognisedName);
            assert_eq!(error, Some(alert), "{name}");
        }
    }
}

#[test]
fn a_request_for_another_host_is_misdirected() {
    let open = Open::new(Duration::ZERO);
    for http in [Version::HTTP_11, Version::HTTP_2] {
        let hello = Hello {
            http,
            ..Hello::default()
        };
        let mut connection = open.connect(&hello).expect("a handshake");
        for other in [
            "pay.example.com",
            "example.com",
            "api.example.com.evil.test",
        ] {
            assert_eq!(
                open.get(&mut connection, other, "/").status(),
                421,
                "{other}"
            );
        }
        // Letter case, a port and a last dot make no other host.
        for same in [
            "API.example.com",
            "api.example.com:8443",
            "api.example.com.",
        ] {
            assert_eq!(open.get(&mut connection, same, "/").status(), 200, "{same}");
        }
    }
    let mut connection = open.connect(&Hello::default()).expect("a handshake");
    let none = Request::get("/").body(Empty::new()).expect("a request");
    assert_eq!(open.send(&mut connection, none).status(), 400);
    let two = Request::get("/")
        .header("host", HOST)
        .header("host", "pay.example.com");
    let two = two.body(Empty::new()).expect("a request");
    assert_eq!(open.send(&mut connection, two).status(), 400);
    let absolute = Request::get("https://pay.example.com/").header("host", HOST);
    let absolute = absolute.body(Empty::new()).expect("a request");
    assert_eq!(open.send(&mut connection, absolute).status(), 421);
}

#[test]
fn each_request_meets_the_state_of_its_moment() {
    let mut open = Open::new(Duration::ZERO);
    let client = Pki::shared().fleet.client();
    let hello = Hello {
        client: Some(&client),
        ..Hello::default()
    };
    let mut with = open.connect(&hello).expect("a handshake");
    let mut without = open.connect(&Hello::default()).expect("a handshake");
    let certificate = |open: &Open, connection: &mut Connection| {
        seen(&open.get(connection, HOST, "/"))["certificate"].clone()
    };
    assert_eq!(certificate(&open, &mut with)["verified"], true);
    // The very next request after a write sees it, where there is no lag.
    open.change(|world| {
        let expression = "not cf.tls_client_auth.cert_verified";
        set_rules(
            world,
            &json!([{"ref": "r", "action": "block", "expression": expression}]),
        );
    });
    assert_eq!(open.get(&mut with, HOST, "/").status(), 200);
    assert_eq!(open.get(&mut without, HOST, "/").status(), 403);
    // The certificate that the connection showed stays; whether it verifies does not.
    let fleet = open.world.certificate_named("fleet");
    open.change(|world| {
        associate(world, Some(&fleet), &[]);
        set_rules(world, &json!([]));
    });
    let gone = certificate(&open, &mut with);
    assert_eq!(
        (&gone["asked"], &gone["presented"]),
        (&json!(false), &json!(false))
    );
    // Who connected when nothing was asked for has nothing, until it connects anew.
    let mut early = open.connect(&hello).expect("a handshake");
    open.change(|world| associate(world, Some(&fleet), &[HOST]));
    let asked = certificate(&open, &mut early);
    assert_eq!(
        (&asked["asked"], &asked["presented"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(certificate(&open, &mut with)["verified"], true);
    let mut late = open.connect(&hello).expect("a handshake");
    assert_eq!(certificate(&open, &mut late)["verified"], true);
}

#[test]
fn what_others_write_to_the_folder_arrives_after_a_lag() {
    let open = Open::new(Duration::from_millis(50));
    let mut connection = open.connect(&Hello::default()).expect("a handshake");
    assert_eq!(open.get(&mut connection, HOST, "/").status(), 200);
    // Another process has a store of its own on the same folder.
    let other = Store::at(open.store.folder());
    let zone = other.account().expect("an account");
    assert!(zone.zone_names().any(|name| name == "example.com"));
    let mut world = World {
        account: zone,
        ..World::new()
    };
    set_rules(
        &mut world,
        &json!([{"ref": "r", "action": "block", "expression": "true"}]),
    );
    other.reset(world.account.clone()).expect("written");
    open.until(&mut connection, 403);
    // And what is made anew.
    other.reset(World::new().account).expect("written");
    open.until(&mut connection, 200);
    // A folder that is gone leaves the edge as it was.
    std::fs::remove_dir_all(open.store.folder()).expect("removed");
    assert_eq!(open.get(&mut connection, HOST, "/").status(), 200);
    assert!(open.edge.look(Timestamp::now()).serves(HOST));
}

#[test]
fn requests_through_the_api_of_the_same_store_are_seen_too() {
    let mut open = Open::new(Duration::ZERO);
    let mut connection = open.connect(&Hello::default()).expect("a handshake");
    assert_eq!(open.get(&mut connection, HOST, "/").status(), 200);
    let zone = open.world.zone("example.com");
    let path = crate::sandbox::world::entry_point(&zone);
    let body = json!({"rules": [{"action": "block", "expression": "true"}]}).to_string();
    let request = Request::put(format!("/client/v4{path}")).body(Bytes::from(body));
    let request = request.expect("a request");
    let answered = open
        .store
        .respond_to(&Caller::owner(), &request, Timestamp::now());
    assert_eq!(answered.expect("a store").status(), 200);
    assert_eq!(open.get(&mut connection, HOST, "/").status(), 403);
}

#[test]
fn only_the_certificate_of_the_throw_away_ca_is_written() {
    let open = Open::new(Duration::ZERO);
    let written = std::fs::read_to_string(open.edge.ca_path()).expect("a file");
    assert_eq!(written, open.edge.ca_pem());
    for path in files(open.store.folder()) {
        let text = std::fs::read_to_string(&path).expect("text");
        assert!(!text.contains("PRIVATE KEY"), "{}", path.display());
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.filter(|path| path.is_file()).collect()
}

#[test]
fn the_managed_ca_stays_and_its_clients_keys_are_for_their_owner_only() {
    let open = Open::new(Duration::ZERO);
    let (store, managed) = (Arc::clone(&open.store), open.edge.managed());
    let mut names = Vec::new();
    for path in files(managed.folder()) {
        let name = path.file_name().expect("a name").to_string_lossy();
        let text = std::fs::read_to_string(&path).expect("text");
        assert_eq!(text.contains("PRIVATE KEY"), name.ends_with(".key"));
        #[cfg(unix)]
        if name.ends_with(".key") {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = path.metadata().expect("a file").permissions().mode();
            assert_eq!(mode & 0o077, 0, "{name}");
        }
        names.push(name.into_owned());
    }
    names.sort();
    let all = [
        "ca.pem",
        "client.key",
        "client.pem",
        "revoked.key",
        "revoked.pem",
    ];
    assert_eq!(names, all);
    // One edge at a time, so that the certificate which clients trust is that of the one that is there.
    let anew = || Edge::new(Arc::clone(&store), EdgeOptions::default());
    let words = anew().err().map(|error| error.to_string());
    let account = store.folder().display();
    let expected = format!(
        "another edge of the account in {account} is served already; stop it, or serve an account in another folder"
    );
    assert_eq!(words, Some(expected));
    let (folder, key_id) = (managed.folder().to_owned(), managed.key_id().to_owned());
    let _kept = open.stop();
    assert_eq!(anew().expect("an edge").managed().key_id(), key_id);
    std::fs::write(folder.join("ca.pem"), "damaged").expect("written");
    let words = anew().err().map(|error| error.to_string());
    let expected = format!(
        "cannot read the managed CA in {}; remove the folder, and it is made anew",
        folder.display()
    );
    assert_eq!(words, Some(expected));
}

#[test]
fn a_host_may_be_named_with_the_port_of_the_edge() {
    let mut open = Open::new(Duration::ZERO);
    let expression = "http.host eq \"api.example.com\"";
    open.change(|world| {
        set_rules(
            world,
            &json!([{"ref": "r", "action": "block", "expression": expression}]),
        );
    });
    for http in [Version::HTTP_11, Version::HTTP_2] {
        let hello = Hello {
            http,
            ..Hello::default()
        };
        let mut connection = open.connect(&hello).expect("a handshake");
        let here = format!("{HOST}:{}", open.address.port());
        for (host, status) in [(HOST, 403), (&*here, 403), ("api.example.com:2053", 200)] {
            let answer = open.get(&mut connection, host, "/");
            assert_eq!(answer.status(), status, "{host}");
        }
    }
}
