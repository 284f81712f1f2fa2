//! The database, seen from outside: rows put in, rows looked for, SQL as it is.

use bdd_harness::{given, then, when};
use gherkin::Step;

use crate::{
    database::{self, Mode, Rows, compare},
    failure::{Failure, Outcome},
    variables::Variables,
    words::argument::{docstring, quoted, table},
    world::World,
};

/// Puts rows into a table. Only the columns that matter need to be named: the others get their default or a made
/// value, with the rows they refer to. `#null` is NULL, an empty cell is an empty text.
#[given(expr = "the table {string} has the rows:")]
async fn table_has_the_rows(world: &mut World, step: &Step, name: String) -> Outcome {
    let name = quoted(&name, &mut world.variables)?;
    let (heading, rows) = filled(step, &mut world.variables)?;
    let seed = world.variables.text("{{$uuid}}")?;
    let connection = world.slot.database().await?;
    database::insert(connection, &name, &heading, &rows, &seed).await
}

/// Sends SQL to the database as it is: one or more statements, variables filled in as text.
#[given(expr = "the SQL:")]
async fn the_sql(world: &mut World, step: &Step) -> Outcome {
    let sql = world.variables.text(&docstring(step)?)?;
    world.slot.database().await?.run(&sql).await.map(|_| ())
}

/// Looks for rows in a table: each row of the feature must match a row of its own, others may be there. Only the
/// columns named are compared, each by its own type.
#[then(expr = "the table {string} contains the rows:")]
async fn table_contains_the_rows(world: &mut World, step: &Step, name: String) -> Outcome {
    compare_table(world, step, &name, Mode::Contains).await
}

/// Looks for rows in a table, in any order, and lets no other row be there.
#[then(expr = "the table {string} contains exactly the rows:")]
async fn table_contains_exactly_the_rows(world: &mut World, step: &Step, name: String) -> Outcome {
    compare_table(world, step, &name, Mode::Exactly).await
}

/// Counts the rows of a table or view.
#[then(expr = "the table {string} has {int} row(s)")]
async fn table_has_rows(world: &mut World, name: String, count: u64) -> Outcome {
    count_rows(world, &name, count).await
}

/// Makes sure that a table or view has no row at all.
#[then(expr = "the table {string} is empty")]
async fn table_is_empty(world: &mut World, name: String) -> Outcome {
    count_rows(world, &name, 0).await
}

/// Asks the database: any statement that returns rows. The next words speak of what it returned.
#[when(expr = "I query:")]
async fn i_query(world: &mut World, step: &Step) -> Outcome {
    let sql = world.variables.text(&docstring(step)?)?;
    world.queried = None;
    world.queried = Some(world.slot.database().await?.run(&sql).await?);
    Ok(())
}

/// Compares what the query returned: exactly these rows, in this order; only the columns named are looked at.
#[then(expr = "the query returned the rows:")]
async fn query_returned_the_rows(world: &mut World, step: &Step) -> Outcome {
    let (heading, rows) = filled(step, &mut world.variables)?;
    let found = queried(world.queried.as_ref())?.only(&heading)?;
    let connection = world.slot.database().await?;
    let what = "the query's answer";
    let captures = compare(connection, &rows, &found, Mode::InOrder, what).await?;
    world.variables.keep(captures);
    Ok(())
}

/// Makes sure that the query returned nothing.
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

/// Keeps a column of the query's first row as a variable; numbers, booleans and JSON keep their type, everything
/// else its text.
#[when(expr = "I save the query's {string} as {string}")]
fn i_save_the_querys(world: &mut World, column: String, name: String) -> Outcome {
    let column = quoted(&column, &mut world.variables)?;
    let found = queried(world.queried.as_ref())?;
    let Some(first) = found.rows.first() else {
        return Err("the query returned no rows, so there is nothing to save".into());
    };
    let value = database::json(first[found.position(&column)?].as_ref());
    world.variables.set(name, value);
    Ok(())
}

/// The step's table, with the variables in its rows filled in.
fn filled(
    step: &Step,
    variables: &mut Variables,
) -> Result<(Vec<String>, Vec<Vec<String>>), Failure> {
    let (heading, rows) = table(step)?;
    let fill = |row: &Vec<String>| row.iter().map(|cell| variables.text(cell)).collect();
    let rows = rows.iter().map(fill).collect::<Result<_, Failure>>()?;
    Ok((heading.to_vec(), rows))
}

fn queried(rows: Option<&Rows>) -> Result<&Rows, Failure> {
    rows.ok_or_else(|| "nothing was queried yet: write `When I query:` before this".into())
}

async fn compare_table(world: &mut World, step: &Step, name: &str, mode: Mode) -> Outcome {
    let name = quoted(name, &mut world.variables)?;
    let (heading, rows) = filled(step, &mut world.variables)?;
    let connection = world.slot.database().await?;
    let found = database::read(connection, &name, &heading).await?;
    let what = format!("the table {name}");
    let captures = compare(connection, &rows, &found, mode, &what).await?;
    world.variables.keep(captures);
    Ok(())
}

async fn count_rows(world: &mut World, name: &str, expected: u64) -> Outcome {
    let name = quoted(name, &mut world.variables)?;
    let connection = world.slot.database().await?;
    let (count, first) = database::count(connection, &name, expected).await?;
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

/// An unexpected number of rows, with the first of them.
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
