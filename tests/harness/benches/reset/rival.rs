//! Other ways to a clean database, each with its own database.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::{
    measured::{Measured, Pace, Rounds},
    schema,
};
use bdd_harness::{
    failure::Failure,
    isolation::template::{self, Template},
    slot::factory::SlotContext,
    sql::{execute, identifier},
};

/// How often databases that stay are vacuumed. Ours is vacuumed between scenarios too.
const VACUUM: usize = 100;

/// A way, and its times so far.
pub struct Rival {
    pub label: &'static str,
    how: How,
    rounds: Rounds,
}

enum How {
    /// SQL that runs on the connection that has written.
    Text {
        connection: PgConnection,
        text: String,
        /// Work that isn't measured, but has to be done before the next round.
        after: String,
        tables: usize,
    },
    /// The writes are in a transaction, which is rolled back.
    Rollback { connection: PgConnection },
    /// The database is dropped, and a new one is created.
    NewDatabase(Box<NewDatabase>),
}

struct NewDatabase {
    admin: PgConnection,
    template: Arc<Template>,
    name: String,
    create: String,
    /// The migrations that are applied to it.
    folder: Option<PathBuf>,
}

impl Rival {
    fn new(label: &'static str, how: How) -> Self {
        Self {
            label,
            how,
            rounds: Rounds::default(),
        }
    }

    /// The ways that clean a database in place. Their databases are numbered from `first`.
    pub async fn in_place(
        context: &SlotContext,
        template: &Template,
        first: usize,
        tables: usize,
    ) -> Result<Vec<Self>, Failure> {
        let truncate = schema::truncate(tables);
        let texts = [
            (
                "TRUNCATE all, RESTART IDENTITY, reference rows back",
                truncate.clone() + &schema::put_back(tables),
                String::new(),
            ),
            (
                "  TRUNCATE alone: reference rows are lost",
                truncate,
                schema::put_back(tables),
            ),
            (
                "DELETE from all, sequences and reference rows back",
                schema::delete(tables),
                String::new(),
            ),
        ];
        let last = first + texts.len();
        let mut rivals = Vec::new();
        for (number, (label, text, after)) in texts.into_iter().enumerate() {
            let connection = database(context, template, first + number, tables).await?;
            let how = How::Text {
                connection,
                text,
                after,
                tables,
            };
            rivals.push(Self::new(label, how));
        }
        let connection = database(context, template, last, tables).await?;
        rivals.push(Self::new(
            "ROLLBACK of the writes; sequences stay moved",
            How::Rollback { connection },
        ));
        Ok(rivals)
    }

    /// The ways that create a new database.
    pub async fn new_databases(
        template: &Arc<Template>,
        folder: &Path,
    ) -> Result<Vec<Self>, Failure> {
        let ways = [
            ("clone, STRATEGY FILE_COPY", Some("file_copy"), 8200),
            ("clone, STRATEGY WAL_LOG", Some("wal_log"), 8201),
            ("create database, migrate", None, 8202),
        ];
        let mut rivals = Vec::new();
        for (label, strategy, number) in ways {
            let name = template.clone_name(number, 0);
            let mut create = format!("create database {}", identifier(&name));
            if let Some(strategy) = strategy {
                let template = identifier(&template.name);
                create.push_str(&format!(" template {template} strategy {strategy}"));
            }
            let mut new = NewDatabase {
                admin: template.server.connect().await?,
                template: Arc::clone(template),
                name,
                create,
                folder: strategy.is_none().then(|| folder.to_owned()),
            };
            new.create_database().await?;
            rivals.push(Self::new(label, How::NewDatabase(Box::new(new))));
        }
        Ok(rivals)
    }

    /// Runs another round after these writes, if more are needed. Returns whether it ran one.
    pub async fn go(&mut self, pace: Pace, writes: &str) -> Result<bool, Failure> {
        if !self.rounds.go_on(pace) {
            return Ok(false);
        }
        let start = Instant::now();
        let time = self.round(writes).await?;
        let warms_up = self.rounds.add(pace, time, start.elapsed());
        match &mut self.how {
            How::Text {
                connection, tables, ..
            } if warms_up => {
                let look = AssertSqlSafe(schema::is_clean(*tables));
                let clean: bool = sqlx::query_scalar(look).fetch_one(connection).await?;
                if !clean {
                    let wrong = format!("this doesn't clean a database: {}", self.label);
                    return Err(Failure::new(wrong));
                }
            }
            How::Text { connection, .. } | How::Rollback { connection }
                if self.rounds.measured().is_multiple_of(VACUUM) =>
            {
                execute(connection, "vacuum").await?;
            }
            _ => {}
        }
        Ok(true)
    }

    async fn round(&mut self, writes: &str) -> Result<Duration, Failure> {
        match &mut self.how {
            How::Text {
                connection,
                text,
                after,
                ..
            } => {
                execute(connection, writes).await?;
                let start = Instant::now();
                execute(connection, text).await?;
                let time = start.elapsed();
                execute(connection, after).await?;
                Ok(time)
            }
            How::Rollback { connection } => {
                execute(connection, &format!("begin;\n{writes}")).await?;
                let start = Instant::now();
                execute(connection, "rollback").await?;
                Ok(start.elapsed())
            }
            How::NewDatabase(new) => {
                let mut connection = new.template.server.connect_to(&new.name).await?;
                execute(&mut connection, writes).await?;
                connection.close().await?;
                let start = Instant::now();
                new.remove().await?;
                new.create_database().await?;
                Ok(start.elapsed())
            }
        }
    }

    /// Returns the times and starts again; `None` if nothing was measured.
    pub fn measured(&mut self) -> Measured {
        std::mem::take(&mut self.rounds).end(self.label)
    }

    /// Removes the databases that the context doesn't know.
    pub async fn end(self) {
        match self.how {
            How::Text { connection, .. } | How::Rollback { connection } => {
                let _ = connection.close().await;
            }
            How::NewDatabase(mut new) => {
                let _ = new.remove().await;
                let _ = new.admin.close().await;
            }
        }
    }
}

impl NewDatabase {
    async fn create_database(&mut self) -> Result<(), Failure> {
        execute(&mut self.admin, &self.create).await?;
        if let Some(folder) = &self.folder {
            let mut connection = self.template.server.connect_to(&self.name).await?;
            template::apply_folder(folder, &mut connection).await?;
            connection.close().await?;
        }
        Ok(())
    }

    async fn remove(&mut self) -> Result<(), Failure> {
        let name = identifier(&self.name);
        execute(
            &mut self.admin,
            &format!("drop database if exists {name} with (force)"),
        )
        .await
    }
}

/// A clone without the harness's objects. The context removes it at the end.
async fn database(
    context: &SlotContext,
    template: &Template,
    number: usize,
    tables: usize,
) -> Result<PgConnection, Failure> {
    let mut connection = clone(context, template, number).await?;
    execute(&mut connection, &schema::without_harness(tables)).await?;
    Ok(connection)
}

/// A connection to a new clone. The context removes the clone at the end.
pub async fn clone(
    context: &SlotContext,
    template: &Template,
    number: usize,
) -> Result<PgConnection, Failure> {
    let clone = template.clone_to(&template.clone_name(number, 0)).await?;
    let connection = template.server.connect_to(&clone.name).await;
    context.clones.lock().push(clone);
    Ok(connection?)
}
