//! JSON objects for reports.

use serde_json::Value;

/// An object with these members. `json!` would copy each value that is JSON already, level by level.
pub fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    let members = members.into_iter();
    Value::Object(
        members
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    )
}
