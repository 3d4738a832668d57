//! A change as a graph of dependencies orders it: what refers to something comes after it, what is taken away goes in
//! the opposite order, everything is written once, and nobody waits for the edge.

use std::collections::BTreeMap;
use std::error::Error;

use mtlsctl::live::Live;
use mtlsctl::live::Rules;
use mtlsctl::plan::Allowed;
use mtlsctl::plan::CaRef;
use mtlsctl::plan::Change;
use mtlsctl::plan::RuleChange;
use mtlsctl::report;
use mtlsctl::resource::EntryPoint;
use mtlsctl::resource::RuleBody;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;

use crate::account::Account;
use crate::ours;
use crate::story::Stage;

/// Hosts by zone and CA.
type Lists = BTreeMap<(String, CaRef), Vec<String>>;

/// What is left of a plan once its order is forgotten.
#[derive(Default)]
struct Net {
    uploads: Vec<(String, String)>,
    /// Lists that get a host, and then those that only lose some.
    grown: Lists,
    shrunk: Lists,
    /// By `ref`; `None` for a rule that goes.
    rules: BTreeMap<String, (bool, Option<RuleBody>)>,
    deletions: Vec<String>,
}

/// Makes the change of a stage.
pub(crate) async fn apply(account: &Account, stage: &Stage) -> Result<(), Box<dyn Error>> {
    let seen = ours::look(account, stage).await?;
    let plan = seen.plan(&Allowed::default());
    let plan = plan.map_err(|refusals| report::plan::refusals(&refusals, 80))?;
    let mut net = Net::default();
    for step in plan.steps() {
        net.take(&step.change);
    }
    let api = Api {
        account,
        live: &seen.live,
        http: reqwest::Client::new(),
    };
    api.send(net).await
}

impl Net {
    fn take(&mut self, change: &Change) {
        match change {
            Change::UploadCa { mark, bundle } => {
                self.uploads.push((mark.to_string(), bundle.to_pem()));
            }
            Change::ReplaceHosts {
                zone,
                ca,
                before,
                after,
                ..
            } => {
                let list = (zone.to_string(), ca.clone());
                let was_grown = self.grown.remove(&list).is_some();
                let lists = if was_grown || !after.0.is_subset(&before.0) {
                    &mut self.grown
                } else {
                    &mut self.shrunk
                };
                lists.insert(list, after.0.iter().map(ToString::to_string).collect());
            }
            Change::Rule { change, .. } => self.take_rule(change),
            Change::DeleteCa { id, .. } => self.deletions.push(id.to_string()),
        }
    }

    fn take_rule(&mut self, change: &RuleChange) {
        match change {
            RuleChange::Create { rule, .. } => {
                let rule = (true, Some(rule.clone()));
                self.rules.insert(reference(rule.1.as_ref()), rule);
            }
            RuleChange::Replace { after, .. } => {
                let is_new = self.rules.get(&after.reference).is_some_and(|rule| rule.0);
                let rule = (is_new, Some(after.clone()));
                self.rules.insert(after.reference.clone(), rule);
            }
            RuleChange::Delete { rule } => {
                let known = self.rules.remove(&rule.reference);
                if !known.is_some_and(|rule| rule.0) {
                    self.rules.insert(rule.reference.clone(), (false, None));
                }
            }
            RuleChange::Move { .. } => {}
        }
    }
}

fn reference(rule: Option<&RuleBody>) -> String {
    rule.map(|rule| rule.reference.clone()).unwrap_or_default()
}

struct Api<'a> {
    account: &'a Account,
    live: &'a Live,
    http: reqwest::Client,
}

impl Api<'_> {
    async fn send(&self, net: Net) -> Result<(), Box<dyn Error>> {
        let account = format!("/accounts/{}", self.live.account);
        let mut uploaded = BTreeMap::new();
        for (name, pem) in net.uploads {
            let body = json!({ "name": name, "certificates": pem, "ca": true });
            let path = format!("{account}/mtls_certificates");
            let made = self.call(Method::POST, &path, Some(body)).await?;
            let id = made["result"]["id"].as_str().unwrap_or_default().to_owned();
            uploaded.insert(name, id);
        }
        self.replace(net.grown, &uploaded).await?;
        for (reference, (is_new, rule)) in net.rules {
            self.rule(&reference, is_new, rule).await?;
        }
        self.replace(net.shrunk, &uploaded).await?;
        for id in net.deletions {
            let path = format!("{account}/mtls_certificates/{id}");
            self.call(Method::DELETE, &path, None).await?;
        }
        Ok(())
    }

    async fn replace(
        &self,
        lists: Lists,
        uploaded: &BTreeMap<String, String>,
    ) -> Result<(), Box<dyn Error>> {
        for ((zone, ca), hosts) in lists {
            let id = match ca {
                CaRef::Known(id) => id.to_string(),
                CaRef::UploadedBy(name) => {
                    let mut made = uploaded.iter();
                    let is_it = |mark: &String| mark.contains(&format!("/{name}@"));
                    let made = made.find(|(mark, _)| is_it(mark));
                    made.ok_or("a list of an unknown CA")?.1.clone()
                }
                CaRef::CloudflareManaged => return Err("nobody asked for the managed CA".into()),
            };
            let zone = self.zone(&zone)?;
            let path = format!("/zones/{zone}/certificate_authorities/hostname_associations");
            let body = json!({ "hostnames": hosts, "mtls_certificate_id": id });
            self.call(Method::PUT, &path, Some(body)).await?;
        }
        Ok(())
    }

    async fn rule(
        &self,
        reference: &str,
        is_new: bool,
        rule: Option<RuleBody>,
    ) -> Result<(), Box<dyn Error>> {
        let zone = self.live.zones.values().next().ok_or("no zone")?;
        let rules = zone.rules.as_ref().ok_or("unread rules")?;
        let Rules::EntryPoint(EntryPoint { id: ruleset, .. }) = rules else {
            return Err("no ruleset".into());
        };
        let live = rules.as_slice().iter();
        let live = live.clone().find(|rule| rule.reference == reference);
        let rules = format!("/zones/{}/rulesets/{ruleset}/rules", zone.zone.id);
        let id = || live.map(|rule| rule.id.to_string()).ok_or("no such rule");
        let (method, path) = match (is_new, &rule) {
            (true, _) => (Method::POST, rules),
            (false, Some(_)) => (Method::PATCH, format!("{rules}/{}", id()?)),
            (false, None) => (Method::DELETE, format!("{rules}/{}", id()?)),
        };
        let body = rule.map(|rule| {
            json!({
                "ref": rule.reference, "description": rule.description, "action": rule.action,
                "expression": rule.expression, "enabled": rule.enabled,
            })
        });
        self.call(method, &path, body).await.map(|_| ())
    }

    fn zone(&self, name: &str) -> Result<String, Box<dyn Error>> {
        let mut zones = self.live.zones.iter();
        let zone = zones.find(|(zone, _)| zone.as_str() == name);
        Ok(zone.ok_or("no such zone")?.1.zone.id.to_string())
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Value, Box<dyn Error>> {
        let url = format!("{}{path}", self.account.base);
        let mut request = self.http.request(method.clone(), url);
        request = request.bearer_auth(self.account.token());
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        let answer = request.send().await?;
        let (status, text) = (answer.status(), answer.text().await?);
        if status.is_success() {
            return Ok(serde_json::from_str(&text)?);
        }
        Err(format!("{method} {path}: {status} {text}").into())
    }
}
