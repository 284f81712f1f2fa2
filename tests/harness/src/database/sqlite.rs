//! How `SQLite` answers: each value has a type of its own, and the declared one tells booleans.

use std::fmt::Write as _;

use sqlx::{Column as _, Row as _, TypeInfo as _, ValueRef as _, sqlite::SqliteRow};
use uuid::Uuid;

use crate::database::value::{self, Column, Kind, Rows, Value};

/// Adds a row of an answer.
pub fn keep(rows: &mut Rows, row: &SqliteRow) {
    if rows.columns.is_empty() {
        rows.columns = row
            .columns()
            .iter()
            .map(|column| Column {
                name: column.name().to_owned(),
                type_id: None,
            })
            .collect();
    }
    let values = (0..row.columns().len())
        .map(|index| value(row, index))
        .collect();
    rows.rows.push(values);
}

fn value(row: &SqliteRow, index: usize) -> Option<Value> {
    let declared_boolean = row.columns()[index].type_info().name() == "BOOLEAN";
    let raw = row.try_get_raw(index).ok().filter(|raw| !raw.is_null())?;
    let storage = raw.type_info().name().to_owned();
    match storage.as_str() {
        "INTEGER" => {
            let number: i64 = row.try_get_unchecked(index).ok()?;
            Some(match number {
                0 | 1 if declared_boolean => Value {
                    text: (number == 1).to_string(),
                    kind: Kind::Boolean,
                },
                _ => Value {
                    text: number.to_string(),
                    kind: Kind::Number,
                },
            })
        }
        "REAL" => Some(Value {
            text: row.try_get_unchecked::<f64, _>(index).ok()?.to_string(),
            kind: Kind::Number,
        }),
        "BLOB" => Some(Value {
            text: blob(&row.try_get_unchecked::<Vec<u8>, _>(index).ok()?),
            kind: Kind::Text,
        }),
        _ => Some(text(row.try_get_unchecked(index).ok()?)),
    }
}

/// Moments and JSON are text here; they are known by how they are written.
fn text(text: String) -> Value {
    let kind = if value::moment(&text).is_some() {
        Kind::Moment
    } else if text.starts_with(['{', '['])
        && serde_json::from_str::<serde_json::Value>(&text).is_ok()
    {
        Kind::Json
    } else {
        Kind::Text
    };
    Value { text, kind }
}

/// Bytes as `PostgreSQL` writes them.
fn blob(bytes: &[u8]) -> String {
    bytes.iter().fold("\\x".to_owned(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Whether a cell's text and a value are the same by the value's type.
pub fn same(expected: &str, found: &Value) -> bool {
    if expected == found.text {
        return true;
    }
    match found.kind {
        Kind::Boolean => {
            boolean(expected).is_some_and(|expected| expected.to_string() == found.text)
        }
        Kind::Number => match (number(expected), number(&found.text)) {
            (Some(expected), Some(found)) => expected == found,
            _ => false,
        },
        Kind::Moment => {
            let moment = value::moment(expected);
            moment.is_some() && moment == value::moment(&found.text)
        }
        Kind::Json => match (serde_json::from_str(expected), value::json(Some(found))) {
            (Ok(expected), found) => same_json(&expected, &found),
            (Err(_), _) => false,
        },
        Kind::Text | Kind::Array => match (Uuid::try_parse(expected), Uuid::try_parse(&found.text))
        {
            (Ok(wanted), Ok(found)) => expected.len() == 36 && wanted == found,
            _ => found.text.starts_with("\\x") && expected.eq_ignore_ascii_case(&found.text),
        },
    }
}

/// JSON by value: `1.0` is `1`, and the order of keys doesn't count.
fn same_json(left: &serde_json::Value, right: &serde_json::Value) -> bool {
    use serde_json::Value::{Array, Number, Object};
    match (left, right) {
        (Number(left), Number(right)) => left == right || left.as_f64() == right.as_f64(),
        (Array(left), Array(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right)
                    .all(|(left, right)| same_json(left, right))
        }
        (Object(left), Object(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .all(|(key, value)| right.get(key).is_some_and(|other| same_json(value, other)))
        }
        _ => left == right,
    }
}

/// The words that `PostgreSQL` takes for a boolean.
pub fn boolean(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "t" | "yes" | "y" | "on" | "1" => Some(true),
        "false" | "f" | "no" | "n" | "off" | "0" => Some(false),
        _ => None,
    }
}

/// A decimal without what doesn't count: sign of plus, zeros at either end. With an exponent it is a float.
fn number(text: &str) -> Option<String> {
    let value: f64 = text.trim().parse().ok()?;
    let text = text.trim().trim_start_matches('+');
    if text.contains(['e', 'E', 'n', 'N']) {
        return Some(value.to_string());
    }
    let (sign, digits) = text
        .strip_prefix('-')
        .map_or(("", text), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let (whole, fraction) = (
        whole.trim_start_matches('0'),
        fraction.trim_end_matches('0'),
    );
    let whole = if whole.is_empty() { "0" } else { whole };
    let sign = if whole == "0" && fraction.is_empty() {
        ""
    } else {
        sign
    };
    Some(if fraction.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    })
}
