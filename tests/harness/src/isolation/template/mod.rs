//! The template: one database that is migrated once, and from which every slot is cloned.

mod clones;
mod creation;
mod kept;
mod layout;
mod lent;
mod migration_file;
mod migrations;
mod owners;
mod roles;
mod rules;
mod schema;
pub mod script;
mod sql_file;

use std::{path::Path, sync::Arc};

use sqlx::{Connection as _, PgConnection};
use url::Url;

use crate::{
    failure::Failure,
    isolation::{
        lease::{self, Lease},
        reset,
    },
    process::random_name,
    server::Server,
    service::{Program, RoleRights, Store, address::DatabaseAddress},
    sql::{execute, identifier},
};

pub use clones::ClonedDatabase;
use clones::drop_database;
pub(crate) use migrations::apply;
use roles::Roles;
use rules::EventTriggers;
pub use schema::{Schema, migrate};

/// A sealed database on a server, and the role of the services that run on its clones.
#[derive(Debug)]
pub struct Template {
    pub server: Server,
    pub name: String,
    /// Marks our databases. Only the harness writes it, when it creates a database.
    pub marker: String,
    run: String,
    /// Shows other runs that this run is alive.
    lease: Option<Lease>,
    /// Only databases that we created are dropped. They are found by object id, because a name may mean another
    /// database by now.
    oid: Option<i64>,
    /// A transaction that is older than everything in the template.
    pub first_transaction: i64,
    /// The installed text of the reset's function.
    pub reset_function: String,
    role: String,
    password: String,
    works_as_owner: bool,
    /// The only slot, if another process created it and lends it.
    lent: Option<ClonedDatabase>,
    /// Roles that the migrations created, on a server that outlives the run.
    roles: Option<Roles>,
}

