//! CA certificates (API reference, section 1).

use jiff::SignedDuration;
use mtlsctl::sandbox::Lag;
use serde_json::json;

use crate::sandbox::world::Refused;
use crate::sandbox::world::World;
use crate::sandbox::world::ca_pem;
use crate::sandbox::world::certificate;
use crate::sandbox::world::certificates;
use crate::sandbox::world::ed25519_ca_pem;
use crate::sandbox::world::hosts;
use crate::sandbox::world::leaf_pem;

const UNKNOWN: &str = "2458ce5a-0c35-4c7f-82c7-8e9487d3ff60";

#[test]
fn an_upload_is_answered_with_the_whole_object() {
    let mut world = World::new();
    let pem = ca_pem("Fleet CA");
    let body = json!({"ca": true, "name": "fleet@1234", "certificates": pem.replace('\n', "\r\n")});
    let uploaded = world.post(&certificates(), body);

    let id = uploaded["id"].as_str().expect("an id").to_owned();
    assert_eq!(id.len(), 36);
    assert_eq!(uploaded["name"], "fleet@1234");
    assert_eq!(uploaded["ca"], true);
    assert_eq!(uploaded["type"], "custom");
    assert_eq!(uploaded["issuer"], "CN=Fleet CA,O=Example\\, Corp,C=US");
    assert_eq!(uploaded["signature"], "ECDSAWithSHA256");
    assert_eq!(uploaded["expires_on"], "4096-01-01T00:00:00Z");
    assert_eq!(uploaded["uploaded_on"], "2026-11-22T17:32:30.467938Z");
    assert_eq!(uploaded["updated_at"], uploaded["uploaded_on"]);
    let serial = uploaded["serial_number"].as_str().expect("digits");
    assert!(
        serial.len() > 30 && serial.bytes().all(|byte| byte.is_ascii_digit()),
        "{serial}"
    );

    let mut read = uploaded.clone();
    read.as_object_mut()
        .expect("an object")
        .remove("updated_at");
    assert_eq!(world.get(&certificate(&id)), read);
    let list = world.get(&certificates());
    assert!(list.as_array().expect("a list").contains(&read));
}

#[test]
fn the_pem_comes_back_as_other_text_with_the_same_content() {
    let mut world = World::new();
    let (first, second) = (ca_pem("First CA"), ca_pem("Second CA"));
    let id = world.upload("both", &format!("{first}\n\n{second}"));

    let answered = world.get(&certificate(&id))["certificates"]
        .as_str()
        .expect("PEM")
        .to_owned();
    assert!(!answered.ends_with('\n'));
    assert!(answered.lines().any(|line| line.len() == 76));
    let contents = |text: &str| -> Vec<Vec<u8>> {
        pem::parse_many(text)
            .expect("PEM")
            .into_iter()
            .map(pem::Pem::into_contents)
            .collect()
    };
    assert_eq!(contents(&answered), contents(&format!("{second}{first}")));
    assert_eq!(
        world.get(&certificate(&id))["issuer"],
        "CN=First CA,O=Example\\, Corp,C=US"
    );
}

#[test]
fn a_name_may_be_left_out_and_a_key_is_never_kept() {
    let mut world = World::new();
    let body =
        json!({"ca": true, "certificates": ca_pem("Fleet CA"), "private_key": "not even a key"});
    assert_eq!(world.post(&certificates(), body)["name"], "");
    assert!(
        !serde_json::to_string(&world.account)
            .expect("JSON")
            .contains("not even a key")
    );
}

#[test]
fn an_algorithm_that_never_verifies_is_taken_silently() {
    let mut world = World::new();
    let id = world.upload("ed25519", &ed25519_ca_pem("Modern CA"));
    assert_eq!(world.get(&certificate(&id))["signature"], "PureEd25519");
}

