//! The values that are copied: text in a canonical form, which is the same for both engines.

use std::fmt;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::domain::{Time, number::integer};
use crate::store::schema::Column;

/// A value; `None` is null.
pub(super) type Cell = Option<String>;

/// How the values of a column are written. All formats but `Plain` have more than one notation for a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Id,
    Time,
    Json,
    Plain,
}

impl Format {
    /// Looks at the declarations of both sides, because SQLite declares all of them as text.
    pub(super) fn of(column: &Column, other: &Column) -> Self {
        let is = |kind: &str| column.kind == kind || other.kind == kind;
        if is("uuid") {
            Self::Id
        } else if is("timestamp with time zone") {
            Self::Time
        } else if is("jsonb") {
            Self::Json
        } else {
            Self::Plain
        }
    }

    /// The canonical form; the error says why the text can't be read.
    pub(super) fn canonical(self, text: String) -> Result<String, String> {
        match self {
            Self::Plain => Ok(text),
            Self::Id => Ok(text.to_ascii_lowercase()),
            Self::Time => {
                // SQLite's functions return times without `T` and offset.
                let rfc3339 = format!("{}Z", text.replace(' ', "T"));
                Time::parse(&text)
                    .or_else(|| Time::parse(&rfc3339))
                    .map(|time| time.to_string())
                    .ok_or_else(|| format!("{text:?} isn't a time"))
            }
            Self::Json => serde_json::from_str(&text)
                .map(|value| sorted(value).to_string())
                .map_err(|error| format!("{text:?} isn't JSON: {error}")),
        }
    }
}

/// `jsonb` keeps neither the order of names nor the notation of whole numbers.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            let mut pairs: Vec<_> = object.into_iter().collect();
            pairs.sort_by(|one, other| one.0.cmp(&other.0));
            let pairs = pairs.into_iter().map(|(name, value)| (name, sorted(value)));
            Value::Object(pairs.collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        Value::Number(number) if !number.is_i64() && !number.is_u64() => {
            Value::Number(integer(&number).unwrap_or(number))
        }
        other => other,
    }
}

/// A checksum over rows in any order, because the engines sort ids with capital letters differently.
#[derive(Debug, Default)]
pub(super) struct Digest {
    pub(super) rows: u64,
    sum: u128,
}

impl Digest {
    pub(super) fn add(&mut self, row: &[Cell]) {
        let mut hash = Sha256::new();
        for cell in row {
            match cell {
                None => hash.update([0]),
                Some(text) => {
                    hash.update([1]);
                    hash.update((text.len() as u64).to_be_bytes());
                    hash.update(text.as_bytes());
                }
            }
        }
        let hash = hash.finalize();
        let mut first = [0; 16];
        first.copy_from_slice(&hash[..16]);
        self.sum = self.sum.wrapping_add(u128::from_be_bytes(first));
        self.rows += 1;
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.sum)
    }
}

#[cfg(test)]
mod tests {
    use super::Format;

    #[test]
    fn values_have_one_canonical_form() {
        let canonical = |kind: Format, text: &str| kind.canonical(text.to_owned());
        let right = [
            (
                Format::Time,
                "2026-01-31 18:30:00",
                "2026-01-31T18:30:00.000000Z",
            ),
            (
                Format::Time,
                "2026-01-31T19:30:00.5+01:00",
                "2026-01-31T18:30:00.500000Z",
            ),
            (
                Format::Json,
                r#"{"b": 1.0, "a": [1e2, null]}"#,
                r#"{"a":[100,null],"b":1}"#,
            ),
            (
                Format::Json,
                "[-0.0, 1e17, 100000000000000000, 1.5e19, 1e20, 0.5]",
                "[0,100000000000000000,100000000000000000,15000000000000000000,1e+20,0.5]",
            ),
            (
                Format::Id,
                "0197A0A0-0000-7000-8000-000000000001",
                "0197a0a0-0000-7000-8000-000000000001",
            ),
            (Format::Plain, " As it is ", " As it is "),
        ];
        for (kind, text, expected) in right {
            assert_eq!(canonical(kind, text).as_deref(), Ok(expected));
        }
        assert!(canonical(Format::Time, "yesterday").is_err());
        assert!(canonical(Format::Json, "{").is_err());
    }
}
