//! The template: one database, migrated once, that every slot is cloned from.

mod migrations;
mod roles;
mod rules;
mod schema;
mod script;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use sqlx::{Connection as _, PgConnection};

use crate::{
    failure::Failure,
    isolation::{
        lease::{self, Lease},
        reset,
    },
    process::random_name,
    server::Server,
    service::{Program, Store},
    sql::{execute, identifier, literal},
};

pub(crate) use migrations::apply;
use roles::Roles;
use rules::EventTriggers;
pub use schema::{Schema, migrate};

/// A sealed database on a server, and the role its clones' services connect as.
#[derive(Debug)]
pub struct Template {
    pub server: Server,
    /// The database's name.
    pub name: String,
    /// What tells our databases from all others: only the harness writes it, when it creates one.
    pub marker: String,
    run: String,
    /// Shows other runs that this one is alive.
    lease: Option<Lease>,
    /// Only databases that we created are dropped, found by object id: a name may lead to another database.
    oid: Option<i64>,
    /// A transaction that is older than everything in the template.
    pub first_transaction: i64,
    /// The reset's function as it is installed.
    pub reset_function: String,
    role: String,
    password: String,
    /// Those of the migrations, on a server that stays.
    roles: Option<Roles>,
}

/// A clone of the template.
#[derive(Clone, Debug)]
pub struct ClonedDatabase {
    pub name: String,
    oid: i64,
}

impl Template {
    /// Creates, marks, migrates and seals it, or removes it again.
    pub async fn create(
        server: Server,
        program: &Arc<Program>,
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
            oid: None,
            first_transaction: 0,
            reset_function: String::new(),
            lease: None,
            roles: None,
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
        // On a throwaway server too: another suite may run on it.
        self.lease = Some(Lease::take(self.server.connect().await?, run).await?);
        if !self.server.is_throwaway() {
            for swept in lease::sweep(&mut admin).await? {
                say(&format!("swept what a killed run had left: {swept}"));
            }
        }
        execute(
            &mut admin,
            &format!(
                "create role {} login password {}; {}",
                identifier(&self.role),
                literal(&self.password),
                lease::signature("role", &self.role, run)
            ),
        )
        .await?;
        if !self.server.rights.superuser {
            // Without it a plain owner can't see what its role's connections are doing.
            execute(
                &mut admin,
                &format!("grant {} to current_user", identifier(&self.role)),
            )
            .await?;
        }
        // Until it is signed, its name leads to the role.
        let unsigned = format!("{}_new", self.role);
        // Others may be connected to template1, and keep tables there.
        let create = format!(
            "create database {} template template0",
            identifier(&unsigned)
        );
        execute(&mut admin, &create).await?;
        self.oid = Some(oid_of(&mut admin, &unsigned).await?);
        let signed = lease::signature("database", &unsigned, run);
        let rename = |name: &str| {
            format!(
                "{signed}; alter database {} rename to {}",
                identifier(&unsigned),
                identifier(name)
            )
        };
        // Two runs may get here at once: one of them gets the name.
        if execute(&mut admin, &rename(&self.name)).await.is_err() {
            let other = format!("{}_{run}", self.name);
            say(&format!(
                "the server has a database \"{}\" that this run didn't make: it is left untouched, ours is \"{other}\"",
                self.name
            ));
            self.name = other;
            execute(&mut admin, &rename(&self.name)).await?;
        }
        let mut connection = self.server.connect_to(&self.name).await?;
        self.first_transaction = reset::current_transaction(&mut connection).await?;
        execute(&mut connection, &reset::marker(&self.marker, run)).await?;

        if !self.server.is_throwaway() {
            self.roles = Some(Roles::watch(self.server.connect().await?, run).await?);
        }
        let (folder, grants) = self.migrate(schema, &mut connection).await?;
        // What the migrations have set for sessions, temporary tables and all, or for the database holds from here on.
        connection.close().await?;
        let mut connection = self.server.connect_to(&self.name).await?;
        // Neither forbidden nor recorded by the schema's own triggers.
        let silenced = EventTriggers::silence(&mut connection, self.server.rights).await?;
        match grants {
            Some(grants) => execute(&mut connection, &grants).await?,
            None => self.grant(&mut connection).await?,
        }
        self.reset_function =
            reset::install(&mut connection, self.server.rights, self.first_transaction).await?;
        rules::take_rights_back(&mut connection).await?;
        silenced.restore(&mut connection).await?;
        reset::remember_catalog(&mut connection, self.server.rights).await?;
        sqlx::query("update bdd_harness.marker set fingerprint = $1")
            .bind(schema::fingerprint(&folder)?)
            .execute(&mut connection)
            .await?;
        connection.close().await?;
        // Sealed: a database that others are connected to can't be cloned.
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

    /// Brings the database to its newest schema; answers the folder of the migrations and the program's own grants.
    async fn migrate(
        &mut self,
        schema: Schema<'_>,
        connection: &mut PgConnection,
    ) -> Result<(PathBuf, Option<String>), Failure> {
        match schema {
            Schema::Program(program) => {
                migrate(program, &self.url(&self.name)).await?;
                let folder = program.migrations(Store::Postgres)?;
                if let Some(roles) = &mut self.roles {
                    let text = schema::text(&folder)?;
                    roles.claim_mentioned(connection, &text).await?;
                }
                Ok((folder, program.grants(&identifier(&self.role))))
            }
            Schema::Folder(folder) => {
                let roles = self.roles.as_mut();
                apply(&folder, &mut migrations::Postgres { connection, roles }).await?;
                Ok((folder, None))
            }
        }
    }

    /// The rights of the service's role where the program doesn't say otherwise: to read and write rows, in tables that
    /// are created later too.
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

    /// Creates a clone of that name.
    pub async fn clone_to(&self, database: &str) -> Result<ClonedDatabase, Failure> {
        let mut admin = self.server.connect().await?;
        let statement = format!(
            "create database {} template {}",
            identifier(database),
            identifier(&self.name)
        );
        execute(&mut admin, &statement).await?;
        let oid = oid_of(&mut admin, database).await?;
        execute(
            &mut admin,
            &lease::signature("database", database, &self.run),
        )
        .await?;
        self.copy_settings(&mut admin, database).await?;
        admin.close().await?;
        Ok(ClonedDatabase {
            name: database.to_owned(),
            oid,
        })
    }

    /// A clone doesn't get the settings of `alter database … set`.
    async fn copy_settings(&self, admin: &mut PgConnection, database: &str) -> Result<(), Failure> {
        let statements: Vec<String> = sqlx::query_scalar(
            "select format('alter %s set %s to %s',
                           case s.setrole when 0 then format('database %I', $2)
                                          else format('role %I in database %I', pg_get_userbyid(s.setrole), $2) end,
                           split_part(setting, '=', 1),
                           case when split_part(setting, '=', 1) in ('search_path', 'DateStyle', 'temp_tablespaces')
                                then substr(setting, strpos(setting, '=') + 1)
                                else quote_literal(substr(setting, strpos(setting, '=') + 1)) end)
               from pg_db_role_setting s, unnest(s.setconfig) as setting
              where s.setdatabase = $1",
        )
        .bind(sqlx::postgres::types::Oid(u32::try_from(self.oid.unwrap_or_default()).unwrap_or_default()))
        .bind(database)
        .fetch_all(&mut *admin)
        .await?;
        for statement in statements {
            execute(admin, &statement).await?;
        }
        Ok(())
    }

