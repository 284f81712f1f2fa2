//! Slots on SQLite: a slot is a file, copied from a template file and put back after every scenario.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, Row as _, SqliteConnection,
    sqlite::SqliteConnectOptions,
};

use super::{
    failure::Failure,
    reset::Reset,
    template::{Schema, apply, identifier, migrate},
};

/// A migrated file that is never opened by a service, and the folder the slots' files lie in.
#[derive(Debug)]
pub struct Template {
    folder: PathBuf,
    /// In every file's header (`pragma application_id`): only the harness writes it.
    marker: i32,
}

/// What the reset knows of a table.
#[derive(Debug)]
struct Table {
    name: String,
    /// As SQL writes them, without the generated ones.
    columns: Vec<String>,
    /// The migrations put rows into it.
    filled: bool,
    /// Without a key two rows may be alike.
    keyed: bool,
}

impl Template {
    /// Makes the file `template.db` in a folder that goes with the run.
    pub async fn make(folder: &Path, schema: Schema<'_>) -> Result<Self, Failure> {
        let template = Self {
            folder: folder.to_owned(),
            // Positive, and never 0, which is what a file of somebody else's has.
            marker: i32::try_from(uuid::Uuid::new_v4().as_u128() % 0x7fff_fffe).unwrap_or(1) + 1,
        };
        let file = template.file();
        match schema {
            Schema::Program(program) => migrate(program, &url(&file)).await?,
            Schema::Folder(folder) => {
                let mut connection =
                    SqliteConnection::connect_with(&options(&file).create_if_missing(true)).await?;
                apply(folder, &mut connection).await?;
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

    fn file(&self) -> PathBuf {
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
    format!("sqlite:{}?mode=rwc", file.display())
}

fn options(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .busy_timeout(Duration::from_secs(5))
        .foreign_keys(false)
        .disable_statement_logging()
}

/// The connection that resets one slot's file; keys are off on it, so any order of deletes will do.
#[derive(Debug)]
pub struct Resetter {
    connection: SqliteConnection,
    marker: i32,
    tables: Vec<Table>,
    has_sequences: bool,
    /// The whole reset when the schema has no triggers, made once.
    statement: String,
}

impl Resetter {
    pub async fn open(template: &Arc<Template>, file: &Path) -> Result<Self, Failure> {
        let mut connection = SqliteConnection::connect_with(&options(file)).await?;
        sqlx::query("attach database $1 as template")
            .bind(format!(
                "file:{}?mode=ro&immutable=1",
                template.file().display()
            ))
            .execute(&mut connection)
            .await?;
        let names: Vec<String> = sqlx::query_scalar(
            "select name from template.sqlite_schema
              where type = 'table' and name not like 'sqlite\\_%' escape '\\' and sql not like 'create virtual%'
              order by name",
        )
        .fetch_all(&mut connection)
        .await?;
        let mut tables = Vec::new();
        for name in names {
            let columns: Vec<String> = sqlx::query_scalar(
                "select name from pragma_table_xinfo($1, 'template') where hidden = 0",
            )
            .bind(&name)
            .fetch_all(&mut connection)
            .await?;
            let keyed = sqlx::query_scalar(
                "select count(*) > 0 from pragma_table_info($1, 'template') where pk > 0",
            )
            .bind(&name)
            .fetch_one(&mut connection)
            .await?;
            let look = format!(
                "select exists (select 1 from template.{})",
                identifier(&name)
            );
            let filled = sqlx::query_scalar(AssertSqlSafe(look))
                .fetch_one(&mut connection)
                .await?;
            tables.push(Table {
                columns: columns.iter().map(|column| identifier(column)).collect(),
                name: identifier(&name),
                filled,
                keyed,
            });
        }
        let has_sequences = sqlx::query_scalar(
            "select exists (select 1 from template.sqlite_schema where name = 'sqlite_sequence')",
        )
        .fetch_one(&mut connection)
        .await?;
        let mut resetter = Self {
            connection,
            marker: template.marker,
            tables,
            has_sequences,
            statement: String::new(),
        };
        resetter.statement = resetter.cleaning();
        Ok(resetter)
    }

    /// Everything goes back in one transaction; `Clone` when the schema is another.
    pub async fn reset(&mut self) -> Result<Reset, Failure> {
        let found: i32 = sqlx::query_scalar("pragma main.application_id")
            .fetch_one(&mut self.connection)
            .await?;
        if found != self.marker {
            return Err(Failure::new(
                "the slot's file has another marker than this run: it is not ours to reset",
            ));
        }
        if let Some(change) = self.changed_schema().await? {
            return Ok(Reset::Clone(change));
        }
        let triggers = self.triggers().await?;
        execute(&mut self.connection, "begin immediate").await?;
        let done = self.put_back(&triggers).await;
        let end = if done.is_ok() { "commit" } else { "rollback" };
        execute(&mut self.connection, end).await?;
        done.map(|()| Reset::Clean)
    }

    async fn changed_schema(&mut self) -> Result<Option<String>, Failure> {
        let schema = |database: &str| {
            format!(
                "select type, name, tbl_name, coalesce(sql, '') as sql from {database}.sqlite_schema"
            )
        };
        let (ours, theirs) = (schema("main"), schema("template"));
        let difference = format!(
            "select type || ' ' || name from (select * from ({ours} except {theirs}) union all select * from ({theirs} except {ours})) limit 1"
        );
        Ok(sqlx::query_scalar(AssertSqlSafe(difference))
            .fetch_optional(&mut self.connection)
            .await?)
    }

    /// SQLite fires triggers whatever one asks for, so they are dropped and made again, name by statement.
    async fn triggers(&mut self) -> Result<BTreeMap<String, String>, Failure> {
        let rows = sqlx::query("select name, sql from main.sqlite_schema where type = 'trigger'")
            .fetch_all(&mut self.connection)
            .await?;
        Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
    }

    async fn put_back(&mut self, triggers: &BTreeMap<String, String>) -> Result<(), Failure> {
        for name in triggers.keys() {
            execute(
                &mut self.connection,
                &format!("drop trigger main.{}", identifier(name)),
            )
            .await?;
        }
        let statement = std::mem::take(&mut self.statement);
        let done = execute(&mut self.connection, &statement).await;
        self.statement = statement;
        done?;
        for create in triggers.values() {
            execute(&mut self.connection, create).await?;
        }
        Ok(())
    }

    fn cleaning(&self) -> String {
        let mut sql = String::new();
        for Table {
            name,
            columns,
            filled,
            keyed,
        } in &self.tables
        {
            let all = columns.join(", ");
            if *filled && !*keyed {
                // Rows may be alike, so none of them can be told from another but by its number.
                sql.push_str(&format!(
                    "delete from main.{name};
                     insert into main.{name} (rowid, {all}) select rowid, {all} from template.{name};\n"
                ));
            } else if *filled {
                // Rows that differ go, rows that are missing come; a changed row is both.
                let same: Vec<_> = columns
                    .iter()
                    .map(|column| format!("t.{column} is s.{column}"))
                    .collect();
                sql.push_str(&format!(
                    "delete from main.{name} as t
                      where not exists (select 1 from template.{name} as s where {});
                     insert into main.{name} ({all})
                     select {all} from template.{name} except select {all} from main.{name};\n",
                    same.join(" and ")
                ));
            } else {
                sql.push_str(&format!(
                    "delete from main.{name} where exists (select 1 from main.{name});\n"
                ));
            }
        }
        if self.has_sequences {
            sql.push_str(
                "delete from main.sqlite_sequence where (name, seq) not in (select name, seq from template.sqlite_sequence);
                 insert into main.sqlite_sequence (name, seq)
                 select name, seq from template.sqlite_sequence except select name, seq from main.sqlite_sequence;\n",
            );
        }
        sql
    }

    pub async fn close(self) {
        let _ = self.connection.close().await;
    }
}

async fn execute(connection: &mut SqliteConnection, sql: &str) -> Result<(), Failure> {
    connection
        .execute(sqlx::raw_sql(AssertSqlSafe(sql.to_owned())))
        .await?;
    Ok(())
}
