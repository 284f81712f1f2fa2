//! Folders of migrations, applied by the harness: each file in a transaction, each statement by itself.

use std::{
    borrow::Cow,
    path::{Path, PathBuf},
};

use sqlx::{
    AssertSqlSafe, Executor as _, PgConnection, SqlSafeStr as _, SqliteConnection,
    migrate::{Migrate, Migration, MigrationType},
    postgres::{PgDatabaseError, PgErrorPosition},
};

use crate::{
    database::explain,
    failure::{Failure, Outcome},
    isolation::template::{
        roles::Roles,
        script::{Dialect, Statement, statements},
    },
};

/// The table that records what was applied, as sqlx keeps it: a service that migrates itself finds nothing to do.
const RECORD: &str = "_sqlx_migrations";
/// Longer statements are cut in messages.
const SHOWN_LINES: usize = 12;

/// What runs a folder's statements.
pub(crate) trait Engine {
    const DIALECT: Dialect;
    type Connection: Migrate;

    fn connection(&mut self) -> &mut Self::Connection;

    /// Runs one or more statements as they are.
    async fn run(&mut self, sql: &str) -> sqlx::Result<()>;

    /// Hands over the rows of a `copy … from stdin`.
    async fn copy(&mut self, sql: &str, rows: &str) -> sqlx::Result<()>;

    /// Undoes what a file has set in the session; called in its transaction, when it has one.
    async fn end_file(&mut self, file: &MigrationFile, in_transaction: bool) -> Outcome;
}

/// One file.
pub(crate) struct MigrationFile {
    path: PathBuf,
    pub text: String,
    migration: Migration,
}

/// Applies a folder of migrations.
pub(crate) async fn apply(folder: &Path, engine: &mut impl Engine) -> Outcome {
    let files = read(folder)?;
    let files = files
        .iter()
        .filter(|file| !file.migration.migration_type.is_down_migration());
    let recorded = |error: sqlx::migrate::MigrateError| {
        Failure::new(format!(
            "the record of migrations can't be written: {error}"
        ))
    };
    let connection = engine.connection();
    connection
        .ensure_migrations_table(RECORD)
        .await
        .map_err(recorded)?;
    for file in files {
        let in_transaction = apply_file(file, engine).await?;
        engine.end_file(file, in_transaction).await?;
        engine
            .connection()
            .skip(RECORD, &file.migration)
            .await
            .map_err(recorded)?;
        if in_transaction {
            let committed = engine.run("commit").await;
            committed.map_err(|error| file.failed(file.text.lines().count(), &error))?;
        }
    }
    Ok(())
}

/// Answers whether the file's transaction is still open.
async fn apply_file<E: Engine>(file: &MigrationFile, engine: &mut E) -> Result<bool, Failure> {
    let statements = statements(&file.text, E::DIALECT)
        .map_err(|mistake| file.refused(mistake.line, &mistake.reason))?;
    let mut in_transaction = false;
    for statement in statements {
        let alone = file.migration.no_tx || statement.runs_alone;
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

/// The files of a folder, the oldest first.
fn read(folder: &Path) -> Result<Vec<MigrationFile>, Failure> {
    let unread =
        |path: &Path, error: std::io::Error| Failure::new(format!("{}: {error}", path.display()));
    if !folder.is_dir() {
        return Err(Failure::new(format!(
            "--migrations: {} is no folder",
            folder.display()
        )));
    }
    let entries = std::fs::read_dir(folder).map_err(|error| unread(folder, error))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| unread(folder, error))?.path();
        if path.extension().is_some_and(|extension| extension == "sql") {
            let text = std::fs::read_to_string(&path).map_err(|error| unread(&path, error))?;
            files.push(MigrationFile::new(path, text)?);
        }
    }
    files.sort_by(|one, other| one.migration.cmp(&other.migration));
    let doubled = files
        .windows(2)
        .find(|pair| pair[0].migration == pair[1].migration);
    if let Some([one, other]) = doubled {
        return Err(Failure::new(format!(
            "{} and {} have one number",
            one.path.display(),
            other.path.display()
        )));
    }
    if files.is_empty() {
        return Err(Failure::new(format!(
            "--migrations: {} holds no migration; they are named NNNN_name.up.sql and NNNN_name.down.sql",
            folder.display()
        )));
    }
    Ok(files)
}

