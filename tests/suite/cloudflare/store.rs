//! Reading the certificate store, and what the API tells about the token.

use std::collections::BTreeSet;

use mtlsctl::cloudflare::TokenKind;
use mtlsctl::cloudflare::TokenStatus;
use mtlsctl::live::CaKind;
use serde_json::json;

use crate::cloudflare::script::HTML;
use crate::cloudflare::script::Script;
use crate::cloudflare::script::account;
use crate::cloudflare::script::bundle;
use crate::cloudflare::script::ca;
use crate::cloudflare::script::listed;
use crate::cloudflare::script::ok;
use crate::cloudflare::script::page;
use crate::cloudflare::script::refused;
use crate::cloudflare::script::text;

#[tokio::test]
async fn the_certificate_store_holds_more_than_cas() {
    let content = bundle("Fleet CA");
    let bare = json!({ "id": ca(2).as_str(), "ca": true });
    let leaf = json!({ "id": ca(3).as_str(), "name": "worker", "ca": false, "type": "custom" });
    let gateway =
        json!({ "id": ca(4).as_str(), "name": "", "ca": true, "type": "gateway_managed" });
    let odd = json!({ "id": ca(5).as_str(), "name": null, "ca": true, "certificates": "-----BEGIN NOTHING" });
    let items = vec![listed(&ca(1), "fleet", &content), bare, leaf, gateway, odd];
    let script = Script::new([page(items, 1, 1, 5), ok(listed(&ca(2), "", &content))]);
    let all = script
        .client()
        .reader()
        .certificates(&account())
        .await
        .unwrap();
    let shown: Vec<_> = all
        .iter()
        .map(|one| (one.name.as_str(), &one.kind, one.bundle.is_some()))
        .collect();
    let product = CaKind::Product("gateway_managed".into());
    assert_eq!(
        shown,
        [
            ("fleet", &CaKind::Uploaded, true),
            ("", &CaKind::Uploaded, true),
            ("worker", &CaKind::Leaf, false),
            ("", &product, false),
            ("", &CaKind::Uploaded, false),
        ]
    );
    assert_eq!(all[0].bundle.as_ref(), Some(&content));
    assert_eq!(
        all[0].uploaded_on.unwrap().to_string(),
        "2026-11-22T17:32:30.467938Z"
    );
    let store = format!("GET /accounts/{}/mtls_certificates", account());
    assert_eq!(script.sent(), [store.clone(), format!("{store}/{}", ca(2))]);
}

#[tokio::test]
async fn a_store_that_does_not_know_pages_is_read_once() {
    let items: Vec<_> = (0..60)
        .map(|n| json!({ "id": ca(n).as_str(), "ca": false }))
        .collect();
    let script = Script::new([page(items, 1, 2, 60)]);
    assert_eq!(
        script
            .client()
            .reader()
            .certificates(&account())
            .await
            .unwrap()
            .len(),
        60
    );
    assert_eq!(script.sent().len(), 1);
}

#[tokio::test]
async fn a_certificate_is_absent_only_if_the_api_says_so() {
    for reply in [
        refused(404, 1472, "Certificate not found"),
        refused(400, 1472, "Certificate not found"),
        refused(404, 1, "not found"),
    ] {
        let script = Script::new([reply]);
        assert_eq!(
            script
                .client()
                .reader()
                .certificate(&account(), &ca(1))
                .await
                .unwrap(),
            None
        );
    }
    for reply in [refused(404, 7003, "Could not route"), text(404, HTML)] {
        let script = Script::new([reply]);
        assert!(
            script
                .client()
                .reader()
                .certificate(&account(), &ca(1))
                .await
                .is_err()
        );
    }
}

#[tokio::test]
async fn services_that_use_a_certificate_are_named() {
    let script = Script::new([ok(
        json!([{ "service": "gateway", "status": "active" }, { "status": "x" }]),
    )]);
    let services = script
        .client()
        .reader()
        .services_using(&account(), &ca(1))
        .await
        .unwrap();
    assert_eq!(services, BTreeSet::from(["gateway".to_owned()]));
}

#[tokio::test]
async fn a_token_is_looked_for_in_both_places() {
    let good =
        || ok(json!({ "id": "t", "status": "active", "expires_on": "2099-01-01T00:00:00Z" }));
    let script = Script::new([good()]);
    let token = script.client().reader().token(&account()).await.unwrap();
    assert_eq!(
        (token.kind, token.status),
        (TokenKind::User, TokenStatus::Active)
    );
    assert_eq!(
        token.expires_on.unwrap().to_string(),
        "2099-01-01T00:00:00Z"
    );

    let script = Script::new([
        refused(401, 1000, "Invalid API Token"),
        ok(json!({ "id": "t", "status": "expired" })),
    ]);
    let token = script.client().reader().token(&account()).await.unwrap();
    assert_eq!(
        (token.kind, token.status, token.expires_on),
        (TokenKind::Account, TokenStatus::Expired, None)
    );

    let script = Script::new([
        refused(401, 1000, "Invalid API Token"),
        refused(
            403,
            9109,
            "Cannot use the access token from location: 192.0.2.1",
        ),
    ]);
    let error = script
        .client()
        .reader()
        .token(&account())
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the API does not accept the token, neither as a user's (GET /user/tokens/verify: answered 401: \
         Invalid API Token (1000)) nor as the account's own (GET \
         /accounts/9a7806061c88ada191ed06f989cc3dac/tokens/verify: answered 403: Cannot use the access \
         token from location: 192.0.2.1 (9109))"
    );

    let script = Script::new([text(403, HTML)]);
    assert!(script.client().reader().token(&account()).await.is_err());
}
