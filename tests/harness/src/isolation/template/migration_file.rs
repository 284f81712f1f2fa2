//! A file of migrations: its number, its text, and what its messages say.

use std::{
    borrow::Cow,
    path::{Path, PathBuf},
};

use sqlx::{
    AssertSqlSafe, SqlSafeStr as _,
    migrate::{Migration, MigrationType},
    postgres::{PgDatabaseError, PgErrorPosition},
};

use super::script::{Dialect, Statement, statements};
use crate::{
    database::explain,
    failure::{Failure, Outcome, error_code},
};

/// Longer statements are shortened in messages.
const SHOWN_LINES: usize = 12;

/// One file.
pub(crate) struct MigrationFile {
    pub path: PathBuf,
    pub text: String,
    /// Each statement runs by itself, without a transaction.
    pub alone: bool,
    pub number: Option<i64>,
    /// The record for sqlx, if the file's name is one that sqlx knows.
    pub migration: Option<Migration>,
}

impl MigrationFile {
    /// Reads the number and name: `0001_name.up.sql`, `0001_name.down.sql`, or `0001_name.sql` without a down
    /// migration.
    pub fn numbered(path: &Path, text: String) -> Result<Self, Failure> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let parts = name
            .split_once('_')
            .and_then(|(version, rest)| Some((version.parse::<i64>().ok()?, rest)));
        let Some((version, rest)) = parts else {
            return Err(Failure::new(format!(
                "{}: the name of a migration begins with its number: NNNN_name.sql, or NNNN_name.up.sql and \
                 NNNN_name.down.sql. If your migration tool uses other names, let it create the schema: \
                 schema = {{ run = \"…\" }} in bdd.toml",
                path.display()
            )));
        };
        let kind = MigrationType::from_filename(rest);
        let description = rest.trim_end_matches(kind.suffix()).replace('_', " ");
        let sql = AssertSqlSafe(text.clone()).into_sql_str();
        let alone = text.starts_with("-- no-transaction");
        Ok(Self {
            migration: Some(Migration::new(
                version,
                Cow::Owned(description),
                kind,
                sql,
                alone,
            )),
            alone,
            number: Some(version),
            path: path.to_owned(),
            text,
        })
    }

    /// A file of another tool, or a plain SQL file. It isn't recorded.
    pub fn of_tool(path: &Path, text: String, alone: bool) -> Self {
        Self {
            path: path.to_owned(),
            text,
            alone,
            number: None,
            migration: None,
        }
    }

    #[must_use]
    pub fn with_number(mut self, number: i64) -> Self {
        self.number = Some(number);
        self
    }

    pub fn is_down(&self) -> bool {
        self.migration
            .as_ref()
            .is_some_and(|migration| migration.migration_type.is_down_migration())
    }

    /// Refuses what can't be parsed, and what affects more than this database.
    pub fn check(&self, dialect: Dialect) -> Outcome {
        let statements = statements(&self.text, dialect)
            .map_err(|mistake| self.refused(mistake.line, &mistake.reason))?;
        for statement in statements {
            if dialect == Dialect::Postgres && reaches_beyond(statement.sql) {
                return Err(self.refused(
                    statement.line,
                    &format!(
                        "`{}` affects more than the suite's own database: remove it",
                        statement.sql.lines().next().unwrap_or_default()
                    ),
                ));
            }
        }
        Ok(())
    }

    pub fn refused(&self, line: usize, reason: &str) -> Failure {
        Failure::new(format!(
            "the migrations can't be applied: {}:{line}: {reason}",
            self.path.display()
        ))
    }

    pub fn failed(&self, line: usize, error: &sqlx::Error) -> Failure {
        self.refused(line, &explain(error, None).message)
    }

    /// An error at the line that the database names, or at the statement's first line, with the statement.
    pub fn statement_failed(&self, statement: &Statement<'_>, error: &sqlx::Error) -> Failure {
        let before = error
            .as_database_error()
            .and_then(|error| error.try_downcast_ref::<PgDatabaseError>())
            .and_then(|error| lines_below(statement, error))
            .unwrap_or_default();
        let mut failure = self.failed(statement.line + before, error);
        if error_code(error).as_deref() == Some("42710")
            && statement.sql.to_lowercase().contains("role")
        {
            failure.message.push_str(
                "\n  hint: roles belong to the whole server, and this run didn't create that one. Drop it, \
                 or create it only if it doesn't exist",
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

/// Whether a statement changes the server itself, or creates another database.
fn reaches_beyond(sql: &str) -> bool {
    let lower = sql.to_lowercase();
    let mut words = lower.split_whitespace();
    matches!(
        (words.next(), words.next()),
        (Some("alter"), Some("system"))
            | (
                Some("create" | "drop"),
                Some("database" | "tablespace" | "subscription")
            )
    )
}

/// How many lines below the start of its statement an error is, if the server says it.
fn lines_below(statement: &Statement<'_>, error: &PgDatabaseError) -> Option<usize> {
    let newlines = |length| {
        let before = statement.sql.chars().take(length);
        before.filter(|character| *character == '\n').count()
    };
    if statement.rows.is_some() {
        // As in `COPY books, line 2, column id: "x"`; the rows begin in the line after the statement.
        let (_, row) = error.r#where()?.split_once(", line ")?;
        let row: usize = row.split([',', ':']).next()?.parse().ok()?;
        return Some(newlines(usize::MAX) + row);
    }
    match error.position()? {
        PgErrorPosition::Original(position) => Some(newlines(position.saturating_sub(1))),
        PgErrorPosition::Internal { .. } => None,
    }
}
