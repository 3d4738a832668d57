//! The keys of the file and the kinds of their values, and nothing about what the values mean.
//!
//! Every key is optional here, so that a missing one is reported together with everything else. The comments
//! on the keys are what an editor shows: the schema of the file is made from them.

mod value;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Deserializer;
use serde_yaml::Spanned;

use crate::config::schema;

pub(super) use value::Fields;
pub use value::Scalar;

pub(super) type Text = Spanned<String>;
pub(super) type List<T> = Spanned<Vec<Spanned<T>>>;

/// What a Cloudflare account should be, as mtlsctl reads it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("required" = ["version", "account", "owner"]))]
pub(super) struct Document {
    /// The version of this format: 1.
    #[serde(default, deserialize_with = "present")]
    #[schemars(schema_with = "schema::version")]
    pub(super) version: Option<Text>,
    /// The Cloudflare account: 32 lower-case hexadecimal digits, as the dashboard shows them, or
    /// `${NAME}` to read an environment variable.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "String")]
    pub(super) account: Option<Text>,
    /// Marks what belongs to this file in the account. Whatever carries no such mark is left alone.
    #[serde(default, deserialize_with = "present")]
    #[schemars(schema_with = "schema::name")]
    pub(super) owner: Option<Text>,
    /// Earlier values of `owner`, which count as ours too.
    #[serde(default, deserialize_with = "present")]
    #[schemars(schema_with = "schema::names")]
    pub(super) former_owners: Option<List<String>>,
    /// The zones that this file speaks for. Without the key: every active zone of the account.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Vec<String>")]
    pub(super) zones: Option<List<String>>,
    /// How many CA certificates the contract allows. Default 5.
    #[serde(default, deserialize_with = "present")]
    #[schemars(schema_with = "schema::at_least_one")]
    pub(super) quota: Option<Spanned<i64>>,
    /// How long to wait for the edge where the order of two steps matters, such as `60s` (the default),
    /// `5m` or `1h30m`.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "String")]
    pub(super) settle: Option<Text>,
    /// The authorities that issue client certificates.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Vec<CaEntry>")]
    pub(super) cas: Option<List<CaEntry>>,
    /// Which hosts ask for a certificate, and whose certificates they accept. Asking stops nobody; rules do.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Vec<GroupEntry>")]
    pub(super) hostnames: Option<List<GroupEntry>>,
    /// What happens to a request without a certificate that its host accepts.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Vec<RuleEntry>")]
    pub(super) rules: Option<List<RuleEntry>>,
    /// Who must get in, and who must not: judged by `validate`, by every plan and by audits.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Vec<TestEntry>")]
    pub(super) tests: Option<List<TestEntry>>,
    /// What no plan does unasked.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "GuardsEntry")]
    pub(super) guards: Option<GuardsEntry>,
    /// Findings of `mtlsctl audit` that are taken as they are, for a while.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Vec<AcceptEntry>")]
    pub(super) accept: Option<List<AcceptEntry>>,
}

/// The version alone, so that a file of a later one is not measured by the keys of this one.
#[derive(Deserialize)]
pub(super) struct Version {
    #[serde(default, deserialize_with = "present")]
    pub(super) version: Option<Text>,
}

/// A certificate authority.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("required" = ["name"]))]
pub(super) struct CaEntry {
    /// What groups and tests call it. `cloudflare-managed` is the CA that Cloudflare runs, listed only so
    /// that rules may pin it.
    #[serde(default, deserialize_with = "present")]
    #[schemars(schema_with = "schema::name")]
    pub(super) name: Option<Text>,
    /// Its PEM file, counted from the folder of this file, or the PEM itself. Upload the CA that issues
    /// client certificates directly.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "String")]
    pub(super) certificates: Option<Text>,
    /// PEM files of intermediates below it. They are not uploaded; their keys may be pinned too.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Vec<String>")]
    pub(super) issuers: Option<List<String>>,
    /// From 00:00 UTC of this day it counts as absent, and is taken out of the account.
    #[serde(default, deserialize_with = "present")]
    #[schemars(schema_with = "schema::date")]
    pub(super) retire: Option<Text>,
    /// Of `cloudflare-managed` only: the key ids that issue its client certificates, in hexadecimal digits.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Vec<String>")]
    pub(super) key_ids: Option<List<String>>,
}

/// A group of hosts that accept the same CAs.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("required" = ["name", "cas", "hosts"]))]
pub(super) struct GroupEntry {
    /// What rules call it.
    #[serde(default, deserialize_with = "present")]
    #[schemars(schema_with = "schema::name")]
    pub(super) name: Option<Text>,
    /// The CAs whose clients these hosts accept.
    #[serde(default, deserialize_with = "present")]
    #[schemars(schema_with = "schema::names")]
    pub(super) cas: Option<List<String>>,
    /// The hosts; no wildcards, each in one group only.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Vec<String>")]
    pub(super) hosts: Option<List<String>>,
}