#[test]
fn what_is_no_bundle_of_cas_is_refused() {
    let mut world = World::new();
    let ca = ca_pem("Fleet CA");
    let upload = |pem: &str| Some(json!({"ca": true, "name": "x", "certificates": pem}));
    let unparsable = "Unable to parse certificate";
    let key = ca.replace("CERTIFICATE", "PUBLIC KEY");
    let request = ca.replace("CERTIFICATE", "CERTIFICATE REQUEST");
    let cut = ca.replace("-----END", "-----EN");
    #[rustfmt::skip]
    let rows: Vec<Refused<'_>> = vec![
        ("POST", certificates(), upload(&key), 400, 9999, unparsable),
        ("POST", certificates(), upload(&request), 400, 9999, unparsable),
        ("POST", certificates(), upload(&format!("{ca}{key}")), 400, 9999, unparsable),
        ("POST", certificates(), upload(&format!("Fleet CA\n{ca}")), 400, 9999, unparsable),
        ("POST", certificates(), upload(&format!("{ca}\nthe end")), 400, 9999, unparsable),
        ("POST", certificates(), upload(&cut), 400, 9999, unparsable),
        ("POST", certificates(), upload("\n"), 400, 9999, unparsable),
        ("POST", certificates(), upload("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"), 400, 9999, unparsable),
        ("POST", certificates(), upload(&leaf_pem("leaf")), 400, 9999, "CA:TRUE"),
        ("POST", certificates(), upload(&format!("{ca}{}", leaf_pem("leaf"))), 400, 9999, "CA:TRUE"),
        ("POST", certificates(), upload(""), 400, 9999, "certificates must not be empty"),
        ("POST", certificates(), Some(json!({"ca": true})), 400, 9999, "certificates is required"),
        ("POST", certificates(), Some(json!({"certificates": ca})), 400, 9999, "ca is required"),
        ("POST", certificates(), Some(json!({"ca": "true", "certificates": ca})), 400, 9999, "ca must be true or false"),
        ("POST", certificates(), Some(json!({"ca": true, "certificates": ca, "names": 1})), 400, 9999, "names is not"),
        ("POST", certificates(), Some(json!({"ca": true, "certificates": ca, "name": null})), 400, 9999, "name must be"),
        ("POST", certificates(), Some(json!([])), 400, 9999, "must be an object"),
        ("POST", certificates(), None, 400, 9999, "the request body is not JSON"),
        ("GET", certificate(UNKNOWN), None, 404, 1472, "Certificate not found"),
        ("DELETE", certificate(UNKNOWN), None, 404, 1472, "Certificate not found"),
        ("GET", format!("{}/associations", certificate(UNKNOWN)), None, 404, 1472, "Certificate not found"),
        ("GET", format!("{}?type=root", certificates()), None, 400, 9999, "type must hold only"),
    ];
    world.all_refused(rows);
}

#[test]
fn the_same_content_exists_once() {
    let mut world = World::new();
    let (first, second) = (ca_pem("First CA"), ca_pem("Second CA"));
    world.upload("both", &format!("{first}{second}"));
    let again =
        json!({"ca": true, "name": "other name", "certificates": format!("{second}{first}")});
    let exists = "This certificate already exists.";
    world.all_refused([("POST", certificates(), Some(again), 400, 1471, exists)]);
    // Half of the bundle is another set.
    world.upload("half", &first);
}

