//! Every call as a request: a table that can be held against Cloudflare's API reference.

use mtlsctl::cloudflare::Call;
use mtlsctl::cloudflare::Position;
use mtlsctl::cloudflare::RuleBody;
use mtlsctl::live::HostList;
use mtlsctl::resource::Issuer;
use serde_json::Value;
use serde_json::json;

use crate::cloudflare::script::account;
use crate::cloudflare::script::ca;
use crate::cloudflare::script::rule;
use crate::cloudflare::script::ruleset;
use crate::cloudflare::script::zone;

const ACCOUNT: &str = "/accounts/9a7806061c88ada191ed06f989cc3dac";
const ZONE: &str = "/zones/023e105f4ecef8ad9ca31a8372d0c353";
const CA: &str = "2458ce5a-0c35-4c7f-82c7-000000000001";
const RULES: &str = "/rulesets/2f2feab2026849078ba485f918791bdc/rules";
const RULE: &str = "0000000000000000000000000000000a";

fn body() -> RuleBody {
    RuleBody {
        reference: "platform-mtls/require-client-certificate/1".into(),
        description: "mTLS: see mtls.yaml".into(),
        action: "block".into(),
        parameters: json!({}),
        expression: "(lower(http.host) eq \"api.example.com\")".into(),
        enabled: true,
    }
}

fn body_json() -> Value {
    json!({
        "ref": "platform-mtls/require-client-certificate/1",
        "description": "mTLS: see mtls.yaml",
        "action": "block",
        "expression": "(lower(http.host) eq \"api.example.com\")",
        "enabled": true,
    })
}

fn with(mut value: Value, key: &str, more: Value) -> Value {
    value[key] = more;
    value
}

fn hosts(names: &[&str]) -> HostList {
    HostList(names.iter().map(ToString::to_string).collect())
}

fn check(call: &Call, line: &str, body: Option<&Value>, permission: Option<&str>) {
    let request = call.request();
    assert_eq!(format!("{} {}", request.method(), request.uri()), line);
    let named = line.split('?').next().expect("a path");
    assert_eq!(call.to_string(), named, "an error needs no query");
    assert_eq!(call.permission(), permission, "{line}");
    match body {
        None => {
            assert!(request.body().is_empty(), "{line} sends a body");
            assert!(request.headers().is_empty(), "{line}");
        }
        Some(body) => {
            let sent: Value = serde_json::from_slice(request.body()).unwrap();
            assert_eq!(sent, *body, "{line}");
            assert_eq!(request.headers()["content-type"], "application/json");
            assert_eq!(request.headers().len(), 1, "{line}");
        }
    }
}

#[test]
fn zones_are_listed_by_account_fifty_at_a_time() {
    let call = Call::ListZones {
        account: account(),
        page: 2,
    };
    let line =
        "GET /zones?account.id=9a7806061c88ada191ed06f989cc3dac&order=name&page=2&per_page=50";
    check(&call, line, None, Some("Zone · Zone: Read"));
}

#[test]
fn the_certificate_store() {
    let (account, certificate) = (account(), ca(1));
    let read = Some("Account · SSL and Certificates: Read");
    let edit = Some("Account · SSL and Certificates: Edit");
    let one = format!("{ACCOUNT}/mtls_certificates/{CA}");
    for (page, query) in [(1, ""), (2, "?page=2")] {
        let call = Call::ListCertificates {
            account: account.clone(),
            page,
        };
        let line = format!("GET {ACCOUNT}/mtls_certificates{query}");
        check(&call, &line, None, read);
    }
    let call = Call::GetCertificate {
        account: account.clone(),
        certificate: certificate.clone(),
    };
    check(&call, &format!("GET {one}"), None, read);
    let call = Call::CertificateAssociations {
        account: account.clone(),
        certificate: certificate.clone(),
    };
    check(&call, &format!("GET {one}/associations"), None, read);
    let call = Call::UploadCertificate {
        account: account.clone(),
        name: "platform-mtls/fleet-2026@0a1b2c3d".into(),
        pem: "-----BEGIN CERTIFICATE-----\nMIID\n-----END CERTIFICATE-----\n".into(),
    };
    let body = json!({
        "ca": true,
        "name": "platform-mtls/fleet-2026@0a1b2c3d",
        "certificates": "-----BEGIN CERTIFICATE-----\nMIID\n-----END CERTIFICATE-----\n",
    });
    let line = format!("POST {ACCOUNT}/mtls_certificates");
    check(&call, &line, Some(&body), edit);
    let call = Call::DeleteCertificate {
        account,
        certificate,
    };
    check(&call, &format!("DELETE {one}"), None, edit);
}

