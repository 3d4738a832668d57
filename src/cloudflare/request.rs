//! A call as a request: method, path, query and body, and nothing else. No host, no token, no network.

use bytes::Bytes;
use http::Method;
use http::Request;
use http::header::CONTENT_TYPE;
use http::header::HeaderValue;
use serde_json::Value;
use serde_json::json;

use crate::cloudflare::Call;
use crate::cloudflare::RuleBody;
use crate::resource::AccountId;
use crate::resource::Issuer;
use crate::resource::RulesetId;
use crate::resource::ZoneId;

/// The phase in which custom rules run.
const PHASE: &str = "http_request_firewall_custom";

/// The phase of Single Redirects.
/// <https://developers.cloudflare.com/ruleset-engine/reference/phases-list/>
const REDIRECTS: &str = "http_request_dynamic_redirect";

/// The most zones that one page may hold.
const ZONES_PER_PAGE: u32 = 50;

/// How many IP Access rules a page holds: the published schema allows 1 and multiples of 5, up to this.
/// <https://developers.cloudflare.com/api/resources/firewall/subresources/access_rules/methods/list/>
const ACCESS_RULES_PER_PAGE: u32 = 1000;

/// How many DNS records a page holds. The published schema allows up to 5,000,000, by default 100; this
/// is the whole of most zones, in an answer of less than a megabyte.
/// <https://developers.cloudflare.com/api/resources/dns/subresources/records/methods/list/>
const RECORDS_PER_PAGE: u32 = 1000;

