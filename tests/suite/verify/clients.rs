//! Whose certificate is whose: told by its issuer, and by what comes with it.

use crate::support::pki::ALWAYS;
use crate::support::pki::Authority;
use crate::support::pki::OVER;
use crate::support::project::Ran;
use crate::support::tls::Answers;
use crate::support::tls::Manner;
use crate::verify::shop::HOST;
use crate::verify::shop::Shop;
use crate::verify::world::World;

#[test]
fn an_intermediate_that_the_file_does_not_name_is_pinned_by_no_rule() {
    let shop = Shop::new("");
    let issuing = shop.fleet.below("Fleet issuing CA");
    let leaf = issuing.client("a new device", ALWAYS);
    shop.give("below", &leaf);
    shop.project
        .write("below.pem", format!("{}{}", leaf.pem, issuing.pem()));
    let server = Shop::serve(&Manner {
        answers: Answers::Always(403),
        ..shop.right()
    });
    let ran = shop
        .verify_as("--client fleet=below.pem,below.key", server.at, "")
        .ends(0);
    let words = "note: client fleet: an intermediate below fleet issued it, one that the file does not name.";
    assert!(said(&ran).contains(words), "{}", ran.transcript());

    // Named in the file, it is pinned, and its clients get in.
    shop.project.write("issuing.pem", issuing.pem());
    let file = shop.project.read("mtls.yaml");
    let named = file.replace(
        "certificates: fleet.pem",
        "certificates: fleet.pem, issuers: [issuing.pem]",
    );
    shop.project.write("mtls.yaml", named);
    let server = Shop::serve(&shop.right());
    let ran = shop
        .verify_as("--client fleet=below.pem,below.key", server.at, "")
        .ends(0);
    assert!(
        ran.stdout.contains("pass      pass (200)"),
        "{}",
        ran.transcript()
    );
}

#[test]
fn a_client_of_nobody_and_one_whose_time_is_over_get_in_no_further_than_a_stranger() {
    let shop = Shop::new("");
    shop.give(
        "odd",
        &Authority::new("Nobody's CA").client("somebody", ALWAYS),
    );
    shop.give("old", &shop.fleet.client("an old device", OVER));
    let server = Shop::serve(&shop.right());
    let clients = "--client odd=odd.pem,odd.key --client fleet=old.pem,old.key";
    let ran = shop.verify_as(clients, server.at, "").ends(0);
    for words in [
        "note: client odd: no CA of the file issued it",
        "note: client fleet: its time is over or has not come",
    ] {
        assert!(ran.stdout.contains(words), "{}", ran.transcript());
    }
    // The same, where the host lets them in.
    let server = Shop::serve(&Manner {
        answers: Answers::Always(200),
        ..shop.right()
    });
    let ran = shop.verify_as(clients, server.at, "").ends(2);
    assert!(
        ran.stdout.contains("[passes-everyone]"),
        "{}",
        ran.transcript()
    );
}

