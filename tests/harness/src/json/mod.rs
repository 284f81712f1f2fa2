//! Expected against found: every difference with its place, and what matchers save on the way.

mod any_order;
pub mod path;
mod pattern;

use std::cmp::Ordering;

use serde_json::Value;

use crate::{
    failure::{Failure, Mismatch, Outcome},
    variables::Variables,
};
pub use any_order::in_any_order;
pub use pattern::{Pattern, is_matcher};

/// How much may be there beside what is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Nothing.
    Exact,
    /// Objects may have more members, at every depth. Arrays have as many items as expected, in that order.
    Subset,
}

/// What a comparison found out.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// Every difference, not only the first.
    pub mismatches: Vec<Mismatch>,
    /// What `… as name` matched.
    pub captures: Vec<(String, Value)>,
}

/// Compares two documents; `None` is a place where nothing is. Fails only when a matcher is written wrongly.
pub fn compare(
    mode: Mode,
    expected: &Value,
    found: Option<&Value>,
    at: &str,
) -> Result<Comparison, Failure> {
    let mut comparison = Comparison::default();
    comparison.add(mode, expected, found, at)?;
    Ok(comparison)
}

/// Compares what stands in a cell: a string as text, anything else as JSON; a matcher by its rule.
pub fn compare_text(
    expected: &str,
    found: Option<&Value>,
    at: &str,
) -> Result<Comparison, Failure> {
    let mut comparison = Comparison::default();
    if is_matcher(expected) {
        comparison.add_matcher(expected, found, at)?;
        return Ok(comparison);
    }
    match (serde_json::from_str::<Value>(expected), found) {
        (_, Some(Value::String(text))) if text == expected => {}
        (Ok(Value::String(inner)), Some(Value::String(text))) if inner == *text => {
            let plain = format!("{expected} with its quotes (write {text} to mean the text)");
            comparison.miss(at, plain, shown(&Value::from(text.as_str())));
        }
        (Ok(json), Some(Value::String(text))) => {
            let text = Value::from(text.as_str());
            let expected = if json.is_string() {
                expected.to_owned()
            } else {
                typed(&json)
            };
            comparison.miss(at, expected, typed(&text));
        }
        (Ok(json), Some(_)) => comparison.add(Mode::Exact, &json, found, at)?,
        (Ok(json), None) if !json.is_string() => {
            comparison.miss(at, shown(&json), NOTHING.to_owned());
        }
        (_, None) => comparison.miss(at, shown(&Value::from(expected)), NOTHING.to_owned()),
        (Err(_), Some(found)) => comparison.differ(&Value::from(expected), found, at),
    }
    Ok(comparison)
}

/// Fails when a matcher in the document is written wrongly, before anything is there to compare.
pub fn check_spelling(expected: &Value) -> Outcome {
    match expected {
        Value::String(text) if is_matcher(text) => Ok(Pattern::parse(text).map(|_| ())?),
        Value::Array(items) => items.iter().try_for_each(check_spelling),
        Value::Object(members) => members.values().try_for_each(check_spelling),
        _ => Ok(()),
    }
}

/// Checks one matcher: what it saves, or a sentence that says what was expected.
pub fn matches(pattern: &str, found: Option<&Value>) -> Result<Vec<(String, Value)>, String> {
    Ok(Pattern::parse(pattern)?.check(found)?.into_iter().collect())
}

const NOTHING: &str = "nothing";

impl Comparison {
    /// Saves what was captured, and fails with all mismatches when there are any.
    pub fn settle(self, message: &str, variables: &mut Variables) -> Outcome {
        if !self.mismatches.is_empty() {
            return Err(Failure::with(message, self.mismatches));
        }
        for (name, value) in self.captures {
            variables.set(&name, value);
        }
        Ok(())
    }

    pub fn is_good(&self) -> bool {
        self.mismatches.is_empty()
    }