impl Call {
    /// The request that asks for it; its target is a path and a query, to be put behind a base URL.
    #[must_use]
    #[expect(
        clippy::missing_panics_doc,
        reason = "a target is made of constants, numbers and checked ids only, so it is a URI"
    )]
    pub fn request(&self) -> Request<Bytes> {
        let body = self.body();
        let mut request = Request::builder()
            .method(self.method())
            .uri(self.target())
            .body(Bytes::new())
            .expect("constants, numbers and checked ids make a URI");
        if let Some(body) = body {
            let json = HeaderValue::from_static("application/json");
            request.headers_mut().insert(CONTENT_TYPE, json);
            *request.body_mut() = body.to_string().into();
        }
        request
    }

    pub(crate) fn method(&self) -> Method {
        match self {
            Self::ListZones { .. }
            | Self::ListCertificates { .. }
            | Self::GetCertificate { .. }
            | Self::CertificateAssociations { .. }
            | Self::ListHosts { .. }
            | Self::GetEntryPoint { .. }
            | Self::GetRuleset { .. }
            | Self::GetAccountEntryPoint { .. }
            | Self::GetRedirects { .. }
            | Self::ListAccountAccessRules { .. }
            | Self::ListZoneAccessRules { .. }
            | Self::ListRecords { .. }
            | Self::VerifyUserToken
            | Self::VerifyAccountToken { .. } => Method::GET,
            Self::UploadCertificate { .. }
            | Self::CreateEntryPoint { .. }
            | Self::CreateRule { .. } => Method::POST,
            Self::ReplaceHosts { .. } => Method::PUT,
            Self::ChangeRule { .. } | Self::MoveRule { .. } => Method::PATCH,
            Self::DeleteCertificate { .. } | Self::DeleteRule { .. } => Method::DELETE,
        }
    }

    /// Path and query. Nothing in it needs escaping: ids were checked when they were made.
    pub(crate) fn target(&self) -> String {
        match self {
            Self::ListZones { account, page } => format!(
                "/zones?account.id={account}&order=name&page={page}&per_page={ZONES_PER_PAGE}"
            ),
            Self::ListCertificates { account, page: 1 }
            | Self::UploadCertificate { account, .. } => certificates(account),
            Self::ListCertificates { account, page } => {
                format!("{}?page={page}", certificates(account))
            }
            Self::GetCertificate {
                account,
                certificate,
            }
            | Self::DeleteCertificate {
                account,
                certificate,
            } => format!("{}/{certificate}", certificates(account)),
            Self::CertificateAssociations {
                account,
                certificate,
            } => format!("{}/{certificate}/associations", certificates(account)),
            Self::ListHosts { zone, issuer } => match issuer {
                Issuer::CloudflareManaged => hosts(zone),
                Issuer::Uploaded(id) => format!("{}?mtls_certificate_id={id}", hosts(zone)),
            },
            Self::ReplaceHosts { zone, .. } => hosts(zone),
            Self::GetEntryPoint { zone } => {
                format!("/zones/{zone}/rulesets/phases/{PHASE}/entrypoint")
            }
            Self::GetRuleset { zone, ruleset } => format!("/zones/{zone}/rulesets/{ruleset}"),
            Self::GetAccountEntryPoint { account } => {
                format!("/accounts/{account}/rulesets/phases/{PHASE}/entrypoint")
            }
            Self::GetRedirects { zone } => {
                format!("/zones/{zone}/rulesets/phases/{REDIRECTS}/entrypoint")
            }
            Self::ListAccountAccessRules { account, page } => {
                access_rules(&format!("/accounts/{account}"), *page)
            }
            Self::ListZoneAccessRules { zone, page } => {
                access_rules(&format!("/zones/{zone}"), *page)
            }
            Self::ListRecords { zone, page } => {
                format!(
                    "/zones/{zone}/dns_records?order=name&page={page}&per_page={RECORDS_PER_PAGE}"
                )
            }
            Self::CreateEntryPoint { zone, .. } => format!("/zones/{zone}/rulesets"),
            Self::CreateRule { zone, ruleset, .. } => rules(zone, ruleset),
            Self::ChangeRule {
                zone, ruleset, id, ..
            }
            | Self::MoveRule {
                zone, ruleset, id, ..
            }
            | Self::DeleteRule { zone, ruleset, id } => format!("{}/{id}", rules(zone, ruleset)),
            Self::VerifyUserToken => "/user/tokens/verify".to_owned(),
            Self::VerifyAccountToken { account } => format!("/accounts/{account}/tokens/verify"),
        }
    }

    /// The JSON that is sent; `None` where nothing is.
    ///
    /// The published schema asks for an undescribed body on the DELETE of a certificate; clients that
    /// send none work (API reference, section 1.1).
    fn body(&self) -> Option<Value> {
        match self {
            Self::UploadCertificate { name, pem, .. } => {
                Some(json!({ "ca": true, "certificates": pem, "name": name }))
            }
            Self::ReplaceHosts { issuer, hosts, .. } => Some(match issuer {
                Issuer::CloudflareManaged => json!({ "hostnames": hosts.0 }),
                Issuer::Uploaded(id) => {
                    json!({ "hostnames": hosts.0, "mtls_certificate_id": id.as_str() })
                }
            }),
            Self::CreateEntryPoint { rules, .. } => {
                let rules: Vec<_> = rules.iter().map(RuleBody::to_json).collect();
                Some(json!({ "name": "default", "kind": "zone", "phase": PHASE, "rules": rules }))
            }
            Self::CreateRule { rule, position, .. } => {
                let mut body = rule.to_json();
                body.insert("position".into(), position.to_json());
                Some(body.into())
            }
            Self::ChangeRule { rule, .. } => Some(rule.to_json().into()),
            Self::MoveRule { position, .. } => Some(json!({ "position": position.to_json() })),
            Self::ListZones { .. }
            | Self::ListCertificates { .. }
            | Self::GetCertificate { .. }
            | Self::DeleteCertificate { .. }
            | Self::CertificateAssociations { .. }
            | Self::ListHosts { .. }
            | Self::GetEntryPoint { .. }
            | Self::GetRuleset { .. }
            | Self::GetAccountEntryPoint { .. }
            | Self::GetRedirects { .. }
            | Self::ListAccountAccessRules { .. }
            | Self::ListZoneAccessRules { .. }
            | Self::ListRecords { .. }
            | Self::DeleteRule { .. }
            | Self::VerifyUserToken
            | Self::VerifyAccountToken { .. } => None,
        }
    }
}

fn certificates(account: &AccountId) -> String {
    format!("/accounts/{account}/mtls_certificates")
}

fn hosts(zone: &ZoneId) -> String {
    format!("/zones/{zone}/certificate_authorities/hostname_associations")
}

fn rules(zone: &ZoneId, ruleset: &RulesetId) -> String {
    format!("/zones/{zone}/rulesets/{ruleset}/rules")
}

/// The IP Access rules of an account or a zone, whose path is `of`.
fn access_rules(of: &str, page: u32) -> String {
    format!("{of}/firewall/access_rules/rules?page={page}&per_page={ACCESS_RULES_PER_PAGE}")
}
