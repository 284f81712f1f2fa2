//! The template: one database, migrated once, that every slot is cloned from.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use super::{
    failure::Failure,
    options::Store,
    postgres::{
        Server,
        lease::{self, Lease},
    },
    program::{Environment, Program},
    reset,
};

/// A sealed database on a server, and the role its clones' services connect as.
#[derive(Debug)]
pub struct Template {
    pub server: Server,
    /// The database's name.
    pub name: String,
    /// What tells our databases from everybody else's: only the harness writes it, when it creates one.
    pub marker: String,
    run: String,
    /// So that others know that this run is alive.
    lease: Option<Lease>,
    /// Only what we created do we ever drop.
    created: bool,
    role: String,
    password: String,
}

/// How a template gets its schema.
pub enum Schema<'a> {
    /// The program's own `migrate`.
    Program(&'a Arc<dyn Program>),
    /// A folder of reversible migrations.
    Folder(&'a Path),
}

/// A name for a run that no other run has.
pub fn random_name() -> String {
    uuid::Uuid::new_v4().simple().to_string()[..8].to_owned()
}

impl Template {
    /// Creates, marks, migrates and seals it. What it can't finish it removes.
    pub async fn make(
        server: Server,
        program: &Arc<dyn Program>,
        schema: Schema<'_>,
        say: &(dyn Fn(&str) + Sync),
    ) -> Result<Self, (Server, Failure)> {
        let run = random_name();
        let mut template = Self {
            server,
            name: program.database().to_owned(),
            marker: uuid::Uuid::new_v4().simple().to_string(),
            role: format!("{}_{run}", program.database()),
            password: uuid::Uuid::new_v4().simple().to_string(),
            created: false,
            lease: None,
            run,
        };
        match template.build(schema, say).await {
            Ok(()) => Ok(template),
            Err(failure) => {
                template.remove(&[]).await;
                Err((template.server, failure))
            }
        }
    }

    async fn build(
        &mut self,
        schema: Schema<'_>,
        say: &(dyn Fn(&str) + Sync),
    ) -> Result<(), Failure> {
        let run = &self.run.clone();
        let mut admin = self.server.connect().await?;
        // On a throwaway server too: another suite may be pointed at it, as ours is by its own scenarios.
        self.lease = Some(Lease::take(self.server.connect().await?, run).await?);
        if !self.server.is_throwaway() {
            for swept in lease::sweep(&mut admin).await? {
                say(&format!("swept what a killed run had left: {swept}"));
            }
        }
        let taken: bool =
            sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
                .bind(&self.name)
                .fetch_one(&mut admin)
                .await?;
        if taken {
            let other = format!("{}_{run}", self.name);
            say(&format!(
                "the server has a database \"{}\" that this run didn't make: it is left untouched, ours is \"{other}\"",
                self.name
            ));
            self.name = other;
        }
        execute(
            &mut admin,
            &format!(
                "create role {} login password {}",
                identifier(&self.role),
                literal(&self.password)
            ),
        )
        .await?;
        lease::sign(&mut admin, "role", &self.role, run).await?;
        if !self.server.superuser {
            // Without it a plain owner can't see what its role's connections are doing.
            execute(
                &mut admin,
                &format!("grant {} to current_user", identifier(&self.role)),
            )
            .await?;
        }
        execute(
            &mut admin,
            &format!("create database {}", identifier(&self.name)),
        )
        .await?;
        self.created = true;
        lease::sign(&mut admin, "database", &self.name, run).await?;
        let mut connection = self.server.connect_to(&self.name).await?;
        execute(&mut connection, &reset::marker(&self.marker, run)).await?;

        let url = self.url(&self.name);
        let folder = match schema {
            Schema::Program(program) => {
                migrate(program, &url).await?;
                program.migrations(Store::Postgres)
            }
            Schema::Folder(folder) => {
                apply(folder, &mut connection).await?;
                folder.to_owned()
            }
        };
        self.grant(&mut connection).await?;
        reset::install(&mut connection, self.server.superuser).await?;
        sqlx::query("update bdd_harness.marker set fingerprint = $1")
            .bind(fingerprint(&folder)?)
            .execute(&mut connection)
            .await?;
        connection.close().await?;
        // Sealed: nobody connects any more, so it can always be cloned.
        execute(
            &mut admin,
            &format!(
                "alter database {} with allow_connections false",
                identifier(&self.name)
            ),
        )
        .await?;
        admin.close().await?;
        Ok(())
    }

    /// The service's role may read and write rows, now and in tables that come later, and no more.
    async fn grant(&self, connection: &mut PgConnection) -> Result<(), Failure> {
        let role = identifier(&self.role);
        let schemas: Vec<String> = sqlx::query_scalar(
            "select nspname::text
               from pg_namespace
              where nspname not like 'pg\\_%' and nspname not in ('information_schema', 'bdd_harness')",
        )
        .fetch_all(&mut *connection)
        .await?;
        let mut grants = String::new();
        for schema in &schemas {
            let schema = identifier(schema);
            grants.push_str(&format!(
                "grant usage on schema {schema} to {role};
                 grant select, insert, update, delete on all tables in schema {schema} to {role};
                 grant usage, select on all sequences in schema {schema} to {role};"
            ));
        }
        grants.push_str(&format!(
            "alter default privileges grant usage on schemas to {role};
             alter default privileges grant select, insert, update, delete on tables to {role};
             alter default privileges grant usage, select on sequences to {role};"
        ));
        execute(connection, &grants).await
    }

    /// Makes a clone of that name.
    pub async fn clone_to(&self, database: &str) -> Result<(), Failure> {
        let mut admin = self.server.connect().await?;
        let statement = format!(
            "create database {} template {}",
            identifier(database),
            identifier(&self.name)
        );
        execute(&mut admin, &statement).await?;
        lease::sign(&mut admin, "database", database, &self.run).await?;
        admin.close().await?;
        Ok(())
    }

    /// Drops a clone of ours, whoever is connected.
    pub async fn drop_clone(&self, database: &str) -> Result<(), Failure> {
        let mut admin = self.server.connect().await?;
        execute(
            &mut admin,
            &format!(
                "drop database if exists {} with (force)",
                identifier(database)
            ),
        )
        .await?;
        admin.close().await?;
        Ok(())
    }

    /// A clone's name; on a server that others use too, one that nobody else has.
    pub fn clone_name(&self, slot: usize, generation: usize) -> String {
        let base = if self.server.is_throwaway() {
            &self.name
        } else {
            &self.role
        };
        if generation == 0 {
            format!("{base}_{slot}")
        } else {
            format!("{base}_{slot}_{generation}")
        }
    }

    /// The URL of a database, as its owner.
    pub fn url(&self, database: &str) -> String {
        self.server.url(database).to_string()
    }

    /// The URL of a database, as the role that only reads and writes rows.
    pub fn service_url(&self, database: &str) -> String {
        self.server
            .url_as(database, &self.role, &self.password)
            .to_string()
    }

    /// Removes the databases and the role from a server that stays.
    pub async fn remove(&self, clones: &[String]) {
        if self.server.is_throwaway() {
            return;
        }
        let Ok(mut admin) = self.server.connect().await else {
            return;
        };
        for database in clones
            .iter()
            .chain(Some(&self.name).filter(|_| self.created))
        {
            let statement = format!(
                "drop database if exists {} with (force)",
                identifier(database)
            );
            let _ = execute(&mut admin, &statement).await;
        }
        let _ = execute(
            &mut admin,
            &format!("drop role if exists {}", identifier(&self.role)),
        )
        .await;
        let _ = admin.close().await;
    }

    /// Everything goes: clones, template, role, and the server when it is ours.
    pub async fn end(self, clones: &[String]) {
        self.remove(clones).await;
        if let Some(lease) = self.lease {
            lease.end().await;
        }
        self.server.stop().await;
    }
}

/// Runs one or more statements as they are.
pub async fn execute(connection: &mut PgConnection, sql: &str) -> Result<(), Failure> {
    connection
        .execute(sqlx::raw_sql(AssertSqlSafe(sql.to_owned())))
        .await?;
    Ok(())
}

/// The program brings a database to its newest schema.
pub async fn migrate(program: &Arc<dyn Program>, url: &str) -> Result<(), Failure> {
    let mut environment = Environment::new();
    environment.insert("DATABASE_URL".into(), url.to_owned());
    let output = tokio::process::Command::new(program.executable())
        .args(program.migrate())
        .env_clear()
        .envs(environment)
        .stdin(std::process::Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|error| Failure::new(format!("{}: {error}", program.executable().display())))?;
    if output.status.success() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "the template can't be migrated: `{}` ended with {}\n{}{}",
        program.migrate().join(" "),
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )))
}

