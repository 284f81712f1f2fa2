//! Reset: restores a slot's file from the template's file, in one transaction.

use std::{collections::BTreeMap, path::Path};

use sqlx::{AssertSqlSafe, Connection as _, Row as _, SqliteConnection};

use crate::isolation::sqlite::{
    Template, escaped, execute, is_busy, options, proof,
    table::{Table, tables},
};
use crate::{
    failure::Failure,
    isolation::reset::{Answer, Strategy},
    sql::identifier,
};

/// The connection that resets one slot's file. Foreign keys are off on it, so rows can be deleted in any order.
#[derive(Debug)]
pub struct Resetter {
    pub(super) connection: SqliteConnection,
    file: String,
    marker: i32,
    pub(super) tables: Vec<Table>,
    /// Every row of every table is deleted, also rows that the scenario didn't write.
    all: bool,
    has_sequences: bool,
    /// The statements that restore all rows, generated once.
    statement: String,
    /// Changes when another connection writes.
    version: Option<i64>,
}

impl Resetter {
    pub async fn open(
        template: &Template,
        file: &Path,
        strategy: Strategy,
    ) -> Result<Self, Failure> {
        let mut connection = SqliteConnection::connect_with(&options(file)).await?;
        sqlx::query("attach database $1 as template")
            .bind(format!(
                "file:{}?mode=ro&immutable=1",
                escaped(&template.file())
            ))
            .execute(&mut connection)
            .await?;
        let has_sequences = sqlx::query_scalar(
            "select exists (select 1 from template.sqlite_schema where name = 'sqlite_sequence')",
        )
        .fetch_one(&mut connection)
        .await?;
        let mut resetter = Self {
            tables: tables(&mut connection).await?,
            connection,
            file: file.display().to_string(),
            marker: template.marker,
            all: matches!(strategy, Strategy::Truncate | Strategy::Delete),
            has_sequences,
            statement: String::new(),
            version: None,
        };
        resetter.statement = resetter.restore_rows();
        resetter.version = Some(resetter.data_version().await?);
        Ok(resetter)
    }

    /// Restores everything in one transaction. `NeedsClone` if the schema has changed, `Busy` if another connection
    /// holds the file's lock. The lock is taken first, because the writes of an open transaction are invisible.
    pub async fn reset(&mut self) -> Result<Answer, Failure> {
        if let Err(error) = sqlx::query("begin immediate")
            .execute(&mut self.connection)
            .await
        {
            return if is_busy(&error) {
                Ok(Answer::Busy(
                    "a transaction that writes to the file".to_owned(),
                ))
            } else {
                Err(error.into())
            };
        }
        // Read while nobody else can write: the next reset handles later writes.
        let version = self.data_version().await?;
        if self.version == Some(version) && !self.all {
            execute(&mut self.connection, "rollback").await?;
            return Ok(Answer::Clean);
        }
        let done = self.restore().await;
        if matches!(done, Ok(Answer::Clean)) {
            execute(&mut self.connection, "commit").await?;
            self.version = Some(version);
        } else {
            execute(&mut self.connection, "rollback").await?;
        }
        done
    }

    async fn data_version(&mut self) -> Result<i64, Failure> {
        Ok(sqlx::query_scalar("pragma main.data_version")
            .fetch_one(&mut self.connection)
            .await?)
    }

    async fn restore(&mut self) -> Result<Answer, Failure> {
        let found: i32 = sqlx::query_scalar("pragma main.application_id")
            .fetch_one(&mut self.connection)
            .await?;
        if found != self.marker {
            return Err(Failure::new(format!(
                "the file {} has another marker than this run: it isn't ours to reset. Nothing in it was changed. \
                 Find out what replaced files while the suite ran. The next run creates its own files",
                self.file
            )));
        }
        if let Some(change) = self.changed_schema().await? {
            return Ok(Answer::NeedsClone(change));
        }
        // Triggers can't be disabled in SQLite, so they are dropped and created again. After that, the service has to
        // prepare its statements again, so the others stay.
        let triggers = self.triggers().await?;
        for name in triggers.keys() {
            execute(
                &mut self.connection,
                &format!("drop trigger main.{}", identifier(name)),
            )
            .await?;
        }
        execute(&mut self.connection, &self.statement).await?;
        for create in triggers.values() {
            execute(&mut self.connection, create).await?;
        }
        Ok(Answer::Clean)
    }

