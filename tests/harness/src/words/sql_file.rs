//! A step that runs an SQL file, as psql does.

use std::{io, path::Path};

use bdd_harness::given;

use crate::{
    database::Connection,
    failure::{Failure, Outcome},
    isolation::template::script::{Dialect, Statement, statements},
    registry::Text,
    sql,
    world::World,
};

/// Runs an SQL file: statements, rows of `COPY … FROM stdin`, and psql commands that have no effect here. The path is
/// relative to the project's folder. Variables are filled in as text. The whole file is one transaction, unless it has
/// transactions of its own or statements that can't be in one. Settings that it changes for the session are restored at
/// its end.
#[given(expr = "the SQL file {string}")]
async fn the_sql_file(world: &mut World, path: Text) -> Outcome {
    let file = world.slot.program()?.root().join(&*path);
    let text = read(&path, &file)?;
    let text = world
        .variables
        .text(&text)
        .map_err(|failure| Failure::new(format!("{path}: {failure}")))?;
    let connection = world.slot.database().await?;
    run(connection, &path, &text).await
}

fn read(path: &str, file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file).map_err(|error| {
        let why = match error.kind() {
            io::ErrorKind::NotFound => "there is no such file".to_owned(),
            io::ErrorKind::InvalidData => "the file isn't UTF-8".to_owned(),
            _ => error.to_string(),
        };
        Failure::new(format!(
            "the SQL file \"{path}\" can't be read: {why}\n  its path: {}",
            file.display()
        ))
    })
}

async fn run(connection: &mut Connection, path: &str, text: &str) -> Outcome {
    let dialect = if connection.is_postgres() {
        Dialect::Postgres
    } else {
        Dialect::Sqlite
    };
    let statements = statements(text, dialect)
        .map_err(|mistake| Failure::new(format!("{path}:{}: {}", mistake.line, mistake.reason)))?;
    if statements.is_empty() {
        return Err(Failure::new(format!(
            "the SQL file \"{path}\" has no statement"
        )));
    }
    let session = if connection.is_postgres() && statements.iter().any(sets) {
        Some(Session::of(connection).await?)
    } else {
        None
    };
    let alone = statements
        .iter()
        .any(|statement| statement.runs_alone || is_of_transactions(statement));
    let in_one = !alone && !connection.in_transaction().await?;
    if in_one {
        connection.run("begin").await?;
    }
    for statement in &statements {
        send(connection, statement)
            .await
            .map_err(|failure| failed(path, statement, &failure))?;
    }
    if in_one && let Err(failure) = connection.run("commit").await {
        // A deferred constraint failed at the end.
        return Err(Failure::new(format!("{path}: {failure}")));
    }
    match session {
        Some(session) => session.restore(connection).await,
        None => Ok(()),
    }
}

async fn send(connection: &mut Connection, statement: &Statement<'_>) -> Outcome {
    match statement.rows {
        Some(rows) => connection.copy(statement.sql, rows).await,
        None => connection
            .run_from(statement.sql, statement.line)
            .await
            .map(|_| ()),
    }
}

fn failed(path: &str, statement: &Statement<'_>, failure: &Failure) -> Failure {
    Failure::new(format!("{path}:{}: {failure}", statement.line))
}

fn first_word(statement: &Statement<'_>) -> String {
    let end = statement.sql.find(|c: char| !c.is_alphabetic());
    statement.sql[..end.unwrap_or(statement.sql.len())].to_lowercase()
}

fn is_of_transactions(statement: &Statement<'_>) -> bool {
    [
        "begin",
        "start",
        "commit",
        "rollback",
        "end",
        "abort",
        "savepoint",
    ]
    .contains(&first_word(statement).as_str())
        || (first_word(statement) == "pragma" && statement.sql.contains("foreign_keys"))
}

/// Whether the statement may change a setting of the session.
fn sets(statement: &Statement<'_>) -> bool {
    ["set", "reset"].contains(&first_word(statement).as_str())
        || statement.sql.to_lowercase().contains("set_config")
}

/// The settings of a session, as SQL that sets them again.
struct Session(Vec<String>);

impl Session {
    async fn of(connection: &mut Connection) -> Result<Self, Failure> {
        let rows = connection
            .run(
                "select name, setting from pg_catalog.pg_settings where source = 'session'
                  union all
                 select 'role', pg_catalog.current_setting('role')",
            )
            .await?;
        let statements = rows.rows.iter().filter_map(|row| {
            let [Some(name), Some(value)] = row.as_slice() else {
                return None;
            };
            Some(format!(
                "select pg_catalog.set_config({}, {}, false)",
                sql::literal(&name.text),
                sql::literal(&value.text)
            ))
        });
        Ok(Self(statements.collect()))
    }

    async fn restore(self, connection: &mut Connection) -> Outcome {
        let mut restoring = vec!["reset session authorization; reset role; reset all".to_owned()];
        restoring.extend(self.0);
        connection.run(&restoring.join("; ")).await.map(|_| ())
    }
}
