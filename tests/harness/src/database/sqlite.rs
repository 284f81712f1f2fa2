//! Reads results of `SQLite`. Each value has a type of its own, and only a column's declared type identifies a boolean.

use std::{cmp::Ordering, fmt::Write as _};

use sqlx::{Column as _, Row as _, TypeInfo as _, ValueRef as _, sqlite::SqliteRow};
use uuid::Uuid;

use crate::{
    database::value::{self, Column, Kind, Rows, Value},
    json::number,
};

/// Adds a row of a result.
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

/// `SQLite` stores timestamps and JSON as text; they are recognised by their form.
fn text(text: String) -> Value {
    let kind = if value::moment(&text).is_some() {
        Kind::Moment
    } else if text.starts_with(['{', '['])
        && serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok()
    {
        Kind::Json
    } else {
        Kind::Text
    };
    Value { text, kind }
}

/// Bytes as `PostgreSQL` writes them: `\x00ff`.
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
        Kind::Number => number::order(expected, &found.text) == Some(Ordering::Equal),
        Kind::Moment => {
            let moment = value::moment(expected);
            moment.is_some() && moment == value::moment(&found.text)
        }
        Kind::Json | Kind::Text | Kind::Array => {
            match (Uuid::try_parse(expected), Uuid::try_parse(&found.text)) {
                (Ok(wanted), Ok(found)) => expected.len() == 36 && wanted == found,
                _ => found.text.starts_with("\\x") && expected.eq_ignore_ascii_case(&found.text),
            }
        }
    }
}

/// Accepts the words that `PostgreSQL` accepts.
pub fn boolean(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "t" | "yes" | "y" | "on" | "1" => Some(true),
        "false" | "f" | "no" | "n" | "off" | "0" => Some(false),
        _ => None,
    }
}
