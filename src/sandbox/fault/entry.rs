//! A fault as people write it: in a file, or as arguments. Says nothing about what makes sense.

use std::fmt;

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::de::SeqAccess;
use serde::de::Visitor;
use serde::de::value::SeqAccessDeserializer;
use serde_json::Value;

/// A fault as written. Which keys mean something depends on the kind; [`crate::sandbox::Fault::check`] tells.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultEntry {
    /// The kind, such as `latency`.
    pub fault: String,
    /// Names of endpoints, or `any`.
    #[serde(deserialize_with = "one_or_more")]
    pub on: Vec<String>,
    /// Only calls about this zone.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub zone: Option<String>,
    /// How many such calls pass first.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub after: Option<u64>,
    /// How often it acts; without, as long as it is armed.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub times: Option<u64>,
    /// How likely it acts on a call: above 0, at most 1.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub chance: Option<f64>,
    /// What `chance` is drawn with.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub seed: Option<u64>,
    /// How long it takes or lasts, such as `200ms` or `90s`.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub time: Option<String>,
    /// How many calls a stale read is behind.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub calls: Option<u64>,
    /// The HTTP status.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub status: Option<u16>,
    /// Whether the account does what is asked all the same.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub lands: Option<bool>,
    /// The permission group that is taken away.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub permission: Option<String>,
    /// When the foreign writer writes: `before-read`, `in-window`, `after-write`.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub moment: Option<String>,
    /// What the foreign writer does: `add-host`, `drop-host`, `add-rule`, `edit-rule`, `delete-rule`,
    /// `delete-ca`.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub change: Option<String>,
    /// The host that it adds or drops.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub host: Option<String>,
    /// The CA: its id, or how its name begins; `cloudflare-managed` for the managed one. Without, the CA of the
    /// call.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub ca: Option<String>,
    /// The rule: its id, or how its `ref` or description begins. Without, the rule of the call. For a new rule,
    /// its description.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub rule: Option<String>,
    /// The expression of a new or edited rule.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub expression: Option<String>,
    /// The action of a new or edited rule.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub action: Option<String>,
}

impl fmt::Display for FaultEntry {
    /// One line of YAML, which can stand in a file of faults.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(Value::Object(keys)) = serde_json::to_value(self) else {
            return Err(fmt::Error);
        };
        // In the order of the fields, which a JSON object does not keep.
        let order = [
            "fault",
            "on",
            "zone",
            "after",
            "times",
            "chance",
            "seed",
            "time",
            "calls",
            "status",
            "lands",
            "permission",
            "moment",
            "change",
            "host",
            "ca",
            "rule",
            "expression",
            "action",
        ];
        let mut separator = "{ ";
        for key in order {
            if let Some(value) = keys.get(key) {
                write!(f, "{separator}{key}: {}", plain(value))?;
                separator = ", ";
            }
        }
        f.write_str(" }")
    }
}

/// A value in flow style, without quotes where it needs none.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) if is_plain(text) => text.clone(),
        Value::Array(values) => match values.as_slice() {
            [one] => plain(one),
            many => {
                let many: Vec<String> = many.iter().map(plain).collect();
                format!("[{}]", many.join(", "))
            }
        },
        other => other.to_string(),
    }
}

/// Whether YAML reads it as this text without quotes.
fn is_plain(text: &str) -> bool {
    let words = ["true", "false", "null", "yes", "no", "on", "off"];
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
        && !words.contains(&text.to_ascii_lowercase().as_str())
        || is_length(text)
}

/// Whether it is a length of time such as `5s`, which is no number to YAML.
fn is_length(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
        && ["s", "m", "h"].iter().any(|unit| text.ends_with(unit))
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// A key that is there has a value.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// A text, or a list of texts.
fn one_or_more<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    struct Names;

    impl<'de> Visitor<'de> for Names {
        type Value = Vec<String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an endpoint, or a list of endpoints")
        }

        fn visit_str<E>(self, name: &str) -> Result<Vec<String>, E> {
            Ok(vec![name.to_owned()])
        }

        fn visit_seq<A: SeqAccess<'de>>(self, names: A) -> Result<Vec<String>, A::Error> {
            Vec::deserialize(SeqAccessDeserializer::new(names))
        }
    }

    from.deserialize_any(Names)
}