    /// Drops a clone with its connections, even when it was renamed.
    pub async fn drop_clone(&self, clone: &ClonedDatabase) -> Result<(), Failure> {
        let mut admin = self.server.connect().await?;
        drop_database(&mut admin, clone.oid).await?;
        admin.close().await?;
        Ok(())
    }

    /// A clone's name; on a server that others use too, a unique one.
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
    pub async fn remove(&self, clones: &[ClonedDatabase]) {
        if self.server.is_throwaway() {
            return;
        }
        let Ok(mut admin) = self.server.connect().await else {
            return;
        };
        for oid in clones.iter().map(|clone| clone.oid).chain(self.oid) {
            let _ = drop_database(&mut admin, oid).await;
        }
        if let Some(roles) = &self.roles {
            roles.drop_all(&mut admin).await;
        }
        let _ = execute(
            &mut admin,
            &format!("drop role if exists {}", identifier(&self.role)),
        )
        .await;
        let _ = admin.close().await;
    }

    /// Removes clones, template and role, and ends the server when it is ours.
    pub async fn end(self, clones: &[ClonedDatabase]) {
        self.remove(clones).await;
        if let Some(lease) = self.lease {
            lease.end().await;
        }
        self.server.stop().await;
    }
}

/// Applies a folder of migrations to a database that is no template.
pub async fn apply_folder(folder: &Path, connection: &mut PgConnection) -> Result<(), Failure> {
    let roles = None;
    apply(folder, &mut migrations::Postgres { connection, roles }).await
}

async fn oid_of(admin: &mut PgConnection, database: &str) -> Result<i64, Failure> {
    let oid = sqlx::query_scalar("select oid::int8 from pg_database where datname = $1")
        .bind(database)
        .fetch_one(admin)
        .await?;
    Ok(oid)
}

/// Drops the database of this object id, under the name that it has now.
async fn drop_database(admin: &mut PgConnection, oid: i64) -> Result<(), Failure> {
    let name: Option<String> =
        sqlx::query_scalar("select datname::text from pg_database where oid::int8 = $1")
            .bind(oid)
            .fetch_optional(&mut *admin)
            .await?;
    if let Some(name) = name {
        execute(
            admin,
            &format!("drop database if exists {} with (force)", identifier(&name)),
        )
        .await?;
    }
    Ok(())
}
