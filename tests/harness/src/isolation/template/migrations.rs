//! Applies folders of migrations: each file in a transaction, each statement by itself.

use std::path::{Path, PathBuf};

use sqlx::{AssertSqlSafe, Executor as _, PgConnection, SqliteConnection, migrate::Migrate};

use crate::{
    failure::{Failure, Outcome},
    isolation::template::{
        layout,
        migration_file::MigrationFile,
        owners,
        roles::Roles,
        script::{Dialect, Statement, statements},
        sql_file::text_of,
    },
    output::say,
    sql::identifier,
};

/// The table of applied migrations, in sqlx's format. A service that migrates itself finds nothing to do.
const RECORD: &str = "_sqlx_migrations";
/// The database that the statements run on.
pub(crate) trait Engine {
    const DIALECT: Dialect;
    type Connection: Migrate;

    fn connection(&mut self) -> &mut Self::Connection;

    /// Runs one or more statements unchanged.
    async fn run(&mut self, sql: &str) -> sqlx::Result<()>;

    /// Creates what the files refer to and don't create, before the first one runs.
    async fn prepare(&mut self, files: &[MigrationFile]) -> Outcome;

    /// Sends the rows of a `copy … from stdin`.
    async fn copy(&mut self, sql: &str, rows: &str) -> sqlx::Result<()>;

    /// Undoes settings that a file made in the session. Called inside the file's transaction, if there is one.
    async fn end_file(&mut self, file: &MigrationFile, in_transaction: bool) -> Outcome;
}

/// Applies a folder of migrations.
pub(crate) async fn apply(folder: &Path, engine: &mut impl Engine) -> Outcome {
    let files = layout::read(folder)?;
    apply_files(&files, engine).await
}

async fn apply_files<E: Engine>(files: &[MigrationFile], engine: &mut E) -> Outcome {
    let recorded = |error: sqlx::migrate::MigrateError| {
        Failure::new(format!(
            "the table of applied migrations can't be written: {error}"
        ))
    };
    // Check all files before anything runs, so that a mistake in the last file leaves nothing behind.
    for file in files {
        file.check(E::DIALECT)?;
    }
    engine.prepare(files).await?;
    if files.iter().any(|file| file.migration.is_some()) {
        let record = engine.connection().ensure_migrations_table(RECORD);
        record.await.map_err(recorded)?;
    }
    for file in files {
        let in_transaction = apply_file(file, engine).await?;
        engine.end_file(file, in_transaction).await?;
        if let Some(migration) = &file.migration {
            let record = engine.connection().skip(RECORD, migration);
            record.await.map_err(recorded)?;
        }
        if in_transaction {
            let committed = engine.run("commit").await;
            committed.map_err(|error| file.failed(file.text.lines().count(), &error))?;
        }
    }
    Ok(())
}

/// Runs SQL files in the given order, each in a transaction.
pub(crate) async fn apply_scripts(files: &[PathBuf], engine: &mut impl Engine) -> Outcome {
    let read = |path: &PathBuf| text_of(path).map(|text| MigrationFile::of_tool(path, text, false));
    let files: Vec<_> = files.iter().map(read).collect::<Result<_, _>>()?;
    apply_files(&files, engine).await
}

/// Runs the text of a file in a transaction.
pub(crate) async fn run_script(
    path: &Path,
    text: String,
    connection: &mut PgConnection,
) -> Outcome {
    let file = MigrationFile::of_tool(path, text, false);
    let mut engine = Postgres {
        connection,
        roles: None,
    };
    if apply_file(&file, &mut engine).await? {
        let committed = engine.run("commit").await;
        committed.map_err(|error| file.failed(file.text.lines().count(), &error))?;
    }
    Ok(())
}

