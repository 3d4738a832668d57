//! The fields of a JSON object in a request, taken out one by one, so that what is left over is an
//! unknown field.

use bytes::Bytes;
use serde_json::Map;
use serde_json::Value;

use crate::sandbox::envelope::Refusal;

/// An object of the request and where it stands in the body.
pub(crate) struct Fields {
    values: Map<String, Value>,
    pointer: String,
}

impl Fields {
    /// The body of a request, which must be a JSON object.
    pub(crate) fn parse(body: &Bytes) -> Result<Self, Refusal> {
        let value = serde_json::from_slice(body)
            .map_err(|error| Refusal::invalid(format!("the request body is not JSON: {error}")))?;
        Self::of(value, String::new())
    }

    /// A value inside the body, which must be an object.
    pub(crate) fn of(value: Value, pointer: String) -> Result<Self, Refusal> {
        match value {
            Value::Object(values) => Ok(Self { values, pointer }),
            _ => Err(
                Refusal::invalid("must be an object").at(if pointer.is_empty() {
                    "/".into()
                } else {
                    pointer
                }),
            ),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        self.values.remove(name)
    }

    pub(crate) fn string(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.refuse(name, "must be a string")),
        }
    }

    /// A string that must be there and hold something.
    pub(crate) fn text(&mut self, name: &str) -> Result<String, Refusal> {
        match self.string(name)? {
            Some(text) if !text.is_empty() => Ok(text),
            Some(_) => Err(self.refuse(name, "must not be empty")),
            None => Err(self.refuse(name, "is required")),
        }
    }

    pub(crate) fn boolean(&mut self, name: &str) -> Result<Option<bool>, Refusal> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(value)),
            Some(_) => Err(self.refuse(name, "must be true or false")),
        }
    }

    pub(crate) fn object(&mut self, name: &str) -> Result<Option<Fields>, Refusal> {
        let pointer = self.pointer(name);
        self.take(name)
            .map(|value| Fields::of(value, pointer))
            .transpose()
    }

    pub(crate) fn array(&mut self, name: &str) -> Result<Option<Vec<Value>>, Refusal> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Array(values)) => Ok(Some(values)),
            Some(_) => Err(self.refuse(name, "must be a list")),
        }
    }

    /// A list of strings that must be there.
    pub(crate) fn strings(&mut self, name: &str) -> Result<Vec<String>, Refusal> {
        let values = self
            .array(name)?
            .ok_or_else(|| self.refuse(name, "is required"))?;
        values
            .into_iter()
            .map(|value| match value {
                Value::String(text) => Ok(text),
                _ => Err(self.refuse(name, "must hold only strings")),
            })
            .collect()
    }

    /// Refuses whatever was not taken.
    pub(crate) fn finish(self) -> Result<(), Refusal> {
        match self.values.keys().next() {
            Some(name) => Err(self.refuse(name, "is not a field that can be set here")),
            None => Ok(()),
        }
    }

    /// A refusal of one field.
    pub(crate) fn refuse(&self, name: &str, what: &str) -> Refusal {
        Refusal::invalid(format!("{name} {what}")).at(self.pointer(name))
    }

    pub(crate) fn pointer(&self, name: &str) -> String {
        format!("{}/{name}", self.pointer)
    }
}
