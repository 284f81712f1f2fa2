//! Reads fields one by one and collects every fault, so that all are answered together.

use serde_json::{Map, Value};

use super::error::FieldError;
use crate::store::Id;

/// A rule for a text; the error completes "this field …".
pub type Rule = fn(&str) -> Result<(), String>;

/// The fields of a body or the parameters of a query.
pub struct Fields {
    values: Map<String, Value>,
    errors: Vec<FieldError>,
}

impl Fields {
    /// The fields to read.
    pub fn new(values: Map<String, Value>) -> Self {
        Self {
            values,
            errors: Vec::new(),
        }
    }

    /// Notes a fault.
    pub fn fault(&mut self, field: &str, message: impl Into<String>) {
        self.errors.push(FieldError {
            field: field.to_owned(),
            message: message.into(),
        });
    }

    /// Ends the reading: fields that nobody asked for are faults too.
    pub fn finish(mut self) -> Vec<FieldError> {
        for name in std::mem::take(&mut self.values).keys() {
            self.fault(name, "is unknown");
        }
        self.errors
    }

    /// A text that must be there.
    pub fn required(&mut self, field: &str, rule: Rule) -> Option<String> {
        match self.values.remove(field) {
            None | Some(Value::Null) => {
                self.fault(field, "is required");
                None
            }
            Some(value) => self.text(field, &value, rule),
        }
    }

    /// A text that may be left out or null.
    pub fn optional(&mut self, field: &str, rule: Rule) -> Option<String> {
        self.patch_optional(field, rule).flatten()
    }

    /// A change to a text that must stay: `None` leaves it, null is a fault.
    pub fn patch_required(&mut self, field: &str, rule: Rule) -> Option<String> {
        match self.values.remove(field)? {
            Value::Null => {
                self.fault(field, "can't be null");
                None
            }
            value => self.text(field, &value, rule),
        }
    }

    /// A change to a text that may be cleared: `None` leaves it, null clears it.
    pub fn patch_optional(&mut self, field: &str, rule: Rule) -> Option<Option<String>> {
        match self.values.remove(field)? {
            Value::Null => Some(None),
            value => self.text(field, &value, rule).map(Some),
        }
    }

    /// A parameter's whole number in a range, or what it is without the parameter.
    pub fn number(&mut self, field: &str, least: i64, most: i64, default: i64) -> i64 {
        let Some(text) = self.parameter(field) else {
            return default;
        };
        match text.parse::<i64>() {
            Ok(number) if (least..=most).contains(&number) => number,
            _ if most == i64::MAX => {
                self.fault(field, format!("must be a whole number, {least} or more"));
                default
            }
            _ => {
                self.fault(
                    field,
                    format!("must be a whole number from {least} to {most}"),
                );
                default
            }
        }
    }

    /// A parameter that is one of some words.
    pub fn choice<T: Copy>(&mut self, field: &str, choices: &[(&str, T)]) -> Option<T> {
        let text = self.parameter(field)?;
        let chosen = choices
            .iter()
            .find(|(word, _)| *word == text)
            .map(|(_, choice)| *choice);
        if chosen.is_none() {
            let words: Vec<_> = choices.iter().map(|(word, _)| *word).collect();
            self.fault(field, format!("must be one of {}", words.join(", ")));
        }
        chosen
    }

    /// A parameter as it was sent; once.
    pub fn parameter(&mut self, field: &str) -> Option<String> {
        // The query's reader puts a list where a name came more than once.
        if let Value::String(text) = self.values.remove(field)? {
            Some(text)
        } else {
            self.fault(field, "is given more than once");
            None
        }
    }

    /// A parameter that follows a rule.
    pub fn text_parameter(&mut self, field: &str, rule: Rule) -> Option<String> {
        let text = self.parameter(field)?;
        self.text(field, &Value::String(text), rule)
    }

    /// A parameter that is an id.
    pub fn id_parameter(&mut self, field: &str) -> Option<Id> {
        let text = self.parameter(field)?;
        let id = Id::parse(&text);
        if id.is_none() {
            self.fault(field, "must be a UUID");
        }
        id
    }

    /// Whether a field is there and not null.
    pub fn has(&self, field: &str) -> bool {
        self.values.get(field).is_some_and(|value| !value.is_null())
    }

    fn text(&mut self, field: &str, value: &Value, rule: Rule) -> Option<String> {
        let Value::String(text) = value else {
            self.fault(field, "must be a string");
            return None;
        };
        match rule(text) {
            Ok(()) => Some(text.clone()),
            Err(message) => {
                self.fault(field, message);
                None
            }
        }
    }
}

/// PostgreSQL keeps no NUL in a text, so neither store does.
fn no_nul(text: &str) -> Result<(), String> {
    if text.contains('\0') {
        Err("must not contain the character U+0000".into())
    } else {
        Ok(())
    }
}

fn at_most(text: &str, most: usize) -> Result<(), String> {
    if text.chars().count() > most {
        Err(format!("must be at most {most} characters"))
    } else {
        no_nul(text)
    }
}

/// 1 to 100 characters, not blank.
pub fn name(text: &str) -> Result<(), String> {
    if text.trim().is_empty() {
        Err("must not be blank".into())
    } else {
        at_most(text, 100)
    }
}

/// At most 200 characters.
pub fn short_text(text: &str) -> Result<(), String> {
    at_most(text, 200)
}

/// At most 2000 characters.
pub fn long_text(text: &str) -> Result<(), String> {
    at_most(text, 2000)
}

/// Any text that a store could hold: for what is looked up.
pub fn any_text(text: &str) -> Result<(), String> {
    no_nul(text)
}

/// Any text at all: for what is only hashed.
#[allow(
    clippy::unnecessary_wraps,
    reason = "it is a rule among others, and those can refuse"
)]
pub fn secret(_: &str) -> Result<(), String> {
    Ok(())
}