#[test]
fn host_lists_name_their_ca_in_the_query_to_read_and_in_the_body_to_write() {
    let line = format!("{ZONE}/certificate_authorities/hostname_associations");
    let read = Some("Zone · SSL and Certificates: Read");
    let edit = Some("Zone · SSL and Certificates: Edit");
    let list = |issuer| Call::ListHosts {
        zone: zone(),
        issuer,
    };
    let replace = |issuer, names: &[&str]| Call::ReplaceHosts {
        zone: zone(),
        issuer,
        hosts: hosts(names),
    };
    let own = || Issuer::Uploaded(ca(1));
    let get = format!("GET {line}?mtls_certificate_id={CA}");
    check(&list(own()), &get, None, read);
    let get = format!("GET {line}");
    check(&list(Issuer::CloudflareManaged), &get, None, read);

    let put = format!("PUT {line}");
    for (names, sent) in [
        (
            &["pay.example.com", "API.example.com", "api.example.com"][..],
            json!(["API.example.com", "api.example.com", "pay.example.com"]),
        ),
        (&[], json!([])),
    ] {
        let body = json!({ "hostnames": sent, "mtls_certificate_id": CA });
        check(&replace(own(), names), &put, Some(&body), edit);
        let body = json!({ "hostnames": sent });
        let managed = replace(Issuer::CloudflareManaged, names);
        check(&managed, &put, Some(&body), edit);
    }
}

#[test]
fn the_entry_point_is_read_by_phase_and_created_by_a_post() {
    let call = Call::GetEntryPoint { zone: zone() };
    let line = format!("GET {ZONE}/rulesets/phases/http_request_firewall_custom/entrypoint");
    check(&call, &line, None, Some("Zone · Zone WAF: Read"));
    let call = Call::CreateEntryPoint {
        zone: zone(),
        rules: vec![body()],
    };
    let sent = json!({
        "name": "default",
        "kind": "zone",
        "phase": "http_request_firewall_custom",
        "rules": [body_json()],
    });
    let line = format!("POST {ZONE}/rulesets");
    check(&call, &line, Some(&sent), Some("Zone · Zone WAF: Edit"));
}

#[test]
fn rules_are_written_one_by_one() {
    let edit = Some("Zone · Zone WAF: Edit");
    for (position, sent) in [
        (Position::First, json!({ "index": 1 })),
        (Position::Before(rule(10)), json!({ "before": RULE })),
        (Position::After(rule(10)), json!({ "after": RULE })),
    ] {
        let call = Call::CreateRule {
            zone: zone(),
            ruleset: ruleset(),
            rule: body(),
            position: position.clone(),
        };
        let whole = with(body_json(), "position", sent.clone());
        check(&call, &format!("POST {ZONE}{RULES}"), Some(&whole), edit);
        let call = Call::MoveRule {
            zone: zone(),
            ruleset: ruleset(),
            id: rule(10),
            position,
        };
        let alone = json!({ "position": sent });
        let line = format!("PATCH {ZONE}{RULES}/{RULE}");
        check(&call, &line, Some(&alone), edit);
    }
    let response = json!({ "response": { "status_code": 403, "content": "no", "content_type": "text/plain" } });
    let call = Call::ChangeRule {
        zone: zone(),
        ruleset: ruleset(),
        id: rule(10),
        rule: RuleBody {
            parameters: response.clone(),
            enabled: false,
            ..body()
        },
    };
    let whole = with(body_json(), "action_parameters", response);
    let whole = with(whole, "enabled", json!(false));
    let line = format!("PATCH {ZONE}{RULES}/{RULE}");
    check(&call, &line, Some(&whole), edit);
    let call = Call::DeleteRule {
        zone: zone(),
        ruleset: ruleset(),
        id: rule(10),
    };
    check(&call, &format!("DELETE {ZONE}{RULES}/{RULE}"), None, edit);
}

#[test]
fn what_stands_beside_custom_rules_is_only_read() {
    let line = format!("GET {ZONE}/rulesets/2f2feab2026849078ba485f918791bdc");
    let call = Call::GetRuleset {
        zone: zone(),
        ruleset: ruleset(),
    };
    check(&call, &line, None, Some("Zone · Zone WAF: Read"));
    let call = Call::GetAccountEntryPoint { account: account() };
    let line = format!("GET {ACCOUNT}/rulesets/phases/http_request_firewall_custom/entrypoint");
    check(&call, &line, None, Some("Account · Account WAF: Read"));
    let call = Call::GetRedirects { zone: zone() };
    let line = format!("GET {ZONE}/rulesets/phases/http_request_dynamic_redirect/entrypoint");
    check(&call, &line, None, Some("Zone · Single Redirect: Read"));
    let call = Call::ListAccountAccessRules {
        account: account(),
        page: 1,
    };
    let line = format!("GET {ACCOUNT}/firewall/access_rules/rules?page=1&per_page=1000");
    let needs = Some("Account · Account Firewall Access Rules: Read");
    check(&call, &line, None, needs);
    let call = Call::ListZoneAccessRules {
        zone: zone(),
        page: 2,
    };
    let line = format!("GET {ZONE}/firewall/access_rules/rules?page=2&per_page=1000");
    check(&call, &line, None, Some("Zone · Firewall Services: Read"));
    let call = Call::ListRecords {
        zone: zone(),
        page: 3,
    };
    let line = format!("GET {ZONE}/dns_records?order=name&page=3&per_page=1000");
    check(&call, &line, None, Some("Zone · DNS: Read"));
}

#[test]
fn a_token_is_verified_where_it_belongs() {
    check(
        &Call::VerifyUserToken,
        "GET /user/tokens/verify",
        None,
        None,
    );
    let call = Call::VerifyAccountToken { account: account() };
    let line = format!("GET {ACCOUNT}/tokens/verify");
    check(&call, &line, None, None);
}