impl Template {
    /// Creates, migrates, marks and seals the template. Removes it if that fails. `keeps_schema`: on a server that outlives
    /// the run, the migrated database is kept for the next one.
    pub async fn create(
        server: Server,
        program: &Arc<Program>,
        schema: Schema<'_>,
        keeps_schema: bool,
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
            works_as_owner: false,
            lent: None,
            run,
        };
        match template.build(program, schema, keeps_schema, say).await {
            Ok(()) => Ok(template),
            Err(failure) => {
                template.remove(&[]).await;
                Err((template.server, failure))
            }
        }
    }

    async fn build(
        &mut self,
        program: &Program,
        schema: Schema<'_>,
        keeps_schema: bool,
        say: &(dyn Fn(&str) + Sync),
    ) -> Result<(), Failure> {
        let fingerprint = schema.fingerprint()?;
        let database = program.database();
        let keeps_schema = keeps_schema && !self.server.is_throwaway();
        let rights = match &schema {
            Schema::Foreign(_) => Program::default().rights(""),
            _ => program.rights(&identifier(&self.role)),
        }?;
        self.works_as_owner = program.works_as_owner();
        let run = self.run.clone();
        let mut admin = self.server.connect().await?;
        // Also on a throwaway server, because another suite may run on it.
        self.lease = Some(Lease::take(self.server.connect().await?, &run).await?);
        if !self.server.is_throwaway() {
            let stays = keeps_schema.then_some(&*fingerprint);
            sweep(&mut admin, database, stays, say).await?;
        }
        self.create_role(&mut admin).await?;
        let mut kept = None;
        if keeps_schema {
            kept = kept::find(&mut admin, database, &fingerprint).await?;
        }
        let kept = self.create_database(&mut admin, kept, say).await?;
        let mut connection = self.server.connect_to(&self.name).await?;
        if let Some(kept) = &kept {
            self.first_transaction = kept.first_transaction;
            say("schema: unchanged since an earlier run, which kept it: not migrated again");
        } else {
            self.first_transaction = reset::current_transaction(&mut connection).await?;
            if !self.server.is_throwaway() {
                self.roles = Some(Roles::watch(self.server.connect().await?, &run).await?);
            }
            self.migrate(&schema, &mut connection).await?;
        }
        // A new connection, because settings of the migrations apply to new sessions, and temporary tables have to go.
        connection.close().await?;
        let makes_roles = self
            .roles
            .as_ref()
            .is_some_and(|roles| !roles.made.is_empty());
        if keeps_schema && makes_roles {
            say("schema: not kept, because its migrations create roles, which end with the run");
        } else if keeps_schema && kept.is_none() {
            self.keep_schema(&mut admin, database, &fingerprint).await?;
        }
        self.seal(&mut admin, rights, &fingerprint).await?;
        admin.close().await?;
        Ok(())
    }

    /// Installs the reset and the rights of the service's role, and allows no more connections.
    async fn seal(
        &mut self,
        admin: &mut PgConnection,
        rights: RoleRights,
        fingerprint: &str,
    ) -> Result<(), Failure> {
        let mut connection = self.server.connect_to(&self.name).await?;
        // The schema's event triggers would forbid or record what is created here.
        let silenced = EventTriggers::silence(&mut connection, self.server.rights).await?;
        // Not earlier, because a migration tool may write a dump of the schema.
        execute(&mut connection, &reset::marker(&self.marker, &self.run)).await?;
        if rights.rows {
            self.grant(&mut connection).await?;
        }
        if let Some((file, sql)) = rights.sql {
            migrations::run_script(&file, sql, &mut connection).await?;
        }
        self.reset_function =
            reset::install(&mut connection, self.server.rights, self.first_transaction).await?;
        rules::take_rights_back(&mut connection).await?;
        silenced.restore(&mut connection).await?;
        reset::remember_catalog(&mut connection, self.server.rights).await?;
        sqlx::query("update bdd_harness.marker set fingerprint = $1")
            .bind(fingerprint)
            .execute(&mut connection)
            .await?;
        connection.close().await?;
        // A database that has connections can't be cloned.
        let name = identifier(&self.name);
        let closed = format!("alter database {name} with allow_connections false");
        execute(admin, &closed).await
    }

    /// Migrates the database to the latest schema.
    async fn migrate(
        &mut self,
        schema: &Schema<'_>,
        connection: &mut PgConnection,
    ) -> Result<(), Failure> {
        match schema {
            Schema::Program(program) => {
                migrate(program, &self.url(&self.name)).await?;
                let text = schema::text(&program.migrations(Store::Postgres)?)?;
                self.claim_mentioned(connection, &text).await
            }
            Schema::Run {
                line, surroundings, ..
            } => {
                let address = self.owner_address(&self.name);
                schema::run(line, surroundings, &address).await?;
                schema::has_made_something(line, connection).await?;
                match &mut self.roles {
                    Some(roles) => roles.claim_concerned(connection).await,
                    None => Ok(()),
                }
            }
            Schema::Folder(folder) | Schema::Foreign(folder) => {
                let roles = self.roles.as_mut();
                apply(folder, &mut migrations::Postgres { connection, roles }).await
            }
            Schema::Sql(files) => {
                let roles = self.roles.as_mut();
                migrations::apply_scripts(files, &mut migrations::Postgres { connection, roles })
                    .await
            }
        }
    }

    async fn claim_mentioned(
        &mut self,
        connection: &mut PgConnection,
        text: &str,
    ) -> Result<(), Failure> {
        match &mut self.roles {
            Some(roles) => roles.claim_mentioned(connection, text).await,
            None => Ok(()),
        }
    }

    /// The default rights of the service's role: it reads and writes rows, also in tables that are created later.
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

    /// The URL of a database, as its owner.
    pub fn url(&self, database: &str) -> String {
        self.server.url(database).to_string()
    }

    /// The URL of a database, as the service's role.
    pub fn service_url(&self, database: &str) -> String {
        if self.works_as_owner {
            return self.url(database);
        }
        self.server
            .url_as(database, &self.role, &self.password)
            .to_string()
    }

    /// The address of a database, for its owner.
    pub fn owner_address(&self, database: &str) -> DatabaseAddress {
        let url = self.server.url(database);
        DatabaseAddress::new(url.clone(), self.server.over_tcp(&url))
    }

    /// The address that a URL of this server means.
    pub fn address(&self, url: &str) -> Result<DatabaseAddress, Failure> {
        let url = Url::parse(url)?;
        let tcp = self.server.over_tcp(&url);
        Ok(DatabaseAddress::new(url, tcp))
    }

    /// Removes the databases and the role from a server that outlives the run.
    pub async fn remove(&self, clones: &[ClonedDatabase]) {
        if self.server.is_throwaway() || self.lent.is_some() {
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

    /// Keeps server, role and one or more databases for the user until the project's next run removes them. Removes all
    /// other clones.
    pub async fn keep(self, clones: &[ClonedDatabase]) {
        for clone in clones {
            let _ = self.drop_clone(clone).await;
        }
        if !self.server.is_throwaway()
            && let Ok(mut admin) = self.server.connect().await
        {
            let _ = lease::keep(&mut admin, &self.run).await;
            let _ = admin.close().await;
        }
        if let Some(lease) = self.lease {
            lease.end().await;
        }
        self.server.keep().await;
    }

    /// Removes clones, template and role, and stops the server if it is ours.
    pub async fn end(self, clones: &[ClonedDatabase]) {
        self.remove(clones).await;
        if let Some(lease) = self.lease {
            lease.end().await;
        }
        self.server.stop().await;
    }
}

/// Removes what killed runs have left, and kept schemas other than the one with the fingerprint `stays`.
async fn sweep(
    admin: &mut PgConnection,
    database: &str,
    stays: Option<&str>,
    say: &(dyn Fn(&str) + Sync),
) -> Result<(), Failure> {
    for swept in lease::sweep(admin).await? {
        say(&format!("swept what a killed run had left: {swept}"));
    }
    for dropped in kept::sweep(admin, database, stays).await? {
        say(&format!("dropped the kept schema {dropped}"));
    }
    Ok(())
}

/// Applies a folder of migrations to a database that isn't a template.
pub async fn apply_folder(folder: &Path, connection: &mut PgConnection) -> Result<(), Failure> {
    let roles = None;
    apply(folder, &mut migrations::Postgres { connection, roles }).await
}
