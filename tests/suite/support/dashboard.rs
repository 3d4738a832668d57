//! Somebody else at work in the account: what a colleague does in the dashboard, and what one sees there.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::Request;
use jiff::SignedDuration;
use jiff::Timestamp;
use mtlsctl::sandbox::ACCOUNT_ID;
use mtlsctl::sandbox::Account;
use mtlsctl::sandbox::BASE_PATH;
use mtlsctl::sandbox::Caller;
use mtlsctl::sandbox::Lag;
use mtlsctl::sandbox::Store;
use mtlsctl::sandbox::ZoneFacts;
use serde_json::Value;
use serde_json::json;

use crate::support::project::Project;

/// The account at one moment, as its owner.
pub(crate) struct Dashboard<'a> {
    account: &'a mut Account,
    now: Timestamp,
}

/// Has somebody work in the account that the binary keeps in `account`, now: the binary goes by the clock of this
/// machine, and what it wrote is there only from that moment on.
pub(crate) fn outside(project: &Project, deed: impl FnOnce(&mut Dashboard<'_>)) {
    let now = Timestamp::now();
    Store::at(project.path("account"))
        .update(|account| deed(&mut Dashboard::new(account, now)))
        .expect("an account on disk");
}

impl<'a> Dashboard<'a> {
    pub(crate) fn new(account: &'a mut Account, now: Timestamp) -> Self {
        Self { account, now }
    }

    /// Makes a call that has to succeed, and gives its result.
    #[track_caller]
    pub(crate) fn call(&mut self, method: &str, path: &str, body: &Value) -> Value {
        let answer = self.send(method, path, body);
        assert_eq!(answer["success"], true, "{method} {path}: {answer}");
        answer["result"].clone()
    }

    /// The id of a zone.
    pub(crate) fn zone(&mut self, name: &str) -> String {
        let zones = self.call("GET", &format!("/zones?name={name}"), &Value::Null);
        text(&zones[0]["id"])
    }

    /// The certificates, in truth, however reads lag.
    pub(crate) fn certificates(&mut self) -> Vec<Value> {
        let path = format!("/accounts/{ACCOUNT_ID}/mtls_certificates");
        let all = self.at_rest(|desk| desk.call("GET", &path, &Value::Null));
        all.as_array().cloned().unwrap_or_default()
    }

    /// The id of the certificate of this name, or whose name begins so.
    pub(crate) fn certificate(&mut self, name: &str) -> Option<String> {
        let all = self.certificates();
        let found = all.iter().find(|one| text(&one["name"]).starts_with(name));
        found.map(|one| text(&one["id"]))
    }

    /// Uploads a CA.
    pub(crate) fn upload(&mut self, name: &str, pem: &str) -> String {
        let path = format!("/accounts/{ACCOUNT_ID}/mtls_certificates");
        let body = json!({"ca": true, "name": name, "certificates": pem});
        text(&self.call("POST", &path, &body)["id"])
    }

    /// Deletes a certificate.
    pub(crate) fn delete_certificate(&mut self, id: &str) {
        let path = format!("/accounts/{ACCOUNT_ID}/mtls_certificates/{id}");
        self.call("DELETE", &path, &Value::Null);
    }

    /// The hosts of a CA in a zone, sorted; of the managed CA where no certificate is named.
    pub(crate) fn hosts(&mut self, zone: &str, certificate: Option<&str>) -> Vec<String> {
        let query = certificate.map(|id| format!("?mtls_certificate_id={id}"));
        let path = format!("{}{}", self.hosts_path(zone), query.unwrap_or_default());
        let list = self.at_rest(|desk| desk.call("GET", &path, &Value::Null));
        let list = list["hostnames"].as_array().cloned().unwrap_or_default();
        let mut hosts: Vec<String> = list.iter().map(text).collect();
        hosts.sort();
        hosts
    }

    /// Replaces the hosts of a CA in a zone.
    pub(crate) fn set_hosts(&mut self, zone: &str, certificate: Option<&str>, hosts: &[&str]) {
        let path = self.hosts_path(zone);
        let mut body = json!({ "hostnames": hosts });
        if let Some(id) = certificate {
            body["mtls_certificate_id"] = json!(id);
        }
        self.call("PUT", &path, &body);
    }

    /// The entry point of a zone, null where there is none.
    pub(crate) fn entry_point(&mut self, zone: &str) -> Value {
        let path = self.entry_point_path(zone);
        self.send("GET", &path, &Value::Null)["result"].clone()
    }

    /// The rules of a zone, first to last.
    pub(crate) fn rules(&mut self, zone: &str) -> Vec<Value> {
        let entry = self.entry_point(zone);
        entry["rules"].as_array().cloned().unwrap_or_default()
    }

    /// Adds a rule at the end, and the entry point where there is none.
    pub(crate) fn add_rule(&mut self, zone: &str, rule: &Value) {
        let entry = self.entry_point(zone);
        if entry.is_null() {
            let path = self.entry_point_path(zone);
            self.call("PUT", &path, &json!({ "rules": [rule] }));
        } else {
            let path = self.rules_path(zone);
            self.call("POST", &path, rule);
        }
    }

    /// Makes an entry point without rules.
    pub(crate) fn add_entry_point(&mut self, zone: &str) {
        let path = self.entry_point_path(zone);
        self.call("PUT", &path, &json!({ "rules": [] }));
    }

    /// Changes a field of the rule whose `ref` or description begins so.
    pub(crate) fn change_rule(&mut self, zone: &str, begins: &str, field: &str, value: &Value) {
        let (id, mut rule) = self.rule(zone, begins);
        rule[field] = value.clone();
        let path = format!("{}/{id}", self.rules_path(zone));
        self.call("PATCH", &path, &rule);
    }

    /// Moves the rule whose `ref` or description begins so.
    pub(crate) fn move_rule(&mut self, zone: &str, begins: &str, position: &Value) {
        let (id, _) = self.rule(zone, begins);
        let path = format!("{}/{id}", self.rules_path(zone));
        self.call("PATCH", &path, &json!({ "position": position }));
    }

    /// Deletes the rule whose `ref` or description begins so.
    pub(crate) fn delete_rule(&mut self, zone: &str, begins: &str) {
        let (id, _) = self.rule(zone, begins);
        let path = format!("{}/{id}", self.rules_path(zone));
        self.call("DELETE", &path, &Value::Null);
    }

    /// Deletes the whole entry point.
    pub(crate) fn delete_entry_point(&mut self, zone: &str) {
        let ruleset = text(&self.entry_point(zone)["id"]);
        let path = format!("/zones/{}/rulesets/{ruleset}", self.zone(zone));
        self.send("DELETE", &path, &Value::Null);
    }

    /// Adds an IP Access rule about a target and a value: to a zone, or for all zones where none is named.
    pub(crate) fn add_access_rule(
        &mut self,
        zone: Option<&str>,
        mode: &str,
        (target, value): (&str, &str),
        notes: &str,
    ) -> String {
        let of = match zone {
            Some(zone) => format!("/zones/{}", self.zone(zone)),
            None => format!("/accounts/{ACCOUNT_ID}"),
        };
        let configuration = json!({"target": target, "value": value});
        let body = json!({"mode": mode, "configuration": configuration, "notes": notes});
        let path = format!("{of}/firewall/access_rules/rules");
        text(&self.call("POST", &path, &body)["id"])
    }

    /// Adds a DNS record.
    pub(crate) fn add_record(
        &mut self,
        zone: &str,
        kind: &str,
        name: &str,
        content: &str,
        proxied: bool,
    ) -> String {
        let path = format!("/zones/{}/dns_records", self.zone(zone));
        let body = json!({"type": kind, "name": name, "content": content, "proxied": proxied});
        text(&self.call("POST", &path, &body)["id"])
    }

    /// Adds a Single Redirect at the end, to the same address for all that match.
    pub(crate) fn add_redirect(&mut self, zone: &str, expression: &str, to: &str) {
        let rulesets = format!("/zones/{}/rulesets", self.zone(zone));
        let entry = format!("{rulesets}/phases/http_request_dynamic_redirect/entrypoint");
        let target = json!({"target_url": {"value": to}, "status_code": 301});
        let rule = json!({
            "action": "redirect", "expression": expression, "action_parameters": {"from_value": target},
        });
        self.append(&rulesets, &entry, &rule);
    }

    /// Adds a rule at the end of the account's own that executes a new custom ruleset with these rules;
    /// gives the id of that ruleset.
    pub(crate) fn add_account_rule(&mut self, expression: &str, rules: &[Value]) -> String {
        let rulesets = format!("/accounts/{ACCOUNT_ID}/rulesets");
        let id = self.new_ruleset(&rulesets, rules);
        let rule =
            json!({"action": "execute", "expression": expression, "action_parameters": {"id": id}});
        let entry = format!("{rulesets}/phases/http_request_firewall_custom/entrypoint");
        self.append(&rulesets, &entry, &rule);
        id
    }

    /// Makes a custom ruleset of a zone, which nothing executes yet; gives its id.
    pub(crate) fn add_ruleset(&mut self, zone: &str, rules: &[Value]) -> String {
        let rulesets = format!("/zones/{}/rulesets", self.zone(zone));
        self.new_ruleset(&rulesets, rules)
    }

    /// Deletes a custom ruleset, which no rule may execute any more.
    pub(crate) fn delete_ruleset(&mut self, zone: &str, id: &str) {
        let path = format!("/zones/{}/rulesets/{id}", self.zone(zone));
        self.send("DELETE", &path, &Value::Null);
    }

    /// Adds a zone.
    pub(crate) fn add_zone(&mut self, facts: ZoneFacts) {
        self.account.add_zone(facts);
    }

    /// Adds a rule at the end of an entry point, and the entry point where there is none.
    fn append(&mut self, rulesets: &str, entry: &str, rule: &Value) {
        let found = self.send("GET", entry, &Value::Null)["result"].clone();
        if found.is_null() {
            self.call("PUT", entry, &json!({ "rules": [rule] }));
        } else {
            let ruleset = text(&found["id"]);
            self.call("POST", &format!("{rulesets}/{ruleset}/rules"), rule);
        }
    }

    fn new_ruleset(&mut self, rulesets: &str, rules: &[Value]) -> String {
        let body = json!({
            "name": "a custom ruleset", "kind": "custom", "phase": "http_request_firewall_custom",
            "rules": rules,
        });
        text(&self.call("POST", rulesets, &body)["id"])
    }

    /// Everything that does not carry the mark of owner `team`, byte for byte as the API answers it:
    /// certificates, their host lists and those of the managed CA, rules in their order. Without some
    /// hosts, and without the certificates of some names.
    pub(crate) fn of_others(
        &mut self,
        zones: &[&str],
        without_hosts: &BTreeSet<String>,
        without_names: &[&str],
    ) -> Value {
        let is_theirs = |one: &Value, field: &str| !text(&one[field]).starts_with("team/");
        let mut certificates = self.certificates();
        certificates.retain(|one| {
            is_theirs(one, "name") && !without_names.contains(&text(&one["name"]).as_str())
        });
        let is_custom = |one: &&Value| one["type"] == "custom" && one["ca"] == true;
        let ids: Vec<Option<String>> = [None]
            .into_iter()
            .chain(
                certificates
                    .iter()
                    .filter(is_custom)
                    .map(|one| Some(text(&one["id"]))),
            )
            .collect();
        let mut in_zones = Vec::new();
        for zone in zones {
            let mut rules = self.rules(zone);
            rules.retain(|one| is_theirs(one, "ref"));
            let mut lists = Vec::new();
            for id in &ids {
                let mut hosts = self.hosts(zone, id.as_deref());
                hosts.retain(|host| !without_hosts.contains(host));
                lists.push(json!({"ca": id, "hosts": hosts}));
            }
            in_zones.push(json!({"zone": zone, "rules": rules, "lists": lists}));
        }
        json!({"certificates": certificates, "zones": in_zones})
    }

    /// Makes reads of host lists lag from now on, backwards too.
    pub(crate) fn lag_behind(&mut self, seconds: i64) {
        self.account.set_lag(Lag {
            associations: SignedDuration::from_secs(seconds),
            ..Lag::default()
        });
    }

    fn rule(&mut self, zone: &str, begins: &str) -> (String, Value) {
        let rules = self.rules(zone);
        let is_meant = |rule: &&Value| {
            ["ref", "description"]
                .iter()
                .any(|field| text(&rule[*field]).starts_with(begins))
        };
        let rule = rules.iter().find(is_meant).expect("a rule of that name");
        (text(&rule["id"]), rule.clone())
    }

    fn hosts_path(&mut self, zone: &str) -> String {
        let zone = self.zone(zone);
        format!("/zones/{zone}/certificate_authorities/hostname_associations")
    }

    fn entry_point_path(&mut self, zone: &str) -> String {
        let zone = self.zone(zone);
        format!("/zones/{zone}/rulesets/phases/http_request_firewall_custom/entrypoint")
    }

    fn rules_path(&mut self, zone: &str) -> String {
        let ruleset = text(&self.entry_point(zone)["id"]);
        format!("/zones/{}/rulesets/{ruleset}/rules", self.zone(zone))
    }

    /// Looks at a copy of the account whose reads do not lag.
    fn at_rest<T>(&mut self, look: impl FnOnce(&mut Dashboard<'_>) -> T) -> T {
        let mut copy = self.account.clone();
        copy.set_lag(Lag::default());
        look(&mut Dashboard::new(&mut copy, self.now))
    }

    fn send(&mut self, method: &str, path: &str, body: &Value) -> Value {
        let body = if body.is_null() {
            Bytes::new()
        } else {
            Bytes::from(body.to_string())
        };
        let request = Request::builder()
            .method(method)
            .uri(format!("{BASE_PATH}{path}"))
            .body(body)
            .expect("a request");
        let answer = self.account.answer(&request, &Caller::owner(), self.now);
        serde_json::from_slice(answer.body()).unwrap_or_default()
    }
}

/// A text of the API; empty where there is none.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
