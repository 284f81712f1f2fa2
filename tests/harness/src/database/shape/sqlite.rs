//! The shape of a table of `SQLite`.

use super::{Column, Filled, REFERENCE_ROWS, Reference, Shape, checks::checks, keys_of};
use crate::{
    database::{
        Connection,
        name::{TableName, identifiers},
        table::{sqlite_pragma, texts},
        value::Value,
    },
    failure::Failure,
    sql::{identifier, literal},
};

pub async fn shape(connection: &mut Connection, table: &TableName) -> Result<Shape, Failure> {
    let columns = connection
        .fetch(&format!(
            "select name, type, \"notnull\", dflt_value, pk, hidden from {}",
            sqlite_pragma("table_xinfo", table)
        ))
        .await?;
    let keys = columns
        .rows
        .iter()
        .filter(|row| text(row, 4) != "0")
        .count();
    let definition = connection
        .fetch(&format!(
            "select sql from sqlite_master where lower(name) = lower({})",
            literal(&table.table)
        ))
        .await?;
    let definition = texts(definition).pop().unwrap_or_default();
    let columns: Vec<Column> = columns.rows.iter().map(|row| column(row, keys)).collect();
    Ok(Shape {
        references: references(connection, table).await?,
        checks: checks(&definition, &columns),
        columns,
        as_in_template: false,
    })
}

fn column(row: &[Option<Value>], keys: usize) -> Column {
    let is_key = text(row, 4) != "0";
    let type_name = text(row, 1).to_owned();
    let filled = match text(row, 5) {
        "2" | "3" => Filled::Generated,
        _ if is_key && keys == 1 && type_name.eq_ignore_ascii_case("integer") => Filled::RowNumber,
        _ => Filled::ByTheRow,
    };
    Column {
        name: text(row, 0).to_owned(),
        type_name,
        required: is_key || text(row, 2) == "1",
        default: row[3].as_ref().map(|value| value.text.clone()),
        filled,
        ..Column::default()
    }
}

async fn references(
    connection: &mut Connection,
    table: &TableName,
) -> Result<Vec<Reference>, Failure> {
    let keys = connection
        .fetch(&format!(
            "select id, \"table\", \"from\", \"to\" from {} order by id, seq",
            sqlite_pragma("foreign_key_list", table)
        ))
        .await?;
    let mut references: Vec<(String, Reference)> = Vec::new();
    for row in &keys.rows {
        if references.last().is_none_or(|(id, _)| id != text(row, 0)) {
            let reference = Reference {
                columns: Vec::new(),
                table: identifier(text(row, 1)),
                key: Vec::new(),
                copy: None,
                rows: Vec::new(),
            };
            references.push((text(row, 0).to_owned(), reference));
        }
        if let Some((_, reference)) = references.last_mut() {
            reference.columns.push(text(row, 2).to_owned());
            reference
                .key
                .extend(row[3].as_ref().map(|value| value.text.clone()));
        }
    }
    let mut references: Vec<Reference> = references
        .into_iter()
        .map(|(_, reference)| reference)
        .collect();
    for reference in &mut references {
        let parent = TableName::parse(&reference.table)?;
        if reference.key.is_empty() {
            let keys = format!(
                "select name from {} where pk > 0 order by pk",
                sqlite_pragma("table_info", &parent)
            );
            reference.key = texts(connection.fetch(&keys).await?);
        }
        reference.rows = reference_rows(connection, reference).await;
    }
    references.sort_by_key(|reference| usize::MAX - reference.columns.len());
    Ok(references)
}

/// The keys of the parent's rows in the template file; empty when it can't be read.
async fn reference_rows(connection: &Connection, reference: &Reference) -> Vec<Vec<String>> {
    let Some(template) = &connection.shapes.template else {
        return Vec::new();
    };
    let keys = identifiers(&reference.key);
    let sql = format!(
        "select {keys} from {} order by {keys} limit {REFERENCE_ROWS}",
        reference.table
    );
    let shapes = connection.shapes.clone();
    if let Some(rows) = shapes.reference_rows.lock().get(&sql) {
        return rows.clone();
    }
    let Ok(mut file) = Connection::sqlite(template, shapes.clone()).await else {
        return Vec::new();
    };
    let rows = file.fetch(&sql).await.map(keys_of).unwrap_or_default();
    file.close().await;
    shapes.reference_rows.lock().insert(sql, rows.clone());
    rows
}

/// A cell of an answer; NULL is empty.
fn text(row: &[Option<Value>], index: usize) -> &str {
    row[index].as_ref().map_or("", |value| value.text.as_str())
}
