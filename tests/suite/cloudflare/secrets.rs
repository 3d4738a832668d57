//! The token shows nowhere: not in a trace at any level, not in an error, not in a debug print.

use std::fmt::Write as _;

use mtlsctl::cloudflare::Client;
use mtlsctl::cloudflare::Network;
use mtlsctl::cloudflare::Settings;
use mtlsctl::cloudflare::Timeouts;
use mtlsctl::resource::Issuer;
use secrecy::SecretString;

use crate::cloudflare::capture::capture;
use crate::cloudflare::network::Server;
use crate::cloudflare::script::zone;

const TOKEN: &str = "s3cr3t-v4lu3-of-a-token";

#[test]
fn nothing_prints_the_token() {
    let (captured, _guard) = capture(tracing::Level::TRACE);

    let refusal = r#"{"success":false,"errors":[{"code":10000,"message":"Authentication error"}],"result":null}"#;
    let server = Server::answering(vec![format!(
        "HTTP/1.1 403 Forbidden\r\ncf-ray: 8f2c-FRA\r\ncontent-length: {}\r\n\r\n{refusal}",
        refusal.len()
    )]);
    let token = SecretString::from(TOKEN);
    let network = Network::new(&server.base_url(), &token, Timeouts::default()).unwrap();
    let mut printed = format!("{network:?}");
    let client = Client::new(network, Settings::default());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let managed = Issuer::CloudflareManaged;
    let error = runtime
        .block_on(client.reader().hosts(&zone(), &managed))
        .unwrap_err();
    let (reader, writer) = (client.reader(), client.writer());
    write!(
        printed,
        "{client:?} {reader:?} {writer:?} {error} {error:?}"
    )
    .unwrap();

    // The token was used, and the trace is not empty: the test means something.
    let requests = server.requests();
    assert!(
        requests[0]
            .to_lowercase()
            .contains(&format!("authorization: bearer {TOKEN}"))
    );
    let traced = captured.text();
    assert!(traced.contains("mtlsctl::api"), "{traced}");
    assert!(traced.contains("8f2c-FRA"), "{traced}");
    assert!(traced.contains("TRACE"), "{traced}");

    for text in [traced, printed] {
        assert!(!text.contains(TOKEN), "{text}");
        assert!(!text.contains("Bearer"), "{text}");
        assert!(!text.to_lowercase().contains("authorization:"), "{text}");
    }
}