    pub fn join(&mut self, other: Self) {
        self.mismatches.extend(other.mismatches);
        self.captures.extend(other.captures);
    }

    pub fn miss(&mut self, at: &str, expected: String, found: String) {
        self.mismatches.push(Mismatch {
            path: at.to_owned(),
            expected,
            found,
        });
    }

    fn add(&mut self, mode: Mode, expected: &Value, found: Option<&Value>, at: &str) -> Outcome {
        match (expected, found) {
            (Value::String(text), _) if is_matcher(text) => self.add_matcher(text, found, at)?,
            (_, None) => self.miss(at, shown(expected), NOTHING.to_owned()),
            (Value::Object(expected), Some(Value::Object(found))) => {
                for (name, value) in expected {
                    self.add(mode, value, found.get(name), &path::member(at, name))?;
                }
                let surplus = |name: &&String| mode == Mode::Exact && !expected.contains_key(*name);
                for name in found.keys().filter(surplus) {
                    self.miss(
                        &path::member(at, name),
                        NOTHING.to_owned(),
                        shown(&found[name]),
                    );
                }
            }
            (Value::Array(expected), Some(Value::Array(found))) => {
                if expected.len() != found.len() {
                    self.miss(at, items(expected.len()), items(found.len()));
                }
                for (index, (expected, found)) in expected.iter().zip(found).enumerate() {
                    self.add(mode, expected, Some(found), &format!("{at}[{index}]"))?;
                }
                for (index, surplus) in found.iter().enumerate().skip(expected.len()) {
                    self.miss(
                        &format!("{at}[{index}]"),
                        NOTHING.to_owned(),
                        shown(surplus),
                    );
                }
            }
            (_, Some(found))
                if number_order(expected, found) == Some(Ordering::Equal) || expected == found => {}
            (_, Some(found)) => self.differ(expected, found, at),
        }
        Ok(())
    }

    fn add_matcher(&mut self, text: &str, found: Option<&Value>, at: &str) -> Outcome {
        match Pattern::parse(text)?.check(found) {
            Ok(captured) => self.captures.extend(captured),
            Err(expected) => self.miss(at, expected, found.map_or(NOTHING.to_owned(), typed)),
        }
        Ok(())
    }

    /// Names the types only where they differ: `"5"` and `5` are hard to tell apart.
    fn differ(&mut self, expected: &Value, found: &Value, at: &str) {
        if kind(expected) == kind(found) {
            self.miss(at, shown(expected), shown(found));
        } else {
            self.miss(at, typed(expected), typed(found));
        }
    }
}

fn same_or_subset(mode: Mode, expected: &Value, found: &Value) -> bool {
    compare(mode, expected, Some(found), "$").is_ok_and(|comparison| comparison.is_good())
}

/// How two numbers compare by value, so that `1` is `1.0`; `None` when one of them is no number.
fn number_order(one: &Value, other: &Value) -> Option<Ordering> {
    match (one.as_i64(), other.as_i64(), one.as_u64(), other.as_u64()) {
        (Some(one), Some(other), ..) => Some(one.cmp(&other)),
        (.., Some(one), Some(other)) => Some(one.cmp(&other)),
        _ => one.as_f64()?.partial_cmp(&other.as_f64()?),
    }
}

/// A string as it is, anything else as JSON.
pub fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A value as JSON, cut when it would fill the screen.
pub fn shown(value: &Value) -> String {
    const LONGEST: usize = 400;
    let text = value.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}… ({} bytes in all)", &text[..end], text.len()),
        None => text,
    }
}

fn typed(value: &Value) -> String {
    match kind(value) {
        "null" => "null".to_owned(),
        kind => format!("{} ({kind})", shown(value)),
    }
}

/// The JSON type's name.
pub fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// `1 item`, `3 items`.
pub fn items(count: usize) -> String {
    match count {
        1 => "1 item".to_owned(),
        _ => format!("{count} items"),
    }
}
