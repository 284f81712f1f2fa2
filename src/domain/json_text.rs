//! JSON that the service stores but does not interpret.

use serde::Serialize;
use serde_json::{
    Value,
    value::{RawValue, to_raw_value},
};

/// JSON as it was written: every digit of a number, and the order of members. `serde_json::Value` and PostgreSQL's
/// `jsonb` keep neither.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct JsonText(pub Box<RawValue>);

impl JsonText {
    /// `None` if the text is not JSON.
    pub fn parse(text: String) -> Option<Self> {
        RawValue::from_string(text).ok().map(Self)
    }

    pub fn as_str(&self) -> &str {
        self.0.get()
    }
}

impl From<Value> for JsonText {
    fn from(value: Value) -> Self {
        Self(to_raw_value(&value).expect("a value is JSON"))
    }
}
