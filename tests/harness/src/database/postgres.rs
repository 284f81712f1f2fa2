//! Reads results of `PostgreSQL` in text format, which needs no Rust type per SQL type.

use sqlx::{Column as _, PgConnection, Row as _, ValueRef as _, postgres::PgRow};

use crate::database::value::{Column, Kind, Rows, Value};

/// Adds a row of a result.
pub fn keep(rows: &mut Rows, row: &PgRow) {
    if rows.columns.is_empty() {
        rows.columns = row
            .columns()
            .iter()
            .map(|column| Column {
                name: column.name().to_owned(),
                type_id: column.type_info().oid().map(|oid| oid.0),
            })
            .collect();
    }
    let values = rows.columns.iter().enumerate().map(|(index, column)| {
        let raw = row.try_get_raw(index).ok().filter(|raw| !raw.is_null())?;
        let text = String::from_utf8_lossy(raw.as_bytes().ok()?).into_owned();
        Some(value(text, column.type_id))
    });
    let values = values.collect();
    rows.rows.push(values);
}

/// Sends the rows of a `copy … from stdin`.
pub async fn copy(connection: &mut PgConnection, sql: &str, rows: &str) -> sqlx::Result<()> {
    let mut copy = connection.copy_in_raw(sql).await?;
    copy.send(rows.as_bytes()).await?;
    copy.finish().await.map(|_| ())
}

/// The numbers are object ids of built-in types.
fn value(text: String, type_id: Option<u32>) -> Value {
    let kind = match type_id.unwrap_or_default() {
        16 => Kind::Boolean,
        20 | 21 | 23 | 26 | 700 | 701 | 1700 => Kind::Number,
        114 | 3802 => Kind::Json,
        1114 | 1184 => Kind::Moment,
        199
        | 1000
        | 1005
        | 1007
        | 1009
        | 1014..=1016
        | 1021
        | 1022
        | 1115
        | 1182
        | 1185
        | 1231
        | 2951
        | 3807 => Kind::Array,
        _ => Kind::Text,
    };
    match kind {
        Kind::Boolean => Value {
            text: if text == "t" { "true" } else { "false" }.to_owned(),
            kind,
        },
        _ => Value { text, kind },
    }
}
