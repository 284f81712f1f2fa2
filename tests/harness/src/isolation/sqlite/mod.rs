//! Slots on SQLite: a slot is a file, copied from a template file and restored after every scenario.

mod proof;
mod reset;
mod table;

use std::path::{Path, PathBuf};

use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, SqliteConnection,
    sqlite::SqliteConnectOptions,
};

use crate::{
    failure::Failure,
    isolation::template::{Schema, apply, migrate},
};
pub use reset::Resetter;

/// A migrated file that is never opened by a service, and the folder the slots' files lie in.
#[derive(Debug)]
pub struct Template {
    folder: PathBuf,
    /// In every file's header (`pragma application_id`): only the harness writes it.
    marker: i32,
}

impl Template {
    /// Creates the file `template.db` in a folder that goes with the run.
    pub async fn create(folder: &Path, schema: Schema<'_>) -> Result<Self, Failure> {
        let template = Self {
            folder: folder.to_owned(),
            // Positive, and never 0, which is what other files have.
            marker: i32::try_from(uuid::Uuid::new_v4().as_u128() % 0x7fff_fffe).unwrap_or(1) + 1,
        };
        let file = template.file();
        match schema {
            Schema::Program(program) => migrate(program, &url(&file)).await?,
            Schema::Folder(folder) => {
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

    /// Copies the template; answers the new file.
    pub fn copy(&self, slot: usize, generation: usize) -> Result<PathBuf, Failure> {
        let file = self.folder.join(format!("slot-{slot}-{generation}.db"));
        std::fs::copy(self.file(), &file)
            .map_err(|error| Failure::new(format!("{}: {error}", file.display())))?;
        Ok(file)
    }
}

/// The URL of a file, for the program.
pub fn url(file: &Path) -> String {
    format!("sqlite:{}?mode=rwc", escaped(file))
}

/// A path as a URL has it.
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
