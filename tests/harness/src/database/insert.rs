//! Rows put into a table: all of them or none.

use crate::database::{
    Connection, Table, compare, explain,
    name::{identifier, literal, postgres_literal},
    plan::{Cell, Plan, Row},
    schema::{Column, Filled},
    sequences, sqlite, value,
};
use crate::{
    failure::{Failure, Outcome},
    json::is_matcher,
};

/// How often other made values are tried when the database finds the first ones taken.
const TRIES: usize = 60;

/// Inserts rows; `named` are the columns that their cells stand in, `seed` makes the rest the same from run to run.
pub async fn insert(
    connection: &mut Connection,
    table: &Table,
    named: &[String],
    rows: &[Vec<String>],
    seed: &str,
) -> Outcome {
    let guarded = connection.is_postgres() && compare::guard(connection).await?;
    let mut plan = Plan::new(guarded, seed);
    let outcome = fill(connection, &mut plan, table, named, rows).await;
    if guarded {
        let end = if outcome.is_ok() {
            ""
        } else {
            "rollback to savepoint bdd_words; "
        };
        connection
            .fetch(&format!("{end}release savepoint bdd_words"))
            .await
            .map_err(|error| explain(&error, None))?;
    }
    outcome
}

async fn fill(
    connection: &mut Connection,
    plan: &mut Plan,
    table: &Table,
    named: &[String],
    rows: &[Vec<String>],
) -> Outcome {
    for (index, row) in rows.iter().enumerate() {
        if let Some(matcher) = row.iter().find(|cell| *cell != "#null" && is_matcher(cell)) {
            return Err(Failure::new(format!(
                "row {}: `{matcher}` is a matcher, and those are for rows that are expected; a row that is put in \
                 has values, made ones as {{{{$uuid}}}} too, or no such column at all",
                index + 1
            )));
        }
        let cell = |text: &String| {
            if text == "#null" {
                Cell::Null
            } else {
                Cell::Text(text.clone())
            }
        };
        let given: Vec<(String, Cell)> = named.iter().cloned().zip(row.iter().map(cell)).collect();
        plan.add(connection, &table.name.quoted(), &given, index + 1)
            .await?;
    }
    if plan.groups.is_empty() {
        return Ok(());
    }
    let before = sequences::note(connection)
        .await
        .map_err(|error| explain(&error, None))?;
    for attempt in 0.. {
        let Err((group, error)) = send(connection, plan).await else {
            return Ok(());
        };
        if plan.guarded {
            let back = connection.fetch("rollback to savepoint bdd_words").await;
            back.map_err(|error| explain(&error, None))?;
        }
        match group {
            Some(group) if attempt < TRIES && can_differ(plan, group, &error) => {
                before
                    .put_back(connection)
                    .await
                    .map_err(|error| explain(&error, None))?;
                plan.again(group);
            }
            _ => return Err(refused(plan, group, &error)),
        }
    }
    Ok(())
}

/// Sends all rows; tells the group that the database refused.
async fn send(
    connection: &mut Connection,
    plan: &Plan,
) -> Result<(), (Option<usize>, sqlx::Error)> {
    let postgres = connection.is_postgres();
    let mut owners = Vec::new();
    let mut statements = Vec::new();
    for (index, group) in plan.groups.iter().enumerate() {
        let mut inserts: Vec<String> = group
            .iter()
            .map(|row| statement(postgres, plan, *row))
            .collect();
        if postgres && inserts.len() > 1 {
            inserts = vec![circle(inserts)];
        }
        owners.extend(inserts.iter().map(|_| index));
        statements.extend(inserts);
    }
    let circles = plan.groups.iter().any(|group| group.len() > 1);
    if !postgres {
        let defer = if circles {
            "; pragma defer_foreign_keys = on"
        } else {
            ""
        };
        let begin = connection
            .fetch(&format!("savepoint bdd_words{defer}"))
            .await;
        begin.map_err(|error| (None, error))?;
    }
    let sent = connection.send(&statements.join(";\n")).await;
    let end = match (&sent.outcome, postgres) {
        (Ok(_), false) => connection.fetch("release bdd_words").await.map(|_| ()),
        (_, true) | (Err(_), false) => Ok(()),
    };
    let failed = sent.outcome.map(|_| ()).and(end);
    if failed.is_err() && !postgres {
        let back = connection
            .fetch("rollback to bdd_words; release bdd_words")
            .await;
        back.map_err(|error| (None, error))?;
    }
    failed.map_err(|error| (owners.get(sent.done).copied(), error))
}