#[test]
fn the_quota_counts_uploaded_cas_only() {
    let mut world = World::new();
    // One slot of five is somebody else's.
    let pems: Vec<String> = (0..5)
        .map(|number| ca_pem(&format!("CA {number}")))
        .collect();
    for pem in &pems[..4] {
        world.upload("fleet", pem);
    }
    let fifth = json!({"ca": true, "certificates": pems[4]});
    let full = "Hit maximum CA cert allocation.";
    world.all_refused([
        ("POST", certificates(), Some(fifth.clone()), 400, 1489, full),
        (
            "POST",
            certificates(),
            Some(json!({"ca": true, "certificates": pems[0]})),
            400,
            1471,
            "already exists",
        ),
    ]);
    world.post(
        &certificates(),
        json!({"ca": false, "certificates": leaf_pem("leaf")}),
    );
    assert_eq!(
        world
            .get(&format!("{}?type=custom", certificates()))
            .as_array()
            .map(Vec::len),
        Some(7)
    );
    assert_eq!(
        world
            .get(&format!("{}?type=gateway_managed", certificates()))
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    assert_eq!(
        world.get(&format!("{}?type=access_managed", certificates())),
        json!([])
    );

    let id = world.certificate_named("fleet");
    world.delete(&certificate(&id));
    world.post(&certificates(), fifth);
}

#[test]
fn a_delete_answers_the_object_and_frees_the_content() {
    let mut world = World::new();
    let pem = ca_pem("Fleet CA");
    let id = world.upload("fleet", &pem);
    assert_eq!(world.delete(&certificate(&id))["name"], "fleet");
    world.all_refused([
        (
            "GET",
            certificate(&id),
            None,
            404,
            1472,
            "Certificate not found",
        ),
        (
            "DELETE",
            certificate(&id),
            None,
            400,
            9999,
            "already deleted",
        ),
    ]);
    assert_eq!(
        world.upload("renamed", &pem),
        id,
        "the same content has the same id again"
    );
    assert_eq!(world.get(&certificate(&id))["name"], "renamed");
}

#[test]
fn what_is_used_or_made_by_gateway_stays() {
    let mut world = World::new();
    let gateway = world.certificate_named("Gateway inspection");
    let partners = world.certificate_named("legacy-partners");
    world.all_refused([
        (
            "DELETE",
            certificate(&gateway),
            None,
            403,
            9999,
            "Unauthorized",
        ),
        (
            "DELETE",
            certificate(&partners),
            None,
            400,
            9999,
            "cannot be deleted while in use",
        ),
    ]);
    let associations = format!("{}/associations", certificate(&partners));
    assert_eq!(
        world.get(&associations),
        json!([{"service": "api_shield", "status": "active"}])
    );

    let zone = world.zone("example.com");
    world.account.set_lag(Lag {
        in_use: SignedDuration::from_secs(90),
        ..Lag::default()
    });
    world.put(
        &hosts(&zone),
        json!({"hostnames": [], "mtls_certificate_id": partners}),
    );
    assert_eq!(
        world.get(&associations),
        json!([]),
        "empty, and still not to be deleted"
    );
    world.wait(89);
    world.all_refused([("DELETE", certificate(&partners), None, 400, 9999, "in use")]);
    world.wait(1);
    world.delete(&certificate(&partners));
}

#[test]
fn reads_lag_behind_uploads_and_deletes() {
    let mut world = World::new();
    world.account.set_lag(Lag {
        certificates: SignedDuration::from_secs(30),
        ..Lag::default()
    });
    let pem = ca_pem("Fleet CA");
    let id = world.upload("fleet", &pem);
    let count = |world: &mut World| world.get(&certificates()).as_array().map(Vec::len);

    assert_eq!(count(&mut world), Some(3));
    world.all_refused([
        (
            "GET",
            certificate(&id),
            None,
            404,
            1472,
            "Certificate not found",
        ),
        (
            "POST",
            certificates(),
            Some(json!({"ca": true, "certificates": pem})),
            400,
            1471,
            "already exists",
        ),
    ]);
    world.wait(30);
    assert_eq!(count(&mut world), Some(4));
    world.delete(&certificate(&id));
    assert_eq!(world.get(&certificate(&id))["name"], "fleet", "still shown");
    world.all_refused([(
        "DELETE",
        certificate(&id),
        None,
        400,
        9999,
        "already deleted",
    )]);
    world.wait(30);
    assert_eq!(count(&mut world), Some(3));
}
