//! The account on disk: created once, changed by several at once, readable in its complaints.

use std::fs;
use std::sync::Arc;
use std::thread;

use bytes::Bytes;
use http::Request;
use http::Response;
use jiff::Timestamp;
use mtlsctl::sandbox::Account;
use mtlsctl::sandbox::Caller;
use mtlsctl::sandbox::Permission;
use mtlsctl::sandbox::Store;
use mtlsctl::sandbox::TokenKind;
use secrecy::ExposeSecret;
use serde_json::Value;
use serde_json::json;
use tempfile::TempDir;

use crate::sandbox::world::certificates;
use crate::sandbox::world::entry_point;
use crate::sandbox::world::hosts;
use crate::sandbox::world::records;

fn seeded() -> Account {
    Account::enterprise(&["example.com".to_owned(), "example.net".to_owned()], 5)
}

fn created() -> (TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::at(folder.path().join("sandbox"));
    assert!(store.create(seeded).expect("created"));
    (folder, store)
}

fn request(method: &str, path: &str, body: &str) -> Request<Bytes> {
    let uri = format!("/client/v4{path}");
    Request::builder()
        .method(method)
        .uri(uri)
        .body(Bytes::from(body.to_owned()))
        .expect("a request")
}

fn call(store: &Store, method: &str, path: &str, body: &Value) -> Value {
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let response = store.respond_to(
        &Caller::owner(),
        &request(method, path, &body),
        Timestamp::UNIX_EPOCH,
    );
    decode(&response.expect("an answer"))
}

fn decode(response: &Response<Bytes>) -> Value {
    let body: Value = serde_json::from_slice(response.body()).expect("JSON");
    assert_eq!(body["success"], true, "{body}");
    body["result"].clone()
}

fn zone(store: &Store, name: &str) -> String {
    call(store, "GET", &format!("/zones?name={name}"), &Value::Null)[0]["id"]
        .as_str()
        .expect("an id")
        .to_owned()
}

#[test]
fn a_sandbox_is_made_once_and_never_committed() {
    let (_folder, store) = created();
    assert!(
        !store
            .create(|| unreachable!("it exists"))
            .expect("no error")
    );
    assert_eq!(
        fs::read_to_string(store.folder().join(".gitignore")).expect("a file"),
        "*\n"
    );
    assert!(store.account().expect("readable") == seeded());
}

#[test]
fn what_was_written_is_there_for_the_next() {
    let (_folder, store) = created();
    let net = zone(&store, "example.net");
    call(
        &store,
        "PUT",
        &hosts(&net),
        &json!({"hostnames": ["api.example.net"]}),
    );
    let other = Store::at(store.folder());
    assert_eq!(
        call(&other, "GET", &hosts(&net), &Value::Null),
        json!({"hostnames": ["api.example.net"]})
    );
    other.reset(seeded()).expect("reset");
    assert_eq!(
        call(&store, "GET", &hosts(&net), &Value::Null),
        json!({"hostnames": null})
    );
}

#[test]
fn a_read_writes_nothing() {
    let (_folder, store) = created();
    let file = store.folder().join("sandbox.json");
    let before = fs::metadata(&file)
        .and_then(|found| found.modified())
        .expect("a date");
    call(&store, "GET", &certificates(), &Value::Null);
    assert_eq!(
        fs::metadata(&file)
            .and_then(|found| found.modified())
            .expect("a date"),
        before
    );
}

#[test]
fn writers_at_the_same_time_lose_nothing() {
    const EACH: usize = 12;
    let (_folder, store) = created();
    let net = zone(&store, "example.net");
    let made = call(&store, "PUT", &entry_point(&net), &json!({"rules": []}));
    let rules = format!(
        "/zones/{net}/rulesets/{}/rules",
        made["id"].as_str().expect("an id")
    );
    // Two stores stand for two processes: each has its own lock on the file and its own memory of
    // it.
    let stores = [
        Arc::new(Store::at(store.folder())),
        Arc::new(Store::at(store.folder())),
    ];
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let (store, rules) = (Arc::clone(&stores[writer % 2]), rules.clone());
            thread::spawn(move || {
                for number in 0..EACH {
                    let body = json!({"ref": format!("{writer}-{number}"), "action": "block", "expression": "ssl"});
                    call(&store, "POST", &rules, &body);
                }
            })
        })
        .collect();
    for writer in writers {
        writer.join().expect("no panic");
    }
    let after = call(&store, "GET", &entry_point(&net), &Value::Null);
    assert_eq!(after["rules"].as_array().map(Vec::len), Some(4 * EACH));
    assert_eq!(after["version"], (1 + 4 * EACH).to_string());
}

#[test]
fn a_token_is_random_and_only_its_hash_is_kept() {
    let (_folder, store) = created();
    let token = store
        .mint_token(&[Permission::ZoneRead], TokenKind::User)
        .expect("a token");
    let secret = token.expose_secret();
    assert_eq!(secret.len(), 40);
    let again = store.mint_token(&[], TokenKind::Account).expect("a token");
    assert_ne!(secret, again.expose_secret());
    for entry in fs::read_dir(store.folder()).expect("a folder") {
        let text = fs::read_to_string(entry.expect("an entry").path()).expect("text");
        assert!(!text.contains(secret) && !text.contains(again.expose_secret()));
    }

    let other = Store::at(store.folder());
    for (path, status) in [
        ("/user/tokens/verify".to_owned(), 200),
        (certificates(), 200),
        ("/zones".to_owned(), 403),
    ] {
        let mut request = request("GET", &path, "");
        let header = format!("Bearer {secret}").parse().expect("a header");
        request.headers_mut().insert("authorization", header);
        assert_eq!(
            other
                .respond(&request, Timestamp::UNIX_EPOCH)
                .expect("an answer")
                .status(),
            status,
            "{path}"
        );
    }
    let anonymous = other
        .respond(&request("GET", "/zones", ""), Timestamp::UNIX_EPOCH)
        .expect("an answer");
    assert_eq!(anonymous.status(), 401);
}

