//! Slots on SQLite: a slot is a copy of a template file, and is restored after every scenario.

mod proof;
mod reset;
mod table;
mod written;

use std::path::{Path, PathBuf};

use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, SqliteConnection,
    sqlite::SqliteConnectOptions,
};

use crate::{
    failure::{Failure, error_code},
    isolation::template::{Schema, apply, migrate},
};
pub use reset::Resetter;

/// A migrated file that no service ever opens, and the folder for the slots' files.
#[derive(Debug)]
pub struct Template {
    folder: PathBuf,
    /// Written into every file's header (`pragma application_id`). Only the harness writes it.
    marker: i32,
}

impl Template {
    /// Creates `template.db` in a folder that is removed with the run.
    pub async fn create(folder: &Path, schema: Schema<'_>) -> Result<Self, Failure> {
        let template = Self {
            folder: folder.to_owned(),
            // Positive, because other files have 0.
            marker: i32::try_from(uuid::Uuid::new_v4().as_u128() % 0x7fff_fffe).unwrap_or(1) + 1,
        };
        let file = template.file();
        match schema {
            Schema::Program(program) => migrate(program, &url(&file)).await?,
            Schema::Sql(_) | Schema::Run { .. } => {
                return Err(Failure::new(
                    "the schema that bdd.toml names is one of PostgreSQL: leave out --store sqlite",
                ));
            }
            Schema::Folder(folder) | Schema::Foreign(folder) => {
                let mut connection =
                    SqliteConnection::connect_with(&options(&file).create_if_missing(true)).await?;
                apply(&folder, &mut connection).await?;
                connection.close().await?;
            }
        }
        let mut connection = SqliteConnection::connect_with(&options(&file)).await?;
        execute(
            &mut connection,
            &format!("pragma application_id = {}", template.marker),
        )
        .await?;
        // One file without a log beside it, so that it can be copied.
        execute(
            &mut connection,
            "pragma wal_checkpoint(truncate); pragma journal_mode = delete",
        )
        .await?;
        connection.close().await?;
        Ok(template)
    }

    pub fn file(&self) -> PathBuf {
        self.folder.join("template.db")
    }

    /// Copies the template; returns the new file.
    pub fn copy(&self, slot: usize, generation: usize) -> Result<PathBuf, Failure> {
        let file = self.folder.join(format!("slot-{slot}-{generation}.db"));
        std::fs::copy(self.file(), &file)
            .map_err(|error| Failure::new(format!("{}: {error}", file.display())))?;
        Ok(file)
    }
}

/// The URL of a file, for the service.
pub fn url(file: &Path) -> String {
    format!("sqlite:{}?mode=rwc", escaped(file))
}

/// A path, escaped for a URL.
fn escaped(file: &Path) -> String {
    let path = file.to_string_lossy().replace('%', "%25");
    path.replace('?', "%3F").replace('#', "%23")
}

fn options(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .busy_timeout(crate::isolation::reset::PATIENCE)
        .foreign_keys(false)
        .disable_statement_logging()
}

async fn execute(connection: &mut SqliteConnection, sql: &str) -> Result<(), Failure> {
    connection
        .execute(sqlx::raw_sql(AssertSqlSafe(sql.to_owned())))
        .await?;
    Ok(())
}

fn is_busy(error: &sqlx::Error) -> bool {
    let code = error_code(error).and_then(|code| code.parse::<i32>().ok());
    // The low byte is the primary error code: SQLITE_BUSY or SQLITE_LOCKED.
    code.is_some_and(|code| matches!(code & 0xff, 5 | 6))
}
