//! The fields of a row as the text of a JSON object, so that every digit of a number is kept.

use std::collections::HashMap;

use serde_json::{Value, value::RawValue};

use crate::http::{FromFields, read_row};

/// Members of a JSON object.
#[derive(Default)]
pub(super) struct Members(Vec<String>);

impl Members {
    pub(super) fn text(&mut self, name: &str, value: &str) {
        self.json(name, &Value::from(value).to_string());
    }

    pub(super) fn json(&mut self, name: &str, json: &str) {
        self.0.push(format!("{}:{json}", Value::from(name)));
    }

    /// Adds the members of an object; `false` if the text isn't one.
    pub(super) fn extend(&mut self, object: &str) -> bool {
        if serde_json::from_str::<HashMap<String, &RawValue>>(object).is_err() {
            return false;
        }
        let members = object.trim().trim_start_matches('{');
        let members = members.strip_suffix('}').unwrap_or(members).trim();
        if !members.is_empty() {
            self.0.push(members.to_owned());
        }
        true
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn object(&self) -> String {
        format!("{{{}}}", self.0.join(","))
    }

    /// Reads them by the rules of a body. The error names everything that is wrong.
    pub(super) fn read<T: FromFields>(self) -> Result<T, String> {
        read_row(&self.object())
    }
}
