//! Hosts that do not do as the file says: each is found, with words that say why and what to do.

use std::net::SocketAddr;

use tokio::net::TcpSocket;

use crate::support::golden::golden;
use crate::support::pki::ALWAYS;
use crate::support::pki::OVER;
use crate::support::tls::Answers;
use crate::support::tls::Asks;
use crate::support::tls::Manner;
use crate::support::tls::Trouble;
use crate::verify::shop::Shop;
use crate::verify::shop::told;

/// Runs against a server with those manners, and holds the transcript against the file of that name.
#[track_caller]
fn found(name: &str, shop: &Shop, manner: &Manner<'_>) {
    let server = Shop::serve(manner);
    found_at(name, shop, server.at);
}

/// Whoever hangs is waited for no longer than it takes to see it.
fn more(name: &str) -> &'static str {
    if name.starts_with("hangs") {
        "--timeout 1s"
    } else {
        ""
    }
}

#[track_caller]
fn found_at(name: &str, shop: &Shop, at: SocketAddr) {
    let ran = shop.verify(at, more(name)).ends(2);
    golden(&format!("verify/golden/{name}.txt"), &told(&ran, at));
}

#[test]
fn a_host_that_does_not_ask_for_a_certificate() {
    let shop = Shop::new("");
    let asks = Asks::Nobody;
    found(
        "does_not_ask",
        &shop,
        &Manner {
            asks,
            ..shop.right()
        },
    );
}

#[test]
fn a_host_that_asks_with_the_wrong_ca() {
    let shop = Shop::new("");
    let manner = Manner {
        asks: Asks::For("Somebody else's CA"),
        answers: Answers::Always(403),
        ..shop.right()
    };
    found("wrong_ca", &shop, &manner);
}

#[test]
fn a_host_that_blocks_everyone() {
    let shop = Shop::new("");
    let answers = Answers::Always(403);
    found(
        "blocks_everyone",
        &shop,
        &Manner {
            answers,
            ..shop.right()
        },
    );
}

#[test]
fn a_host_that_passes_everyone() {
    let shop = Shop::new("");
    let answers = Answers::Always(200);
    found(
        "passes_everyone",
        &shop,
        &Manner {
            answers,
            ..shop.right()
        },
    );
}

#[test]
fn a_host_that_takes_the_clients_of_another_ca() {
    let shop = Shop::new("");
    let accepts = &shop.partner;
    found(
        "takes_others",
        &shop,
        &Manner {
            accepts,
            ..shop.right()
        },
    );
}

#[test]
fn a_host_that_challenges() {
    let shop = Shop::new("");
    let answers = Answers::Challenge;
    found(
        "challenges",
        &shop,
        &Manner {
            answers,
            ..shop.right()
        },
    );
}

#[test]
fn what_cloudflare_says_of_its_error_is_told() {
    let shop = Shop::new("");
    let server = Shop::serve(&Manner {
        answers: Answers::EdgeError,
        ..shop.right()
    });
    let ran = shop.verify(server.at, "").ends(2);
    let words = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("(Cloudflare names error 1020)"), "{words}");
    assert!(!words.contains("cf-ray"), "{words}");
}

#[test]
fn an_expired_server_certificate() {
    let shop = Shop::new("");
    let certificate = &shop.web.server("api.example.com", OVER);
    let manner = Manner {
        certificate,
        ..shop.right()
    };
    found("expired", &shop, &manner);
}

#[test]
fn a_server_certificate_that_is_none_for_servers() {
    let shop = Shop::new("");
    let certificate = &shop.web.client("api.example.com", ALWAYS);
    let manner = Manner {
        certificate,
        ..shop.right()
    };
    found("not_for_servers", &shop, &manner);
}

#[test]
fn a_server_certificate_of_another_host() {
    let shop = Shop::new("");
    let certificate = &shop.web.server("www.example.org", ALWAYS);
    let manner = Manner {
        certificate,
        ..shop.right()
    };
    found("other_name", &shop, &manner);
}

#[test]
fn a_server_certificate_of_an_unknown_issuer_and_nothing_is_sent_to_it() {
    let shop = Shop::new("");
    let certificate = &shop.partner.server("api.example.com", ALWAYS);
    let server = Shop::serve(&Manner {
        certificate,
        ..shop.right()
    });
    found_at("unknown_issuer", &shop, server.at);
    assert_eq!(server.requests(), Vec::<String>::new());
}

