//! A world with three rules in it.

use serde_json::Value;
use serde_json::json;

use crate::sandbox::world::World;
use crate::sandbox::world::entry_point;

/// A world whose `example.net` has an entry point with the rules `a`, `b` and `c`.
pub(crate) struct Rules {
    pub(crate) world: World,
    ruleset: String,
}

impl Rules {
    pub(crate) fn new() -> Self {
        let mut world = World::new();
        let zone = world.zone("example.net");
        let rules: Vec<Value> = ["a", "b", "c"].iter().map(|name| rule(name)).collect();
        let ruleset = world.put(&entry_point(&zone), json!({"rules": rules}));
        let ruleset = format!(
            "/zones/{zone}/rulesets/{}",
            ruleset["id"].as_str().expect("an id")
        );
        Self { world, ruleset }
    }

    pub(crate) fn rules(&self) -> String {
        format!("{}/rules", self.ruleset)
    }

    pub(crate) fn read(&mut self) -> Value {
        self.world.get(&self.ruleset)
    }

    pub(crate) fn find(&mut self, name: &str) -> Value {
        let ruleset = self.read();
        let rules = ruleset["rules"].as_array().expect("a list");
        rules
            .iter()
            .find(|rule| rule["ref"] == name)
            .expect("a rule")
            .clone()
    }

    pub(crate) fn id(&mut self, name: &str) -> String {
        self.find(name)["id"].as_str().expect("an id").to_owned()
    }

    pub(crate) fn path(&mut self, name: &str) -> String {
        format!("{}/{}", self.rules(), self.id(name))
    }
}

pub(crate) fn rule(name: &str) -> Value {
    json!({"ref": name, "action": "block", "expression": format!("http.host eq \"{name}.example.net\"")})
}

pub(crate) fn with(mut rule: Value, name: &str, value: Value) -> Value {
    rule[name] = value;
    rule
}

pub(crate) fn order(ruleset: &Value) -> String {
    let rules = ruleset["rules"].as_array().expect("a list");
    rules
        .iter()
        .map(|rule| rule["ref"].as_str().expect("a ref"))
        .collect()
}