#[test]
fn only_the_last_fifty_tokens_are_remembered() {
    let (_folder, store) = created();
    let first = store.mint_token(&[], TokenKind::User).expect("a token");
    for _ in 0..50 {
        store.mint_token(&[], TokenKind::User).expect("a token");
    }
    let mut request = request("GET", "/zones", "");
    let header = format!("Bearer {}", first.expose_secret())
        .parse()
        .expect("a header");
    request.headers_mut().insert("authorization", header);
    assert_eq!(
        store
            .respond(&request, Timestamp::UNIX_EPOCH)
            .expect("an answer")
            .status(),
        401
    );
}

/// Takes away what version 1 did not have.
fn as_version_1(state: &mut Value) {
    let object = |value: &mut Value, names: &[&str]| {
        let fields = value.as_object_mut().expect("an object");
        for name in names {
            assert!(fields.remove(*name).is_some(), "{name} is not written");
        }
    };
    state["format_version"] = json!(1);
    object(state, &["rulesets", "access_rules"]);
    for zone in state["zones"].as_array_mut().expect("a list") {
        object(zone, &["access_rules", "records"]);
        for ruleset in zone["rulesets"].as_array_mut().expect("a list") {
            object(ruleset, &["phase"]);
        }
    }
}

#[test]
fn a_file_of_the_first_version_is_read_and_written_in_todays() {
    let (_folder, store) = created();
    let file = store.folder().join("sandbox.json");
    let read = || -> Value {
        let text = fs::read_to_string(&file).expect("readable");
        serde_json::from_str(&text).expect("JSON")
    };
    let mut old = read();
    as_version_1(&mut old);
    let old = old.to_string();
    fs::write(&file, &old).expect("written");

    let (com, net) = (zone(&store, "example.com"), zone(&store, "example.net"));
    let rules = call(&store, "GET", &entry_point(&com), &Value::Null);
    assert_eq!(rules["phase"], "http_request_firewall_custom");
    assert_eq!(rules["rules"].as_array().map(Vec::len), Some(2));
    let none = call(&store, "GET", &records(&com), &Value::Null);
    assert_eq!(none, json!([]));
    let unchanged = fs::read_to_string(&file).expect("readable");
    assert_eq!(unchanged, old, "a read writes nothing");

    let body = json!({"hostnames": ["api.example.net"]});
    call(&store, "PUT", &hosts(&net), &body);
    let new = read();
    assert_eq!(new["format_version"], 2);
    assert_eq!(new["zones"][0]["records"], json!([]));
    let again = Store::at(store.folder());
    assert_eq!(call(&again, "GET", &hosts(&net), &Value::Null), body);
}

#[test]
fn what_cannot_be_used_says_what_to_do() {
    let (folder, store) = created();
    let file = store.folder().join("sandbox.json");
    let shown = |path: &std::path::Path| path.display().to_string();
    let complaint = |store: &Store| {
        store
            .account()
            .map(|_| ())
            .expect_err("unusable")
            .to_string()
    };

    let nowhere = Store::at(folder.path().join("nowhere"));
    let reset = |store: &Store| format!("`mtlsctl sandbox reset --dir {}`", shown(store.folder()));
    assert_eq!(
        complaint(&nowhere),
        format!(
            "there is no sandbox in {}; {} makes one",
            shown(nowhere.folder()),
            reset(&nowhere)
        )
    );

    let corrupt = format!(
        "{} is not a readable sandbox; {} starts it anew",
        shown(&file),
        reset(&store)
    );
    for text in [
        "",
        "{\"format_version\": 1",
        "{\"format_version\": 1}",
        "[]",
        "\u{0}\u{1}",
    ] {
        fs::write(&file, text).expect("written");
        assert_eq!(complaint(&store), corrupt, "{text:?}");
    }
    fs::write(&file, "{\"format_version\": 7, \"future\": true}").expect("written");
    let version = format!(
        "{} has format version 7, this mtlsctl reads up to 2; {} starts it anew",
        shown(&file),
        reset(&store)
    );
    assert_eq!(complaint(&store), version);
    fs::write(&file, "{\"format_version\": 0}").expect("written");
    assert!(complaint(&store).contains("has format version 0, "));
    assert!(!store.create(seeded).expect("left as it is"));
    store.reset(seeded()).expect("a reset repairs it");
    assert!(store.account().expect("readable") == seeded());

    let blocked = folder.path().join("file");
    fs::write(&blocked, "not a folder").expect("written");
    let inside = Store::at(blocked.join("sandbox"));
    let refused = inside.create(seeded).expect_err("not a folder").to_string();
    let expected = format!(
        "cannot create the sandbox folder {}; name a folder that can be written to",
        shown(inside.folder())
    );
    assert_eq!(refused, expected);
}