/// Returns whether the file's transaction is still open.
async fn apply_file<E: Engine>(file: &MigrationFile, engine: &mut E) -> Result<bool, Failure> {
    let statements = statements(&file.text, E::DIALECT)
        .map_err(|mistake| file.refused(mistake.line, &mistake.reason))?;
    let mut in_transaction = false;
    for statement in statements {
        if left_out(&statement, E::DIALECT) {
            say(format_args!(
                "{}:{}: left out, because older servers don't know it: {}",
                file.path.display(),
                statement.line,
                statement.sql
            ));
            continue;
        }
        let alone = file.alone || statement.runs_alone;
        if in_transaction == alone {
            let border = if alone { "commit" } else { "begin" };
            let crossed = engine.run(border).await;
            crossed.map_err(|error| file.failed(statement.line, &error))?;
            in_transaction = !alone;
        }
        let run = match statement.rows {
            Some(rows) => engine.copy(statement.sql, rows).await,
            None => engine.run(statement.sql).await,
        };
        run.map_err(|error| file.statement_failed(&statement, &error))?;
    }
    Ok(in_transaction)
}

/// Settings that newer versions of pg_dump write at the head of a dump, and older servers don't know.
fn left_out(statement: &Statement<'_>, dialect: Dialect) -> bool {
    dialect == Dialect::Postgres
        && statement
            .sql
            .to_lowercase()
            .starts_with("set transaction_timeout")
}

/// A connection to PostgreSQL, and the roles that the migrations create on a server that outlives the run.
pub(crate) struct Postgres<'a> {
    pub connection: &'a mut PgConnection,
    pub roles: Option<&'a mut Roles>,
}

impl Engine for Postgres<'_> {
    const DIALECT: Dialect = Dialect::Postgres;
    type Connection = PgConnection;

    fn connection(&mut self) -> &mut PgConnection {
        self.connection
    }

    async fn run(&mut self, sql: &str) -> sqlx::Result<()> {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql));
        self.connection.execute(sql).await.map(|_| ())
    }

    async fn prepare(&mut self, files: &[MigrationFile]) -> Outcome {
        let texts: Vec<&str> = files.iter().map(|file| file.text.as_str()).collect();
        let missing = owners::missing(self.connection, &texts).await?;
        for role in missing {
            say(format_args!(
                "role \"{role}\": the schema grants it something but doesn't create it; created for this run"
            ));
            let sql = format!("create role {} nologin", identifier(&role));
            self.run(&sql).await?;
            self.run(&format!("grant {} to current_user", identifier(&role)))
                .await?;
            if let Some(roles) = &mut self.roles {
                roles.claim_made(self.connection, role).await?;
            }
        }
        Ok(())
    }

    async fn copy(&mut self, sql: &str, rows: &str) -> sqlx::Result<()> {
        let mut copy = self.connection.copy_in_raw(sql).await?;
        copy.send(rows.as_bytes()).await?;
        copy.finish().await.map(|_| ())
    }

    async fn end_file(&mut self, file: &MigrationFile, in_transaction: bool) -> Outcome {
        // pg_dump's output leaves an empty search path. The next file and the harness would find no table.
        self.run("reset session authorization; reset role; reset all")
            .await?;
        match &mut self.roles {
            Some(roles) if in_transaction => roles.claim_uncommitted(self.connection).await,
            Some(roles) => roles.claim_mentioned(self.connection, &file.text).await,
            None => Ok(()),
        }
    }
}

impl Engine for SqliteConnection {
    const DIALECT: Dialect = Dialect::Sqlite;
    type Connection = Self;

    fn connection(&mut self) -> &mut Self {
        self
    }

    async fn run(&mut self, sql: &str) -> sqlx::Result<()> {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql));
        self.execute(sql).await.map(|_| ())
    }

    /// SQLite has no roles.
    async fn prepare(&mut self, _files: &[MigrationFile]) -> Outcome {
        Ok(())
    }

    /// SQLite's scripts have no such statement.
    async fn copy(&mut self, sql: &str, _rows: &str) -> sqlx::Result<()> {
        self.run(sql).await
    }

    async fn end_file(&mut self, _file: &MigrationFile, _in_transaction: bool) -> Outcome {
        Ok(())
    }
}
