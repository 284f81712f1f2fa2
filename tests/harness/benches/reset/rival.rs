//! Other ways to a clean database, each on a database of its own.

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

/// Databases that last are vacuumed so often: ours is vacuumed between scenarios too.
const VACUUM: usize = 100;

/// A way, and what it has cost so far.
pub struct Rival {
    pub label: &'static str,
    how: How,
    rounds: Rounds,
}

enum How {
    /// A text, on the connection that has written.
    Text {
        connection: PgConnection,
        text: String,
        /// What isn't measured, but is owed to the next round.
        after: String,
        tables: usize,
    },
    /// The writes are in a transaction, which is rolled back.
    Rollback { connection: PgConnection },
    /// The database is dropped, and another one made.
    NewDatabase(Box<NewDatabase>),
}

struct NewDatabase {
    admin: PgConnection,
    template: Arc<Template>,
    name: String,
    create: String,
    /// Migrations that are applied then.
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

    /// Those that clean a database in place; their databases are numbered from `first`.
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

    /// Those that create a new database.
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

    /// Another round after these writes, unless there have been enough; answers whether there was one.
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

    /// What it has cost, and a new beginning; nothing when nobody asked.
    pub fn measured(&mut self) -> Measured {
        std::mem::take(&mut self.rounds).end(self.label)
    }

    /// Removes what the context doesn't know of.
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

/// A clone that the context removes at the end, as it would be without the harness.
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

/// A connection to a new clone, which the context removes at the end.
pub async fn clone(
    context: &SlotContext,
    template: &Template,
    number: usize,
) -> Result<PgConnection, Failure> {
    let clone = template.clone_to(&template.clone_name(number, 0)).await?;
    let connection = template.server.connect_to(&clone.name).await;
    if let Ok(mut clones) = context.clones.lock() {
        clones.push(clone);
    }
    Ok(connection?)
}