/// A rule about requests without a certificate that their host accepts.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("required" = ["name"]))]
pub(super) struct RuleEntry {
    /// Marks the rule in the account, together with `owner`.
    #[serde(default, deserialize_with = "present")]
    #[schemars(schema_with = "schema::name")]
    pub(super) name: Option<Text>,
    /// Groups (without a dot) or hosts (with one). Without the key: every host of this file.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Vec<String>")]
    pub(super) hostnames: Option<List<String>>,
    /// What becomes of the request. Only `block`, the default, keeps strangers out: people can solve challenges.
    #[serde(default, deserialize_with = "present")]
    #[schemars(schema_with = "schema::action")]
    pub(super) action: Option<Text>,
    /// Whether only certificates of the CAs of the very host get past. Default `true`; `false` lets in the
    /// clients of every CA in the account.
    #[serde(default, deserialize_with = "present")]
    #[schemars(schema_with = "schema::yes")]
    pub(super) pin: Option<bool>,
    /// Requests that need no certificate, in Cloudflare's rules language, such as
    /// `http.request.uri.path eq "/healthz"`.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "String")]
    pub(super) unless: Option<Text>,
    /// The answer to a blocked request, instead of Cloudflare's own page.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "ResponseEntry")]
    pub(super) response: Option<Spanned<ResponseEntry>>,
    /// Whether the rule takes part at all. Default `true`.
    #[serde(default, deserialize_with = "present")]
    #[schemars(schema_with = "schema::yes")]
    pub(super) enabled: Option<bool>,
    /// Live rules that this one takes over, as `import` writes them.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Vec<AdoptEntry>")]
    pub(super) adopt: Option<List<AdoptEntry>>,
}

/// The answer to a blocked request.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("required" = ["status", "content_type", "content"]))]
pub(super) struct ResponseEntry {
    /// The HTTP status, 400 to 499.
    #[serde(default, deserialize_with = "present")]
    #[schemars(schema_with = "schema::client_error")]
    pub(super) status: Option<Spanned<i64>>,
    /// The media type of the content, such as `application/json`.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "String")]
    pub(super) content_type: Option<Text>,
    /// The body.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "String")]
    pub(super) content: Option<Text>,
}

/// A live rule that is taken over.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("required" = ["zone", "ref"]))]
pub(super) struct AdoptEntry {
    /// The zone of the rule.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "String")]
    pub(super) zone: Option<Text>,
    /// The rule's `ref` there.
    #[serde(default, rename = "ref", deserialize_with = "present")]
    #[schemars(with = "String")]
    pub(super) reference: Option<Text>,
}

/// An access test.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("required" = ["host", "certificate", "expect"]))]
pub(super) struct TestEntry {
    /// A host of this file.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "String")]
    pub(super) host: Option<Text>,
    /// What the client presents: `none`, `stranger` (of an issuer that nobody here knows), or the name of a CA.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "String")]
    pub(super) certificate: Option<Text>,
    /// The path of the request, perhaps with a query. Default `/`.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "String")]
    pub(super) path: Option<Text>,
    /// Other fields of the request, such as `http.request.method: POST`. What is not given may be anything.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "BTreeMap<String, Scalar>")]
    pub(super) given: Option<Fields>,
    /// What must become of every request like that.
    #[serde(default, deserialize_with = "present")]
    #[schemars(schema_with = "schema::expectation")]
    pub(super) expect: Option<Text>,
}

/// What no plan does unasked. Each refusal names the flag that allows it.
#[derive(Deserialize, Default, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GuardsEntry {
    /// How many CAs and rules of this file one plan may delete. Default 1.
    #[serde(default, deserialize_with = "present")]
    #[schemars(schema_with = "schema::count")]
    pub(super) max_deletes: Option<Spanned<i64>>,
    /// On how many protected hosts somebody's access may change, from 3 such hosts on: a share such as `30%`
    /// (the default), or a number.
    #[serde(default, deserialize_with = "present")]
    #[schemars(schema_with = "schema::limit")]
    pub(super) max_changed_hosts: Option<Text>,
    /// How long a CA that is uploaded must still be valid. Default `30d`.
    #[serde(default, deserialize_with = "present")]
    #[schemars(schema_with = "schema::days")]
    pub(super) min_validity: Option<Text>,
    /// How long a CA stays beside its successor. Default `14d`.
    #[serde(default, deserialize_with = "present")]
    #[schemars(schema_with = "schema::days")]
    pub(super) min_overlap: Option<Text>,
    /// Hosts that a plan may leave open to clients without a certificate.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Vec<String>")]
    pub(super) may_open: Option<List<String>>,
    /// Whether a plan that changes access on hosts that are not ours is refused. Default `report`.
    #[serde(default, deserialize_with = "present")]
    #[schemars(schema_with = "schema::side_effects")]
    pub(super) side_effects: Option<Text>,
}

/// A finding that is taken as it is for a while.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("required" = ["finding", "object", "reason", "until"]))]
pub(super) struct AcceptEntry {
    /// The finding's id, such as `unpinned`.
    #[serde(default, deserialize_with = "present")]
    #[schemars(schema_with = "schema::name")]
    pub(super) finding: Option<Text>,
    /// What it was found on, as the audit names it.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "String")]
    pub(super) object: Option<Text>,
    /// Why it is taken.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "String")]
    pub(super) reason: Option<Text>,
    /// The first day on which it counts again.
    #[serde(default, deserialize_with = "present")]
    #[schemars(schema_with = "schema::date")]
    pub(super) until: Option<Text>,
}

/// A key that is there has a value: `zones:` with nothing behind it is a slip, not a default.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}
