//! Hostname lists per zone and CA (API reference, section 2).

use jiff::SignedDuration;
use mtlsctl::sandbox::Lag;
use serde_json::json;

use crate::sandbox::world::Refused;
use crate::sandbox::world::World;
use crate::sandbox::world::ca_pem;
use crate::sandbox::world::hosts;
use crate::sandbox::world::hosts_of;

#[test]
fn a_put_replaces_the_list_of_one_ca_in_one_zone() {
    let mut world = World::new();
    let (com, net) = (world.zone("example.com"), world.zone("example.net"));
    let id = world.upload("fleet", &ca_pem("Fleet CA"));
    assert_eq!(world.get(&hosts_of(&com, &id)), json!({"hostnames": null}));

    let sent = json!({"hostnames": ["api.example.com", "example.com", "pay.example.com"], "mtls_certificate_id": id});
    let reversed = json!({"hostnames": ["pay.example.com", "example.com", "api.example.com"]});
    assert_eq!(world.put(&hosts(&com), sent), reversed);
    assert_eq!(world.get(&hosts_of(&com, &id)), reversed);
    assert_eq!(world.get(&hosts_of(&net, &id)), json!({"hostnames": null}));

    let one =
        json!({"hostnames": ["api.example.com", "api.example.com"], "mtls_certificate_id": id});
    assert_eq!(
        world.put(&hosts(&com), one),
        json!({"hostnames": ["api.example.com"]})
    );
    let none = json!({"hostnames": [], "mtls_certificate_id": id});
    assert_eq!(world.put(&hosts(&com), none), json!({"hostnames": null}));
    assert_eq!(world.get(&hosts_of(&com, &id)), json!({"hostnames": null}));
}

#[test]
fn without_an_id_everything_is_about_the_managed_ca() {
    let mut world = World::new();
    let zone = world.zone("example.com");
    let partners = world.certificate_named("legacy-partners");
    let portal = json!({"hostnames": ["portal.example.com"]});
    assert_eq!(world.get(&hosts(&zone)), portal);
    assert_eq!(world.get(&hosts_of(&zone, "")), portal);

    for (number, body) in [
        json!({"hostnames": ["h0.example.com"]}),
        json!({"hostnames": ["h1.example.com"], "mtls_certificate_id": null}),
        json!({"hostnames": ["h2.example.com"], "mtls_certificate_id": ""}),
    ]
    .into_iter()
    .enumerate()
    {
        world.put(&hosts(&zone), body);
        assert_eq!(
            world.get(&hosts(&zone)),
            json!({"hostnames": [format!("h{number}.example.com")]})
        );
    }
    assert_eq!(
        world.get(&hosts_of(&zone, &partners)),
        json!({"hostnames": ["legacy.example.com"]})
    );
}

#[test]
fn what_cannot_be_associated_is_refused() {
    let mut world = World::new();
    let zone = world.zone("example.com");
    let id = world.upload("fleet", &ca_pem("Fleet CA"));
    let leaf = world.certificate_named("orders-worker");
    let gateway = world.certificate_named("Gateway inspection");
    let unknown = "2458ce5a-0c35-4c7f-82c7-8e9487d3ff60";
    let put = |id: &str, host: &str| Some(json!({"hostnames": [host], "mtls_certificate_id": id}));
    let host = "api.example.com";
    #[rustfmt::skip]
    let mut rows: Vec<Refused<'_>> = vec![
        ("PUT", hosts(&zone), put(unknown, host), 404, 1472, "Certificate not found"),
        ("PUT", hosts(&zone), put("fleet", host), 400, 9999, "mtls_certificate_id must have 36 characters"),
        ("PUT", hosts(&zone), put(&leaf, host), 400, 9999, "uploaded CA certificate"),
        ("PUT", hosts(&zone), put(&gateway, host), 400, 9999, "uploaded CA certificate"),
        ("PUT", hosts(&zone), Some(json!({"mtls_certificate_id": id})), 400, 9999, "hostnames is required"),
        ("PUT", hosts(&zone), Some(json!({})), 400, 9999, "hostnames is required"),
        ("PUT", hosts(&zone), Some(json!({"hostnames": null})), 400, 9999, "hostnames must be a list"),
        ("PUT", hosts(&zone), Some(json!({"hostnames": [1]})), 400, 9999, "hostnames must hold only strings"),
        ("PUT", hosts(&zone), Some(json!({"hostnames": [], "id": 1})), 400, 9999, "id is not a field"),
        ("PUT", hosts(&zone), Some(json!({"hostnames": [], "mtls_certificate_id": 1})), 400, 9999, "must be a string"),
        ("GET", hosts_of(&zone, unknown), None, 404, 1472, "Certificate not found"),
        ("GET", hosts_of(&zone, "short"), None, 400, 9999, "36 characters"),
        ("GET", hosts_of(&zone, &leaf), None, 400, 9999, "uploaded CA certificate"),
    ];
    for host in [
        "api.example.net",
        "example.com.example.net",
        "badexample.com",
    ] {
        rows.push((
            "PUT",
            hosts(&zone),
            put(&id, host),
            400,
            9999,
            "is not in the zone example.com",
        ));
    }
    for host in [
        "*.example.com",
        "API.example.com",
        "api.example.com.",
        "bücher.example.com",
        "a..example.com",
        "",
    ] {
        rows.push((
            "PUT",
            hosts(&zone),
            put(&id, host),
            400,
            9999,
            "is not a hostname in lower-case ASCII",
        ));
    }
    world.all_refused(rows);
}

#[test]
fn reads_lag_behind_a_put() {
    let mut world = World::new();
    let zone = world.zone("example.com");
    let id = world.upload("fleet", &ca_pem("Fleet CA"));
    world.account.set_lag(Lag {
        associations: SignedDuration::from_secs(75),
        ..Lag::default()
    });
    let put = |world: &mut World, host: &str| {
        let body = json!({"hostnames": [host], "mtls_certificate_id": id});
        assert_eq!(
            world.put(&hosts(&zone), body),
            json!({"hostnames": [host]}),
            "the answer does not lag"
        );
    };
    let read = |world: &mut World| world.get(&hosts_of(&zone, &id))["hostnames"][0].clone();

    put(&mut world, "a.example.com");
    world.wait(40);
    put(&mut world, "b.example.com");
    assert_eq!(read(&mut world), json!(null), "before both");
    world.wait(35);
    assert_eq!(read(&mut world), "a.example.com", "between the two");
    world.wait(39);
    assert_eq!(read(&mut world), "a.example.com");
    world.wait(1);
    assert_eq!(read(&mut world), "b.example.com");
}
