//! An account on the sandbox, furnished by hand in the dashboard, and audited through the client.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::SignedDuration;
use mtlsctl::audit::Audit;
use mtlsctl::audit::Finding;
use mtlsctl::audit::Kind;
use mtlsctl::audit::Standard;
use mtlsctl::audit::Subject;
use mtlsctl::audit::audit;
use mtlsctl::cloudflare::Client;
use mtlsctl::cloudflare::Observer;
use mtlsctl::cloudflare::Settings;
use mtlsctl::cloudflare::Survey;
use mtlsctl::edge::AccessTest;
use mtlsctl::report;
use mtlsctl::resource::AccountId;
use mtlsctl::sandbox::ACCOUNT_ID;
use mtlsctl::sandbox::Permission;
use serde_json::Value;
use serde_json::json;

use crate::support::account::ModelAccount;
use crate::support::account::NOW;
use crate::support::dashboard::Dashboard;
use crate::support::golden::golden;
use crate::support::repository::bundle;
use crate::support::script::Fault;
use crate::support::script::When;

pub(super) const ZONE: &str = "example.com";
pub(super) const HOST: &str = "api.example.com";

/// Where others are at home, out of the way of these tests.
const ELSEWHERE: &str = "example.org";

/// An account with a zone in which nothing is.
#[derive(Clone)]
pub(super) struct World {
    account: ModelAccount,
    min_validity: SignedDuration,
    tests: Vec<AccessTest>,
}

impl World {
    pub(super) fn new() -> Self {
        Self {
            account: ModelAccount::new(&[ELSEWHERE, ZONE], 5),
            min_validity: SignedDuration::from_hours(30 * 24),
            tests: Vec::new(),
        }
    }

    /// One in which no host asks for certificates, of others neither.
    pub(super) fn nobody() -> Self {
        Self::new().somebody(|desk| {
            let theirs = desk.certificate("legacy-partners");
            desk.set_hosts(ELSEWHERE, theirs.as_deref(), &[]);
            desk.set_hosts(ELSEWHERE, None, &[]);
        })
    }

    /// One in which `api.example.com` asks for certificates of fleet-2026.
    pub(super) fn asking() -> Self {
        Self::new().ca("fleet-2026", &[HOST])
    }

    /// Uploads the CA of this name from `tests/fixtures`, and lists hosts for it.
    pub(super) fn ca(self, name: &str, hosts: &[&str]) -> Self {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
        let folders = [fixtures.join("ca"), fixtures];
        let paths = folders.map(|folder| folder.join(format!("{name}.pem")));
        let pem = paths
            .iter()
            .find_map(|path| std::fs::read_to_string(path).ok());
        let pem = pem.expect(name);
        self.somebody(|desk| {
            let id = desk.upload(name, &pem);
            desk.set_hosts(ZONE, Some(&id), hosts);
        })
    }

    /// Asks of CAs that they are valid for so many days more.
    pub(super) fn min_validity(self, days: i64) -> Self {
        Self {
            min_validity: SignedDuration::from_hours(days * 24),
            ..self
        }
    }

    /// Expects something of requests to the host.
    pub(super) fn expecting(self, test: AccessTest) -> Self {
        let tests = [self.tests, vec![test]].concat();
        Self { tests, ..self }
    }

    /// Lists hosts for the managed CA.
    pub(super) fn managed(self, hosts: &[&str]) -> Self {
        self.somebody(|desk| desk.set_hosts(ZONE, None, hosts))
    }

    /// Adds a rule at the end that blocks.
    pub(super) fn block(self, expression: &str) -> Self {
        self.rule("Certificates only", "block", json!({}), expression)
    }

    /// Adds a rule at the end.
    pub(super) fn rule(
        self,
        title: &str,
        action: &str,
        parameters: Value,
        expression: &str,
    ) -> Self {
        let mut rule = json!({
            "ref": title.to_lowercase().replace(' ', "-"),
            "description": title,
            "action": action,
            "expression": expression,
        });
        if parameters != json!({}) {
            rule["action_parameters"] = parameters;
        }
        self.somebody(|desk| desk.add_rule(ZONE, &rule))
    }

