//! What a field can hold: each kind reads a JSON value, or says what is wrong in words that complete "this field …".

use crate::domain::{Id, Price, Time, number::integer};
use serde_json::{Map, Number, Value};

/// A value that was read, or what is wrong with it.
pub type Reading<T> = Result<T, String>;

/// A text that follows a rule.
pub fn text(rule: impl Fn(&str) -> Result<(), String>) -> impl Fn(&Value) -> Reading<String> {
    move |value| {
        let text = value.as_str().ok_or("must be a string")?;
        rule(text)?;
        Ok(text.to_owned())
    }
}

/// 1 to 100 characters, not blank.
pub fn name(value: &Value) -> Reading<String> {
    named_up_to(100)(value)
}

/// 1 to so many characters, not blank.
pub fn named_up_to(most: usize) -> impl Fn(&Value) -> Reading<String> {
    text(move |text| {
        if text.trim().is_empty() {
            Err("must not be blank".into())
        } else {
            at_most(text, most)
        }
    })
}

/// At most so many characters.
pub fn text_up_to(most: usize) -> impl Fn(&Value) -> Reading<String> {
    text(move |text| at_most(text, most))
}

/// At most 200 characters.
pub fn short_text(value: &Value) -> Reading<String> {
    text_up_to(200)(value)
}

/// At most 2000 characters.
pub fn long_text(value: &Value) -> Reading<String> {
    text_up_to(2000)(value)
}

/// Any text that a store could hold: for what is looked up.
pub fn any_text(value: &Value) -> Reading<String> {
    text(no_nul)(value)
}

/// Any text at all: for what is only hashed.
pub fn secret(value: &Value) -> Reading<String> {
    text(|_| Ok(()))(value)
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

/// An address on the web, at most 500 characters.
pub fn web_address(value: &Value) -> Reading<String> {
    text(|text| {
        let rest = text
            .strip_prefix("http://")
            .or_else(|| text.strip_prefix("https://"));
        let begins = |rest: &str| rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[');
        let good =
            rest.is_some_and(|rest| begins(rest) && rest.bytes().all(|b| b.is_ascii_graphic()));
        if good && text.len() <= 500 {
            Ok(())
        } else {
            Err("must be an http or https address of at most 500 characters".into())
        }
    })(value)
}

/// An id.
pub fn id(value: &Value) -> Reading<Id> {
    let id = value.as_str().and_then(Id::parse);
    id.ok_or_else(|| "must be a UUID".into())
}

/// A moment as RFC 3339 writes it.
pub fn time(value: &Value) -> Reading<Time> {
    let time = value.as_str().and_then(Time::parse);
    time.ok_or_else(|| "must be a time such as 2026-01-31T18:30:00Z".into())
}

/// A price as a decimal text.
pub fn price(value: &Value) -> Reading<Price> {
    let price = value.as_str().and_then(Price::parse);
    price.ok_or_else(|| Price::EXPECTED.into())
}

/// A whole number in a range. As in JSON Schema, 1.0 is one too.
pub fn number(least: i64, most: i64) -> impl Fn(&Value) -> Reading<i64> {
    #[allow(
        clippy::cast_possible_truncation,
        reason = "within the range that doubles hold exactly"
    )]
    let whole =
        |number: f64| (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64);
    move |value| {
        let number = value.as_i64().or_else(|| value.as_f64().and_then(whole));
        in_range(number, least, most)
    }
}

/// A parameter that is a whole number in a range.
pub fn digits(least: i64, most: i64) -> impl Fn(&Value) -> Reading<i64> {
    move |value| {
        let number = value.as_str().and_then(|text| text.parse().ok());
        in_range(number, least, most)
    }
}

fn in_range(number: Option<i64>, least: i64, most: i64) -> Reading<i64> {
    number
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(|| {
            if most == i64::MAX {
                format!("must be a whole number, {least} or more")
            } else {
                format!("must be a whole number from {least} to {most}")
            }
        })
}

/// One of some words.
pub fn one_of<T: Copy>(choices: &[(&str, T)]) -> impl Fn(&Value) -> Reading<T> {
    move |value| {
        let chosen = choices
            .iter()
            .find(|(word, _)| value.as_str() == Some(word))
            .map(|(_, choice)| *choice);
        chosen.ok_or_else(|| {
            let words: Vec<_> = choices.iter().map(|(word, _)| *word).collect();
            format!("must be one of {}", words.join(", "))
        })
    }
}

/// A parameter that is `true` or `false`.
pub fn yes_or_no(value: &Value) -> Reading<bool> {
    one_of(&[("true", true), ("false", false)])(value)
}

/// `true`, and nothing else.
pub fn yes(value: &Value) -> Reading<bool> {
    if *value == Value::Bool(true) {
        Ok(true)
    } else {
        Err("must be true".into())
    }
}

/// An object with anything in it that a store could hold.
pub fn object(value: &Value) -> Reading<Map<String, Value>> {
    let object = value.as_object().ok_or("must be an object")?;
    if holds_nul(value) {
        return Err("must not contain the character U+0000".into());
    }
    let kept = object
        .iter()
        .map(|(name, value)| (name.clone(), kept(value)));
    Ok(kept.collect())
}

/// The value with its numbers as PostgreSQL gives them back, so that both stores answer the same: it has no negative
/// zero, and writes a number without an exponent, so that a large one comes back as an integer.
fn kept(value: &Value) -> Value {
    match value {
        Value::Number(number) => Value::Number(kept_number(number)),
        Value::Array(values) => values.iter().map(kept).collect(),
        Value::Object(values) => values
            .iter()
            .map(|(name, value)| (name.clone(), kept(value)))
            .collect(),
        other => other.clone(),
    }
}

fn kept_number(number: &Number) -> Number {
    let kept = match number.as_f64().filter(|_| number.is_f64()) {
        Some(0.0) => Number::from_f64(0.0),
        // Smaller ones are written with a point by both.
        Some(large) if large.abs() >= 1e16 => integer(number),
        _ => None,
    };
    kept.unwrap_or_else(|| number.clone())
}

fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(holds_nul),
        Value::Object(values) => values
            .iter()
            .any(|(name, value)| name.contains('\0') || holds_nul(value)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_may_be_written_with_a_point() {
        assert_eq!(number(0, 9)(&5.into()), Ok(5));
        assert_eq!(number(0, 9)(&5.0.into()), Ok(5));
        for wrong in [Value::from(5.5), 10.into(), "5".into(), true.into()] {
            assert!(number(0, 9)(&wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn numbers_in_objects_are_kept_as_both_stores_give_them_back() {
        let sent =
            serde_json::json!({ "a": [-0.0, 1e3, 1e16, -1e17, 1.5e19, 1e20], "b": { "c": -0.0 } });
        let kept = object(&sent).map(|object| Value::Object(object).to_string());
        let text = r#"{"a":[0.0,1000.0,10000000000000000,-100000000000000000,15000000000000000000,1e+20],"b":{"c":0.0}}"#;
        assert_eq!(kept.as_deref(), Ok(text));
    }
}