/// Rows that refer to each other go in together: foreign keys are looked at when the statement ends.
fn circle(mut inserts: Vec<String>) -> String {
    let last = inserts.pop().unwrap_or_default();
    let others: Vec<String> = inserts
        .iter()
        .enumerate()
        .map(|(index, insert)| format!("bdd_{index} as ({insert})"))
        .collect();
    format!("with {} {last}", others.join(", "))
}

fn statement(postgres: bool, plan: &Plan, row: usize) -> String {
    let planned: &Row = &plan.rows[row];
    let shape = &planned.shape;
    let (mut names, mut values, mut overriding) = (Vec::new(), Vec::new(), "");
    for (index, column) in shape.columns.iter().enumerate() {
        let Some(value) = plan.value(row, index) else {
            continue;
        };
        names.push(identifier(&column.name));
        values.push(value.map_or("null".to_owned(), |text| sql_value(postgres, column, &text)));
        if column.filled == Filled::IdentityAlways {
            overriding = " overriding system value";
        }
    }
    if names.is_empty() {
        return format!("insert into {} default values", shape.name);
    }
    format!(
        "insert into {} ({}){overriding} values ({})",
        shape.name,
        names.join(", "),
        values.join(", ")
    )
}

/// A text as a literal for a column. `PostgreSQL` reads it by the column's type; for `SQLite` booleans are 0 and 1,
/// and ids and moments are written in the one way in which they compare as text.
pub fn sql_value(postgres: bool, column: &Column, text: &str) -> String {
    let type_name = column.type_name.to_ascii_lowercase();
    if postgres {
        // The server alone would drop the zone of a text.
        return match value::moment(text) {
            Some(_) if type_name == "timestamp without time zone" => {
                format!("{}::timestamptz::timestamp", postgres_literal(text))
            }
            _ => postgres_literal(text),
        };
    }
    let bytes = text
        .strip_prefix("\\x")
        .filter(|hex| hex.len() % 2 == 0 && hex.bytes().all(|digit| digit.is_ascii_hexdigit()));
    if type_name.starts_with("bool") {
        return sqlite::boolean(text)
            .map_or_else(|| literal(text), |value| u8::from(value).to_string());
    }
    if let Some(bytes) = bytes.filter(|_| type_name == "blob" || type_name.is_empty()) {
        return format!("x{}", literal(bytes));
    }
    let textual = ["char", "text", "clob"]
        .iter()
        .any(|word| type_name.contains(word));
    if !textual && text.parse::<f64>().is_ok_and(f64::is_finite) && !text.starts_with('+') {
        return text.trim().to_owned();
    }
    match (value::moment(text), uuid::Uuid::try_parse(text)) {
        (Some(moment), _) if text.ends_with('Z') || text[16..].contains(['+', '-']) => {
            literal(&value::rfc3339(moment))
        }
        (_, Ok(id)) if text.len() == 36 => literal(&id.to_string()),
        _ => literal(text),
    }
}

/// Whether other made values may help: something is taken or a condition not met, and not by what was named alone.
fn can_differ(plan: &Plan, group: usize, error: &sqlx::Error) -> bool {
    let Some(database) = error.as_database_error() else {
        return false;
    };
    let code = database.code().unwrap_or_default();
    if !database.is_unique_violation() && !database.is_check_violation() && code != "23P01" {
        return false;
    }
    let detail = database
        .try_downcast_ref::<sqlx::postgres::PgDatabaseError>()
        .and_then(|error| error.detail())
        .unwrap_or(database.message());
    let spoken = |name: &str| {
        detail
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .any(|word| word == name)
    };
    let ours = |row: &Row| {
        let mut cells = row.shape.columns.iter().zip(&row.cells);
        cells.any(|(column, cell)| {
            let open = matches!(cell, Cell::Made | Cell::Omitted);
            open && (database.is_check_violation() && *cell == Cell::Made || spoken(&column.name))
        })
    };
    plan.groups[group].iter().any(|row| ours(&plan.rows[*row]))
}

/// The database's refusal, with the row of the feature that it is about.
fn refused(plan: &Plan, group: Option<usize>, error: &sqlx::Error) -> Failure {
    let mut failure = explain(error, None);
    let place = group
        .and_then(|group| plan.groups[group].last())
        .map(|row| {
            let row = &plan.rows[*row];
            let column = error
                .as_database_error()
                .and_then(|error| error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>())
                .and_then(|error| error.column())
                .map(|column| format!(", column {column}"))
                .unwrap_or_default();
            if row.named {
                format!("row {}: table {}{column}", row.feature_row, row.shape.name)
            } else {
                format!(
                    "row {}: a made row of {}{column}, which it refers to",
                    row.feature_row, row.shape.name
                )
            }
        });
    let place = place.unwrap_or_else(|| "at the end of the transaction".to_owned());
    failure.message = format!("{place}: {}", failure.message);
    failure
}
