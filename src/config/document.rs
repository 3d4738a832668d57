//! The keys of the file and the kinds of their values, and nothing about what the values mean.
//!
//! Every key is optional here, so that a missing one is reported together with everything else.

use std::fmt;

use serde::Deserialize;
use serde::Deserializer;
use serde::de::MapAccess;
use serde::de::Visitor;
use serde_yaml::Spanned;

pub(super) type Text = Spanned<String>;
pub(super) type List<T> = Spanned<Vec<Spanned<T>>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    #[serde(default, deserialize_with = "present")]
    pub(super) version: Option<Text>,
    #[serde(default, deserialize_with = "present")]
    pub(super) account: Option<Text>,
    #[serde(default, deserialize_with = "present")]
    pub(super) owner: Option<Text>,
    #[serde(default, deserialize_with = "present")]
    pub(super) former_owners: Option<List<String>>,
    #[serde(default, deserialize_with = "present")]
    pub(super) zones: Option<List<String>>,
    #[serde(default, deserialize_with = "present")]
    pub(super) quota: Option<Spanned<i64>>,
    #[serde(default, deserialize_with = "present")]
    pub(super) settle: Option<Text>,
    #[serde(default, deserialize_with = "present")]
    pub(super) cas: Option<List<CaEntry>>,
    #[serde(default, deserialize_with = "present")]
    pub(super) hostnames: Option<List<GroupEntry>>,
    #[serde(default, deserialize_with = "present")]
    pub(super) rules: Option<List<RuleEntry>>,
    #[serde(default, deserialize_with = "present")]
    pub(super) tests: Option<List<TestEntry>>,
    #[serde(default, deserialize_with = "present")]
    pub(super) guards: Option<GuardsEntry>,
    #[serde(default, deserialize_with = "present")]
    pub(super) accept: Option<List<AcceptEntry>>,
}

/// The version alone, so that a file of a later one is not measured by the keys of this one.
#[derive(Deserialize)]
pub(super) struct Version {
    #[serde(default, deserialize_with = "present")]
    pub(super) version: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CaEntry {
    #[serde(default, deserialize_with = "present")]
    pub(super) name: Option<Text>,
    #[serde(default, deserialize_with = "present")]
    pub(super) certificates: Option<Text>,
    #[serde(default, deserialize_with = "present")]
    pub(super) issuers: Option<List<String>>,
    #[serde(default, deserialize_with = "present")]
    pub(super) retire: Option<Text>,
    #[serde(default, deserialize_with = "present")]
    pub(super) key_ids: Option<List<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GroupEntry {
    #[serde(default, deserialize_with = "present")]
    pub(super) name: Option<Text>,
    #[serde(default, deserialize_with = "present")]
    pub(super) cas: Option<List<String>>,
    #[serde(default, deserialize_with = "present")]
    pub(super) hosts: Option<List<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleEntry {
    #[serde(default, deserialize_with = "present")]
    pub(super) name: Option<Text>,
    #[serde(default, deserialize_with = "present")]
    pub(super) hostnames: Option<List<String>>,
    #[serde(default, deserialize_with = "present")]
    pub(super) action: Option<Text>,
    #[serde(default, deserialize_with = "present")]
    pub(super) pin: Option<bool>,
    #[serde(default, deserialize_with = "present")]
    pub(super) unless: Option<Text>,
    #[serde(default, deserialize_with = "present")]
    pub(super) response: Option<Spanned<ResponseEntry>>,
    #[serde(default, deserialize_with = "present")]
    pub(super) enabled: Option<bool>,
    #[serde(default, deserialize_with = "present")]
    pub(super) adopt: Option<List<AdoptEntry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ResponseEntry {
    #[serde(default, deserialize_with = "present")]
    pub(super) status: Option<Spanned<i64>>,
    #[serde(default, deserialize_with = "present")]
    pub(super) content_type: Option<Text>,
    #[serde(default, deserialize_with = "present")]
    pub(super) content: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AdoptEntry {
    #[serde(default, deserialize_with = "present")]
    pub(super) zone: Option<Text>,
    #[serde(default, rename = "ref", deserialize_with = "present")]
    pub(super) reference: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TestEntry {
    #[serde(default, deserialize_with = "present")]
    pub(super) host: Option<Text>,
    #[serde(default, deserialize_with = "present")]
    pub(super) certificate: Option<Text>,
    #[serde(default, deserialize_with = "present")]
    pub(super) path: Option<Text>,
    #[serde(default, deserialize_with = "present")]
    pub(super) given: Option<Fields>,
    #[serde(default, deserialize_with = "present")]
    pub(super) expect: Option<Text>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct GuardsEntry {
    #[serde(default, deserialize_with = "present")]
    pub(super) max_deletes: Option<Spanned<i64>>,
    #[serde(default, deserialize_with = "present")]
    pub(super) max_changed_hosts: Option<Text>,
    #[serde(default, deserialize_with = "present")]
    pub(super) min_validity: Option<Text>,
    #[serde(default, deserialize_with = "present")]
    pub(super) min_overlap: Option<Text>,
    #[serde(default, deserialize_with = "present")]
    pub(super) may_open: Option<List<String>>,
    #[serde(default, deserialize_with = "present")]
    pub(super) side_effects: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AcceptEntry {
    #[serde(default, deserialize_with = "present")]
    pub(super) finding: Option<Text>,
    #[serde(default, deserialize_with = "present")]
    pub(super) object: Option<Text>,
    #[serde(default, deserialize_with = "present")]
    pub(super) reason: Option<Text>,
    #[serde(default, deserialize_with = "present")]
    pub(super) until: Option<Text>,
}

/// A key that is there has a value: `zones:` with nothing behind it is a slip, not a default.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// Fields of a request with their values, in file order.
pub(super) struct Fields(pub(super) Vec<(Text, Scalar)>);

/// A value in its own type: `8080` and `"8080"` are different things to the rules language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scalar {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Anything else.
    Text(String),
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Pairs;

        impl<'de> Visitor<'de> for Pairs {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("fields with their values")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Fields(pairs))
            }
        }

        from.deserialize_map(Pairs)
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct One;

        impl Visitor<'_> for One {
            type Value = Scalar;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, a whole number, `true` or `false`")
            }

            fn visit_bool<E>(self, value: bool) -> Result<Scalar, E> {
                Ok(Scalar::Bool(value))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Scalar, E> {
                Ok(Scalar::Integer(value))
            }

            fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Scalar, E> {
                let value = i64::try_from(value)
                    .map_err(|_| E::custom(format_args!("`{value}` is too large a number")))?;
                Ok(Scalar::Integer(value))
            }

            fn visit_str<E>(self, value: &str) -> Result<Scalar, E> {
                Ok(Scalar::Text(value.to_owned()))
            }
        }

        from.deserialize_any(One)
    }
}