/// What was printed, on one line.
fn said(ran: &Ran) -> String {
    ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn cas_of_one_name_are_told_apart_by_signatures() {
    let shop = Shop::new("");
    let successor = Authority::new("Fleet CA");
    shop.project.write("successor.pem", successor.pem());
    let file = shop.project.read("mtls.yaml");
    let both = file
        .replace(
            "cas:\n",
            "cas:\n  - { name: a-successor, certificates: successor.pem }\n",
        )
        .replace("cas: [fleet]", "cas: [fleet, a-successor]");
    shop.project.write("mtls.yaml", both);
    shop.give("old", &shop.fleet.client_without_key_id("an old device"));
    shop.give("new", &successor.client_without_key_id("a new device"));
    let server = Shop::serve(&Manner {
        answers: Answers::Always(403),
        ..shop.right()
    });
    let clients = "--client fleet=old.pem,old.key --client a-successor=new.pem,new.key";
    let ran = shop.verify_as(clients, server.at, "").ends(0);
    for name in ["fleet", "a-successor"] {
        let words = format!("note: client {name}: it does not name the key of its issuer");
        assert!(said(&ran).contains(&words), "{}", ran.transcript());
    }
    let swapped = "--client fleet=new.pem,new.key";
    let _ = shop.verify_as(swapped, server.at, "").ends(1);
}

#[test]
fn certificates_that_never_verify_are_known_before() {
    let shop = Shop::new("");
    let issuing = shop.fleet.below("Fleet issuing CA");
    shop.project.write("issuing.pem", issuing.pem());
    let file = shop.project.read("mtls.yaml");
    let named = "certificates: fleet.pem, issuers: [issuing.pem]";
    shop.project
        .write("mtls.yaml", file.replace("certificates: fleet.pem", named));
    shop.give("alone", &issuing.client("a device", ALWAYS));
    shop.give("server", &shop.fleet.server("a.example.com", ALWAYS));
    let server = Shop::serve(&Manner {
        answers: Answers::Always(403),
        ..shop.right()
    });
    let clients = "--client fleet=alone.pem,alone.key --client web=server.pem,server.key";
    let ran = shop.verify_as(clients, server.at, "").ends(0);
    for words in [
        "note: client fleet: the intermediate that issued it is not in its file",
        "note: client web: it is not meant for clients (extended key usage)",
    ] {
        assert!(said(&ran).contains(words), "{}", ran.transcript());
    }
}

#[test]
fn what_a_request_fixes_is_not_open() {
    let shop = Shop::new("");
    let server = Shop::serve(&Manner {
        answers: Answers::Always(200),
        ..shop.right()
    });
    let file = shop.project.read("mtls.yaml");
    for exception in [
        "raw.http.request.uri.path eq \"/healthz\"",
        "http.request.uri.path.extension eq \"css\"",
        "http.request.full_uri eq \"https://api.example.com/healthz\"",
        "http.x_forwarded_for eq \"192.0.2.1\"",
    ] {
        let before = "unless: http.request.uri.path eq \"/healthz\"";
        let other = file.replace(before, &format!("unless: '{exception}'"));
        assert_ne!(other, file);
        shop.project.write("mtls.yaml", other);
        let ran = shop.verify_as("", server.at, "").ends(2);
        assert!(
            ran.stdout.contains("[passes-everyone]"),
            "{}",
            ran.transcript()
        );
    }
}

#[test]
fn a_client_named_after_the_wrong_ca_is_refused() {
    let shop = Shop::new("");
    let server = Shop::serve(&shop.right());
    let clients = "--client partner=fleet-client.pem,fleet-client.key";
    let ran = shop.verify_as(clients, server.at, "").ends(1);
    let _ = ran.says("the certificate `CN=a device` was not issued by a certificate of `partner`");
    assert_eq!(server.requests(), Vec::<String>::new());
}

#[test]
fn a_verdict_that_depends_on_what_no_client_chooses_may_be_either() {
    let shop = Shop::new("");
    let file = shop.project.read("mtls.yaml");
    let by_address = file.replace(
        "http.request.uri.path eq \"/healthz\"",
        "\"ip.src in {192.0.2.0/24}\"",
    );
    shop.project.write("mtls.yaml", by_address);
    for answers in [Answers::Always(200), Answers::Always(403)] {
        let server = Shop::serve(&Manner {
            answers,
            ..shop.right()
        });
        let ran = shop.verify_as("", server.at, "").ends(0);
        assert!(ran.stdout.contains("pass or block"), "{}", ran.transcript());
        let words = said(&ran);
        assert!(
            words.contains("pass or block counts as expected."),
            "{words}"
        );
    }
}

#[test]
fn clients_of_the_managed_ca_are_known_by_their_names() {
    let world = World::start("--reading account-wide");
    let edge = world.served.edge.as_ref().expect("an edge");
    let project = &world.shop.project;
    let (_, key_id) = edge.managed.split_once("key id ").expect("a key id");
    let file = project.read("mtls.yaml");
    let managed = format!("cas:\n  - {{ name: cloudflare-managed, key_ids: [{key_id}] }}\n");
    let file = file.replacen("cas:\n", &managed, 1);
    let both = file.replace("cas: [fleet]", "cas: [fleet, cloudflare-managed]");
    for (file, client) in [(&file, "block (403)"), (&both, "pass (200)")] {
        project.write("mtls.yaml", file);
        world.apply();
        let ran = project.run(&format!(
            "verify --cacert {} --resolve {HOST}:{} \
             --client cloudflare-managed=account/edge-managed/client.pem,account/edge-managed/client.key \
             --client revoked=account/edge-managed/revoked.pem,account/edge-managed/revoked.key",
            edge.ca, edge.at
        ));
        let ran = ran.ends(0);
        let row = |name: &str| {
            let mut lines = ran.stdout.lines().map(str::trim);
            lines.find(|line| line.starts_with(name)).map(str::to_owned)
        };
        for (name, seen) in [("cloudflare-managed ", client), ("revoked ", "block (403)")] {
            let row = row(name).unwrap_or_else(|| panic!("{}", ran.transcript()));
            assert!(row.contains(seen), "{row}");
        }
    }
}