/// Applies a folder of migrations.
pub async fn apply<C>(folder: &Path, connection: &mut C) -> Result<(), Failure>
where
    C: sqlx::migrate::Migrate,
{
    let failed = |error: sqlx::migrate::MigrateError| {
        Failure::new(format!(
            "the migrations in {} can't be applied: {error}",
            folder.display()
        ))
    };
    if !folder.is_dir() {
        return Err(Failure::new(format!(
            "--migrations: {} is no folder",
            folder.display()
        )));
    }
    let migrator = sqlx::migrate::Migrator::new(folder).await.map_err(failed)?;
    if migrator.iter().next().is_none() {
        return Err(Failure::new(format!(
            "--migrations: {} holds no migration; they are named NNNN_name.up.sql and NNNN_name.down.sql",
            folder.display()
        )));
    }
    migrator
        .run_direct(None, connection, false)
        .await
        .map_err(failed)
}

/// Tells two schemas apart without looking into a database: the migrations' names and texts.
fn fingerprint(folder: &Path) -> Result<String, Failure> {
    let unread = |error: std::io::Error| Failure::new(format!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .map_err(unread)?
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "sql"))
        .collect();
    files.sort();
    let mut hash = DefaultHasher::new();
    for file in files {
        file.file_name().hash(&mut hash);
        std::fs::read(&file).map_err(unread)?.hash(&mut hash);
    }
    Ok(format!("{:016x}", hash.finish()))
}

/// A name as SQL writes it.
pub fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as SQL writes it.
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
