//! Steps about the database: inserting rows, comparing rows, running SQL.

use bdd_harness::{given, then, when};
use gherkin::Step;

use crate::{
    database::{self, Mode, Rows, compare},
    failure::{Failure, Outcome},
    registry::Text,
    variables::Variables,
    words::{argument, variables::save},
    world::World,
};

/// Inserts rows into a table. Only the columns that matter need to be named. The others get their default or a
/// generated value, and the rows that they refer to are inserted too. A foreign key whose value is written gets no such
/// row: it has to be there. `#null` is NULL, an empty cell is an empty text.
#[given(expr = "the table {string} has the rows:")]
async fn table_has_the_rows(world: &mut World, step: &Step, name: Text) -> Outcome {
    let (heading, rows) = filled(argument::filled_table(step)?, &mut world.variables)?;
    let seed = world.variables.text("{{$uuid}}")?;
    let connection = world.slot.database().await?;
    database::insert(connection, &name, &heading, &rows, &seed).await
}

/// Runs SQL: one or more statements, sent as they are. Variables are filled in as text.
#[given(expr = "the SQL:")]
async fn the_sql(world: &mut World, step: &Step) -> Outcome {
    let sql = world.variables.text(&argument::docstring(step)?)?;
    world.slot.database().await?.run(&sql).await.map(|_| ())
}

/// Compares the rows of a table: each row of the feature must match a different row of the table, and the table may
/// have more rows. Only the named columns are compared, each by its type. JSON in a cell is compared exactly: its objects
/// have no other members.
#[then(expr = "the table {string} contains the rows:")]
async fn table_contains_the_rows(world: &mut World, step: &Step, name: Text) -> Outcome {
    compare_table(world, step, &name, Mode::Contains).await
}

/// Compares the rows of a table, in any order, as in `contains the rows`. The table has no other rows.
#[then(expr = "the table {string} contains exactly the rows:")]
async fn table_contains_exactly_the_rows(world: &mut World, step: &Step, name: Text) -> Outcome {
    compare_table(world, step, &name, Mode::Exactly).await
}

/// The number of rows of a table or view.
#[then(expr = "the table {string} has {int} row(s)")]
async fn table_has_rows(world: &mut World, name: Text, count: u64) -> Outcome {
    count_rows(world, &name, count).await
}

/// A table or view has no rows.
#[then(expr = "the table {string} is empty")]
async fn table_is_empty(world: &mut World, name: Text) -> Outcome {
    count_rows(world, &name, 0).await
}

/// Runs a statement that returns rows. The next steps are about its result.
#[when(expr = "I query:")]
async fn i_query(world: &mut World, step: &Step) -> Outcome {
    let sql = world.variables.text(&argument::docstring(step)?)?;
    world.queried = None;
    world.queried = Some(world.slot.database().await?.run(&sql).await?);
    Ok(())
}

/// The query returned exactly these rows, in this order. Only the named columns are compared.
#[then(expr = "the query returned the rows:")]
async fn query_returned_the_rows(world: &mut World, step: &Step) -> Outcome {
    let (heading, rows) = filled(argument::table(step)?, &mut world.variables)?;
    let found = queried(world.queried.as_ref())?.only(&heading)?;
    let connection = world.slot.database().await?;
    let what = "the query's answer";
    let captures = compare(connection, &rows, &found, Mode::InOrder, what).await?;
    world.variables.keep(captures);
    Ok(())
}

/// The query returned no rows.
#[then(expr = "the query returned no rows")]
fn query_returned_no_rows(world: &mut World) -> Outcome {
    let found = queried(world.queried.as_ref())?;
    if found.rows.is_empty() {
        return Ok(());
    }
    Err(unexpected(
        "the query returned",
        0,
        found.rows.len() as u64,
        found,
    ))
}

/// Saves a column of the query's first row as a variable. Numbers, booleans and JSON keep their type, all other values
/// are texts.
#[when(expr = "I save the query's {string} as {string}")]
fn i_save_the_querys(world: &mut World, column: Text, name: Text) -> Outcome {
    let found = queried(world.queried.as_ref())?;
    let Some(first) = found.rows.first() else {
        return Err("the query returned no rows, so there is nothing to save".into());
    };
    let value = database::json(first[found.position(&column)?].as_ref());
    save(world, &name, value)
}

/// A table with variables filled in.
fn filled(
    (heading, rows): (&[String], &[Vec<String>]),
    variables: &mut Variables,
) -> Result<(Vec<String>, Vec<Vec<String>>), Failure> {
    let fill = |row: &Vec<String>| row.iter().map(|cell| variables.text(cell)).collect();
    let rows = rows.iter().map(fill).collect::<Result<_, Failure>>()?;
    Ok((heading.to_vec(), rows))
}

fn queried(rows: Option<&Rows>) -> Result<&Rows, Failure> {
    rows.ok_or_else(|| "nothing has been queried yet: write `When I query:` before this".into())
}

async fn compare_table(world: &mut World, step: &Step, name: &str, mode: Mode) -> Outcome {
    let table = match mode {
        Mode::Contains => argument::filled_table(step)?,
        Mode::Exactly | Mode::InOrder => argument::table(step)?,
    };
    let (heading, rows) = filled(table, &mut world.variables)?;
    let connection = world.slot.database().await?;
    let found = database::read(connection, name, &heading).await?;
    let what = format!("the table {name}");
    let captures = compare(connection, &rows, &found, mode, &what).await?;
    world.variables.keep(captures);
    Ok(())
}

async fn count_rows(world: &mut World, name: &str, expected: u64) -> Outcome {
    let connection = world.slot.database().await?;
    let (count, first) = database::count(connection, name, expected).await?;
    if count == expected {
        return Ok(());
    }
    Err(unexpected(
        &format!("the table {name} has"),
        expected,
        count,
        &first,
    ))
}

/// The failure for an unexpected number of rows, with the first of them.
fn unexpected(what: &str, expected: u64, count: u64, rows: &Rows) -> Failure {
    let lines: Vec<String> = (0..rows.rows.len().min(5))
        .map(|row| format!("\n  {}", rows.shown(row)))
        .collect();
    let more = if count > 5 { "\n  …" } else { "" };
    Failure::new(format!(
        "{what} {count} row(s), not {expected}{}{more}",
        if lines.is_empty() {
            String::new()
        } else {
            format!(":{}", lines.concat())
        }
    ))
}