    async fn changed_schema(&mut self) -> Result<Option<String>, Failure> {
        let schema = |database: &str| {
            format!(
                "select type, name, tbl_name, coalesce(sql, '') as sql from {database}.sqlite_schema"
            )
        };
        let (ours, theirs) = (schema("main"), schema("template"));
        let difference = format!(
            "select type || ' ' || name
               from (select * from ({ours} except {theirs}) union all select * from ({theirs} except {ours}))
              limit 1"
        );
        let changed: Option<String> = sqlx::query_scalar(AssertSqlSafe(difference))
            .fetch_optional(&mut self.connection)
            .await?;
        if changed.is_some() {
            return Ok(changed);
        }
        let mut versions = Vec::new();
        for database in ["main", "template"] {
            let pragma = format!("pragma {database}.user_version");
            let version: i64 = sqlx::query_scalar(AssertSqlSafe(pragma))
                .fetch_one(&mut self.connection)
                .await?;
            versions.push(version);
        }
        Ok((versions[0] != versions[1]).then(|| "the file's user_version".to_owned()))
    }

    /// The name of each trigger that restoring the rows could fire, and the statement that creates it.
    async fn triggers(&mut self) -> Result<BTreeMap<String, String>, Failure> {
        let rows = sqlx::query(
            "select name, sql, tbl_name from main.sqlite_schema where type = 'trigger'",
        )
        .fetch_all(&mut self.connection)
        .await?;
        let mut triggers = BTreeMap::new();
        for row in rows {
            let (name, create, table): (String, String, String) =
                (row.get(0), row.get(1), row.get(2));
            let table = identifier(&table);
            let is_fired = match event(&create, &name).as_deref() {
                Some("update") => false,
                Some("insert") => self.tables.iter().any(|t| t.filled && t.name == table),
                _ => true,
            };
            if is_fired {
                triggers.insert(name, create);
            }
        }
        Ok(triggers)
    }

    fn restore_rows(&self) -> String {
        let mut sql = String::new();
        for Table {
            name,
            columns,
            filled,
        } in &self.tables
        {
            let all = columns.join(", ");
            if !filled {
                sql.push_str(&format!("delete from main.{name};\n"));
            } else if self.all {
                sql.push_str(&format!(
                    "delete from main.{name}; insert into main.{name} ({all}) select {all} from template.{name};\n"
                ));
            } else {
                // Deletes rows that differ and inserts rows that are missing. This also restores changed rows. Types
                // count: 1 is not 1.0.
                let same: Vec<_> = columns
                    .iter()
                    .map(|column| {
                        format!(
                            "t.{column} is s.{column} and typeof(t.{column}) = typeof(s.{column})"
                        )
                    })
                    .collect();
                let same = same.join(" and ");
                sql.push_str(&format!(
                    "delete from main.{name} as t where not exists (select 1 from template.{name} as s where {same});
                     insert into main.{name} ({all})
                     select {all} from template.{name} as s where not exists (select 1 from main.{name} as t where {same});\n"
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

    /// The first difference between this file and the template's, if there is one.
    pub async fn first_difference(&mut self) -> Result<Option<String>, Failure> {
        proof::first_difference(&mut self.connection, &self.tables).await
    }

    /// Closes the connection, and returns the statements that restore all rows.
    pub async fn into_statement(self) -> String {
        let _ = self.connection.close().await;
        self.statement
    }

    pub async fn close(self) {
        let _ = self.connection.close().await;
    }
}

/// The event of a trigger: `delete`, `insert` or `update`. `None` if the statement that creates it isn't understood.
fn event(create: &str, name: &str) -> Option<String> {
    let (_, rest) = create.split_once(name)?;
    let rest = rest.trim_start_matches(['"', '`', ']', '\'']);
    let mut words = rest.split_whitespace().map(str::to_ascii_lowercase);
    let event =
        words.find(|word| !matches!(word.as_str(), "before" | "after" | "instead" | "of"))?;
    matches!(event.as_str(), "delete" | "insert" | "update").then_some(event)
}

#[cfg(test)]
mod tests {
    use super::event;

    #[test]
    fn the_event_of_a_trigger_is_found() {
        for (create, expected) in [
            (
                "CREATE TRIGGER note after insert on steps begin",
                Some("insert"),
            ),
            (
                "CREATE TRIGGER if not exists \"note\" BEFORE\nUPDATE OF name on steps begin",
                Some("update"),
            ),
            ("CREATE TRIGGER note delete on steps begin", Some("delete")),
            (
                "CREATE TRIGGER [note] instead of insert on steps begin",
                Some("insert"),
            ),
            (
                "CREATE TRIGGER note /* why */ after update on steps begin",
                None,
            ),
        ] {
            assert_eq!(event(create, "note").as_deref(), expected, "{create}");
        }
    }
}