#[test]
fn hosts_that_hang() {
    let shop = Shop::new("");
    for (name, trouble) in [
        ("hangs_in_handshake", Trouble::HangsShakingHands),
        ("hangs_after_request", Trouble::HangsAnswering),
    ] {
        found(
            name,
            &shop,
            &Manner {
                trouble,
                ..shop.right()
            },
        );
    }
}

/// A queue of connections that nobody takes from, filled until no further one is answered.
#[cfg(target_os = "linux")]
#[test]
fn a_host_that_hangs_while_connecting() {
    let shop = Shop::new("");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (listener, waiting) = runtime.block_on(async {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket
            .bind("127.0.0.1:0".parse().expect("an address"))
            .expect("a port");
        let listener = socket.listen(1).expect("a queue");
        let at = listener.local_addr().expect("an address");
        let mut waiting = Vec::new();
        let patience = std::time::Duration::from_millis(300);
        while let Ok(stream) =
            tokio::time::timeout(patience, tokio::net::TcpStream::connect(at)).await
        {
            waiting.push(stream.expect("a connection"));
        }
        (listener, waiting)
    });
    found_at(
        "hangs_connecting",
        &shop,
        listener.local_addr().expect("an address"),
    );
    drop(waiting);
}

#[test]
fn hosts_that_break_off() {
    let shop = Shop::new("");
    for (name, trouble) in [
        ("resets_in_handshake", Trouble::ResetsShakingHands),
        ("resets_after_request", Trouble::ResetsAnswering),
        ("half_an_answer", Trouble::HalfAnAnswer),
    ] {
        let alpn = &["http/1.1"];
        found(
            name,
            &shop,
            &Manner {
                trouble,
                alpn,
                ..shop.right()
            },
        );
    }
}

#[test]
fn a_host_where_nobody_listens() {
    let shop = Shop::new("");
    // Bound, so that nobody else gets the port, and not listening.
    let socket = TcpSocket::new_v4().expect("a socket");
    let any = "127.0.0.1:0".parse().expect("an address");
    socket.bind(any).expect("a port");
    let at = socket.local_addr().expect("an address");
    found_at("refused", &shop, at);
}

#[test]
fn a_host_that_speaks_in_the_clear() {
    let shop = Shop::new("");
    let trouble = Trouble::InTheClear;
    found(
        "in_the_clear",
        &shop,
        &Manner {
            trouble,
            ..shop.right()
        },
    );
}

#[test]
fn a_host_that_takes_no_signature_of_the_clients_key() {
    let shop = Shop::new("");
    let asks = Asks::ForEd25519;
    found(
        "keeps_back",
        &shop,
        &Manner {
            asks,
            ..shop.right()
        },
    );
}

#[test]
fn a_host_without_http2() {
    let shop = Shop::new("");
    let alpn = &["http/1.1"];
    let server = Shop::serve(&Manner {
        alpn,
        ..shop.right()
    });
    let ran = shop.verify(server.at, "--http 2").ends(2);
    let words = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words.contains("does not speak the HTTP version asked for")
            || words.contains("it does not offer HTTP/2"),
        "{words}"
    );
}

#[test]
fn a_server_that_turns_away_in_the_handshake_blocks_and_is_told_apart() {
    let shop = Shop::new("");
    let server = Shop::serve(&Manner {
        asks: Asks::Strictly,
        ..shop.right()
    });
    let ran = shop.verify(server.at, "").ends(0);
    golden("verify/golden/strict.txt", &ran.transcript());
}

#[test]
fn a_status_that_is_no_block_passes_until_it_is_named() {
    let shop = Shop::new("");
    let server = Shop::serve(&Manner {
        answers: Answers::Always(401),
        ..shop.right()
    });
    let only_strangers = |more: &str| shop.verify_as("", server.at, more);
    let ran = only_strangers("").ends(2);
    assert!(ran.stdout.contains("pass (401)"), "{}", ran.transcript());
    let ran = only_strangers("--blocked-status 401 --blocked-status 451").ends(0);
    assert!(ran.stdout.contains("block (401)"), "{}", ran.transcript());
    // What a rule of the file answers with counts by itself.
    let file = shop.project.read("mtls.yaml");
    let rule = "name: require-certificate,";
    let response = "response: { status: 401, content_type: text/plain, content: no },";
    shop.project.write(
        "mtls.yaml",
        file.replace(rule, &format!("{rule} {response}")),
    );
    let _ = only_strangers("").ends(0);
}