    /// Does anything in the dashboard.
    pub(super) fn somebody<T>(self, act: impl FnOnce(&mut Dashboard<'_>) -> T) -> Self {
        self.account.somebody(act);
        self
    }

    /// Goes on with a token that lacks some permissions.
    pub(super) fn without(self, permissions: &[Permission]) -> Self {
        self.account.without(permissions);
        self
    }

    /// Lets the first read of a path that has this in it be forbidden.
    pub(super) fn forbidding(self, path: &str) -> Self {
        let path: &'static str = path.to_owned().leak();
        self.account
            .fault(When::To("GET", path, 1), Fault::Forbidden);
        self
    }

    /// What an audit with the usual standard comes to.
    pub(super) async fn audit(&self) -> Audit {
        self.audit_bent(|_| ()).await
    }

    /// The same, with something in what was read that the sandbox does not hold.
    pub(super) async fn audit_bent(&self, by: impl FnOnce(&mut Subject)) -> Audit {
        let client = Client::new(self.account.clone(), Settings::default());
        let observer = Observer {
            reader: &client.reader(),
            parallel: 4,
            tell: &|| (),
        };
        let account = AccountId::parse(ACCOUNT_ID).expect("an id");
        let survey = observer.survey(&account, None, &|_| ()).await;
        let Survey {
            live,
            neighbours,
            services,
            unread,
        } = survey.expect("a survey");
        let mut subject = Subject {
            live,
            neighbours,
            services,
            unread,
        };
        by(&mut subject);
        let standard = Standard {
            at: NOW.parse().expect("a moment"),
            quota: 5,
            min_validity: self.min_validity,
            accept: Vec::new(),
            tests: self.tests.clone(),
            issuers: Vec::new(),
            managed_key_ids: BTreeSet::new(),
        };
        audit(&subject, &standard)
    }

    /// The findings of a kind, but for those about what is elsewhere.
    pub(super) async fn found(&self, kind: Kind) -> Vec<Finding> {
        let mut findings = self.audit().await.findings;
        findings.retain(|one| one.kind == kind && !one.object.contains(ELSEWHERE));
        findings
    }

    /// The findings of a kind, for tests that have nothing else to wait for.
    pub(super) fn now(&self, kind: Kind) -> Vec<Finding> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime");
        runtime.block_on(self.found(kind))
    }

    /// Shows a kind of finding on these objects, in the words of `tests/suite/audit/findings/KIND.txt`, and
    /// `near`, which is almost the same, does not.
    #[track_caller]
    pub(super) fn shows(&self, kind: Kind, objects: &[&str], near: &Self) -> Shown {
        let found = self.now(kind);
        let named: Vec<&str> = found.iter().map(|one| one.object.as_str()).collect();
        assert_eq!(named, objects, "{kind:?}");
        let others = near.now(kind);
        assert_eq!(others, [], "{kind:?}");
        Shown(kind, found)
    }
}

/// Findings that were shown.
pub(super) struct Shown(Kind, Vec<Finding>);

impl Shown {
    /// They read as the file of their kind says.
    #[track_caller]
    pub(super) fn reads(self) {
        let text = report::audit::findings(&self.1, 80);
        let text = anstream::adapter::strip_str(&text).to_string();
        golden(&format!("audit/findings/{}.txt", self.0.id()), &text);
    }
}

/// The key id of a CA in `tests/fixtures/ca` with one certificate.
pub(super) fn key_id(name: &str) -> String {
    let bundle = bundle(&format!("{name}.pem"));
    bundle.key_ids().first().expect("a key id").to_string()
}

/// Requests to the host that come with no verified certificate.
pub(super) const UNVERIFIED: &str =
    "lower(http.host) in {\"api.example.com\"} and not cf.tls_client_auth.cert_verified";

/// Requests to the host that come with no verified certificate of these issuers.
pub(super) fn unless_issued_by(key_ids: &[&str]) -> String {
    let key_ids: Vec<String> = key_ids.iter().map(|id| format!("\"{id}\"")).collect();
    format!(
        "lower(http.host) in {{\"{HOST}\"}} and not (cf.tls_client_auth.cert_verified and \
         cf.tls_client_auth.cert_issuer_ski in {{{}}})",
        key_ids.join(" ")
    )
}

/// Requests to the host that come with no verified certificate of fleet-2026.
pub(super) fn pinned() -> String {
    unless_issued_by(&[&key_id("fleet-2026")])
}
