//! The query of a request: names and values, decoded. Unknown names are ignored, as Cloudflare
//! ignores them.

use std::ops::RangeInclusive;

use crate::sandbox::envelope::Refusal;

/// The decoded query, in the order sent.
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    pub(crate) fn parse(query: Option<&str>) -> Self {
        let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        Self(pairs.into_owned().collect())
    }

    /// The first value given under `name`.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// A number inside `range`; anything else is an error, never clamped.
    pub(crate) fn number(
        &self,
        name: &str,
        default: usize,
        range: RangeInclusive<usize>,
    ) -> Result<usize, Refusal> {
        let Some(text) = self.get(name) else {
            return Ok(default);
        };
        match text.parse() {
            Ok(number) if range.contains(&number) => Ok(number),
            _ if *range.end() == usize::MAX => Err(Refusal::invalid(format!(
                "{name} must be a number from {} on, got {text:?}",
                range.start()
            ))),
            _ => Err(Refusal::invalid(format!(
                "{name} must be a number from {} to {}, got {text:?}",
                range.start(),
                range.end()
            ))),
        }
    }

    /// One of `choices`.
    pub(crate) fn choice<'a>(
        &'a self,
        name: &str,
        choices: &[&str],
    ) -> Result<Option<&'a str>, Refusal> {
        match self.get(name) {
            Some(value) if !choices.contains(&value) => Err(Refusal::invalid(format!(
                "{name} must be one of {}, got {value:?}",
                choices.join(", ")
            ))),
            value => Ok(value),
        }
    }

    /// A comma-separated list of `choices`.
    pub(crate) fn choices<'a>(
        &'a self,
        name: &str,
        choices: &[&str],
    ) -> Result<Option<Vec<&'a str>>, Refusal> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        let values: Vec<&str> = text.split(',').collect();
        match values.iter().find(|value| !choices.contains(value)) {
            Some(value) => Err(Refusal::invalid(format!(
                "{name} must hold only {}, got {value:?}",
                choices.join(", ")
            ))),
            None => Ok(Some(values)),
        }
    }
}
