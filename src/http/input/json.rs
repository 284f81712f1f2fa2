//! What `serde_json::Value` doesn't tell about a JSON text, and what a store can't hold of it.

use std::{collections::HashSet, fmt};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::field_type::Faults;
use crate::domain::number::integer;
use crate::http::error::FieldError;

/// Whether a text is JSON by its grammar, although `Value` may not hold its numbers, characters or depth.
pub fn is_valid(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok() && serde_json::from_slice::<IgnoredAny>(text).is_ok()
}

/// A fault for each member that an object has more than once; `Value` keeps only the last one.
pub fn repeated_members(text: &[u8]) -> Faults {
    let mut faults = Faults::new();
    let mut json = serde_json::Deserializer::from_slice(text);
    let walk = Walk {
        path: &Path::Root,
        faults: &mut faults,
    };
    // The text was parsed before, so this can't fail.
    let _ = walk.deserialize(&mut json);
    faults
}

/// Where a value is in a text. Written out only for a fault: a name may be as long as the body.
enum Path<'a> {
    Root,
    Member(&'a Path<'a>, &'a str),
    Item(&'a Path<'a>, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Member(Self::Root, name) => f.write_str(name),
            Self::Member(parent, name) => write!(f, "{parent}.{name}"),
            Self::Item(parent, place) => write!(f, "{parent}[{place}]"),
        }
    }
}

/// Visits every value of a text.
struct Walk<'a> {
    path: &'a Path<'a>,
    faults: &'a mut Faults,
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        for place in 0.. {
            let path = &Path::Item(self.path, place);
            let walk = Walk {
                path,
                faults: &mut *self.faults,
            };
            if items.next_element_seed(walk)?.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut seen = HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            let path = &Path::Member(self.path, &name);
            if seen.contains(&name) {
                self.faults
                    .push(FieldError::new(path.to_string(), "is given more than once"));
            }
            members.next_value_seed(Walk {
                path,
                faults: &mut *self.faults,
            })?;
            seen.insert(name);
        }
        Ok(())
    }
}

/// The value as both stores return it: PostgreSQL has no negative zero, and writes numbers without an exponent, so
/// that a large one is read back as an integer. The error completes "this field …".
pub fn storable(value: &Value) -> Result<Value, &'static str> {
    Ok(match value {
        Value::String(text) => storable_text(text)?.into(),
        Value::Number(number) => storable_number(number).into(),
        Value::Array(items) => Value::Array(items.iter().map(storable).collect::<Result<_, _>>()?),
        Value::Object(members) => {
            let mut stored = Map::new();
            for (name, value) in members {
                stored.insert(storable_text(name)?, storable(value)?);
            }
            Value::Object(stored)
        }
        Value::Null | Value::Bool(_) => value.clone(),
    })
}

fn storable_text(text: &str) -> Result<String, &'static str> {
    if text.contains('\0') {
        Err("must not contain the character U+0000")
    } else {
        Ok(text.to_owned())
    }
}

fn storable_number(number: &Number) -> Number {
    let stored = match number.as_f64().filter(|_| number.is_f64()) {
        Some(0.0) => Number::from_f64(0.0),
        // Both stores write smaller ones with a decimal point.
        Some(large) if large.abs() >= 1e16 => integer(number),
        _ => None,
    };
    stored.unwrap_or_else(|| number.clone())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn members_that_stand_twice_are_named() {
        let text = br#"{"a": 1, "b": [{}, {"c": 1, "d": {"e": 1, "e": 2}, "c": 2}], "a": null}"#;
        let faults = super::repeated_members(text);
        let fields: Vec<_> = faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["b[1].d.e", "b[1].c", "a"]);
    }

    #[test]
    fn numbers_are_kept_as_both_stores_return_them() {
        let sent = json!({ "a": [-0.0, 1e3, 1e16, -1e17, 1.5e19, 1e20], "b": { "c": -0.0 } });
        let stored = super::storable(&sent).map(|value| value.to_string());
        let text = r#"{"a":[0.0,1000.0,10000000000000000,-100000000000000000,15000000000000000000,1e+20],"b":{"c":0.0}}"#;
        assert_eq!(stored.as_deref(), Ok(text));
    }
}