impl MigrationFile {
    /// Reads the name: `0001_name.up.sql`, `0001_name.down.sql`, or `0001_name.sql`, which has no way back.
    fn new(path: PathBuf, text: String) -> Result<Self, Failure> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let parts = name
            .split_once('_')
            .and_then(|(version, rest)| Some((version.parse::<i64>().ok()?, rest)));
        let Some((version, rest)) = parts else {
            return Err(Failure::new(format!(
                "{}: the name of a migration begins with its number: NNNN_name.up.sql, NNNN_name.down.sql",
                path.display()
            )));
        };
        let kind = MigrationType::from_filename(rest);
        let description = rest.trim_end_matches(kind.suffix()).replace('_', " ");
        let sql = AssertSqlSafe(text.clone()).into_sql_str();
        let alone = text.starts_with("-- no-transaction");
        Ok(Self {
            migration: Migration::new(version, Cow::Owned(description), kind, sql, alone),
            path,
            text,
        })
    }

    fn refused(&self, line: usize, reason: &str) -> Failure {
        Failure::new(format!(
            "the migrations can't be applied: {}:{line}: {reason}",
            self.path.display()
        ))
    }

    fn failed(&self, line: usize, error: &sqlx::Error) -> Failure {
        self.refused(line, &explain(error, None).message)
    }

    /// The line that the database points at, or the first, and the statement.
    fn statement_failed(&self, statement: &Statement<'_>, error: &sqlx::Error) -> Failure {
        let database = error.as_database_error();
        let position = database
            .and_then(|error| error.try_downcast_ref::<PgDatabaseError>())
            .and_then(PgDatabaseError::position);
        let before = match position {
            Some(PgErrorPosition::Original(position)) => {
                let before = statement.sql.chars().take(position.saturating_sub(1));
                before.filter(|character| *character == '\n').count()
            }
            _ => 0,
        };
        let mut failure = self.failed(statement.line + before, error);
        if database.is_some_and(|error| error.code().as_deref() == Some("42710"))
            && statement.sql.to_lowercase().contains("role")
        {
            failure.message.push_str(
                "\n  hint: roles belong to the whole server, and this run didn't make that one: drop it, \
                 or create it only where it isn't there",
            );
        }
        let lines: Vec<&str> = statement.sql.lines().collect();
        failure
            .message
            .push_str(&format!("\n  the statement, from line {}:", statement.line));
        for line in lines.iter().take(SHOWN_LINES) {
            failure.message.push_str(&format!("\n    {line}"));
        }
        if lines.len() > SHOWN_LINES {
            failure.message.push_str("\n    …");
        }
        failure
    }
}

/// A connection to PostgreSQL, and the roles that the migrations create on a server that stays.
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

    async fn copy(&mut self, sql: &str, rows: &str) -> sqlx::Result<()> {
        let mut copy = self.connection.copy_in_raw(sql).await?;
        copy.send(rows.as_bytes()).await?;
        copy.finish().await.map(|_| ())
    }

    async fn end_file(&mut self, file: &MigrationFile, in_transaction: bool) -> Outcome {
        // As pg_dump's output leaves it, the next file and the harness would find no table.
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

    /// No script of SQLite has such a statement.
    async fn copy(&mut self, sql: &str, _rows: &str) -> sqlx::Result<()> {
        self.run(sql).await
    }

    async fn end_file(&mut self, _file: &MigrationFile, _in_transaction: bool) -> Outcome {
        Ok(())
    }
}
