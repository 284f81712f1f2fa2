//! Steps for the whole schema.

use bdd_harness::json::Json;
use bdd_harness::{given, when};

use bdd_harness::{
    failure::{Failure, Outcome},
    world::World,
};

/// The variable with the noted schema.
const NOTED: &str = "noted schema";

/// Every table, column, constraint, index and trigger of the service's schema, as PostgreSQL describes them.
const POSTGRES: &str = "
    select 'column ' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable
           || coalesce(' default ' || column_default, '') || coalesce(' collate ' || collation_name, '') as line
      from information_schema.columns
     where table_schema = 'public'
    union all
    select 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
      from pg_constraint
     where connamespace = 'public'::regnamespace
    union all
    select 'index ' || indexdef
      from pg_indexes
     where schemaname = 'public'
    union all
    select 'function ' || oid::regprocedure || ' ' || md5(pg_get_functiondef(oid))
      from pg_proc
     where pronamespace = 'public'::regnamespace and prokind in ('f', 'p')
    union all
    select 'trigger ' || pg_get_triggerdef(oid)
      from pg_trigger
     where not tgisinternal and tgname not like 'bdd\\_harness%'
     order by line";

/// The same for SQLite, which stores the statements that created the schema.
const SQLITE: &str = "
    select type || ' ' || name || ' ' || coalesce(sql, '') as line
      from sqlite_schema
     order by line";

/// Notes the whole schema, for the step `the schema is as noted`.
#[when(expr = "I note the schema")]
async fn note_the_schema(world: &mut World) -> Outcome {
    let lines = schema(world).await?;
    world.variables.set(NOTED, Json::from(lines));
    Ok(())
}

/// The schema is the same as when it was noted, including every index.
#[given(expr = "the schema is as noted")]
async fn schema_is_as_noted(world: &mut World) -> Outcome {
    let found = schema(world).await?;
    let noted = world
        .variables
        .get(NOTED)
        .and_then(Json::as_array)
        .ok_or("write `I note the schema` first")?;
    let noted: Vec<&str> = noted.iter().filter_map(Json::as_str).collect();
    let missing = noted
        .iter()
        .filter(|line| !found.iter().any(|other| other == *line))
        .map(|line| format!("- {line}"));
    let new = found
        .iter()
        .filter(|line| !noted.contains(&line.as_str()))
        .map(|line| format!("+ {line}"));
    let difference: Vec<_> = missing.chain(new).collect();
    if difference.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "the schema isn't as noted:\n{}",
        difference.join("\n")
    )))
}

/// Creates a folder with migrations for both databases, the last of which has this version, and sets a variable to its
/// path.
#[given(expr = "{string} is a folder of migrations that end with {int}")]
fn folder_of_migrations(world: &mut World, name: String, version: u32) -> Outcome {
    let unique = world.variables.text("{{$uuid}}")?;
    let folder = world.slot.folder()?.join(unique);
    for store in ["postgres", "sqlite"] {
        let folder = folder.join(store);
        std::fs::create_dir_all(&folder)
            .and_then(|()| std::fs::write(folder.join(format!("{version:04}_last.up.sql")), ""))
            .map_err(|error| Failure::new(error.to_string()))?;
    }
    world
        .variables
        .set(name, Json::from(folder.display().to_string()));
    Ok(())
}

/// There is no table with this name.
#[given(expr = "the table {string} does not exist")]
async fn table_does_not_exist(world: &mut World, table: String) -> Outcome {
    let table = world.variables.text(&table)?;
    let exists = schema(world).await?.iter().any(|line| {
        line.starts_with(&format!("column {table}."))
            || line.starts_with(&format!("table {table} "))
    });
    if exists {
        Err(Failure::new(format!("the table {table} exists")))
    } else {
        Ok(())
    }
}

async fn schema(world: &mut World) -> Result<Vec<String>, Failure> {
    let connection = world.slot.database().await?;
    let sql = if connection.is_postgres() {
        POSTGRES
    } else {
        SQLITE
    };
    let rows = connection.run(sql).await?.rows;
    Ok(rows
        .into_iter()
        .filter_map(|mut row| row.swap_remove(0))
        .map(|value| value.text)
        .collect())
}
