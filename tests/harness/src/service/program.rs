//! The program under test: its service, its executable and its schema.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use futures::future::BoxFuture;

use super::{
    Environment, Service, Start, Store,
    process::{Forget, ProcessService, Ready, Role},
    surroundings::Surroundings,
};
use crate::failure::Failure;

/// A [`Service`] of any type.
trait AnyService: Send + Sync {
    fn serve(self: Arc<Self>, start: Start) -> BoxFuture<'static, Result<(), String>>;
    fn environment(&self, url: &str, owner_url: &str) -> Environment;
    fn variable(&self, key: &str) -> String;
    fn grants(&self, role: &str) -> Option<String>;
    fn readiness(&self) -> &'static str;
    fn listening(&self, line: &str) -> Option<SocketAddr>;
}

impl<S: Service> AnyService for S {
    fn serve(self: Arc<Self>, start: Start) -> BoxFuture<'static, Result<(), String>> {
        Box::pin(async move {
            Service::serve(&*self, start)
                .await
                .map_err(|error| error.to_string())
        })
    }
    fn environment(&self, url: &str, owner_url: &str) -> Environment {
        Service::environment(self, url, owner_url)
    }
    fn variable(&self, key: &str) -> String {
        Service::variable(self, key)
    }
    fn grants(&self, role: &str) -> Option<String> {
        Service::grants(self, role)
    }
    fn readiness(&self) -> &'static str {
        Service::readiness(self)
    }
    fn listening(&self, line: &str) -> Option<SocketAddr> {
        Service::listening(self, line)
    }
}

/// A schema's migrations: folders of `NNNN_name.up.sql` and `NNNN_name.down.sql`. The harness or the program itself
/// applies them.
#[derive(Clone, Debug)]
pub struct Migrations {
    postgres: PathBuf,
    sqlite: Option<PathBuf>,
    command: Vec<String>,
}

impl Migrations {
    /// A folder of migrations for PostgreSQL.
    pub fn folder(folder: impl Into<PathBuf>) -> Self {
        Self {
            postgres: folder.into(),
            sqlite: None,
            command: Vec::new(),
        }
    }

    /// The folder for SQLite. Without it the suite runs only on PostgreSQL.
    #[must_use]
    pub fn sqlite(mut self, folder: impl Into<PathBuf>) -> Self {
        self.sqlite = Some(folder.into());
        self
    }

    /// The folder for a kind of database. SQLite without a folder of its own uses the one for PostgreSQL.
    pub(crate) fn path(&self, store: Store) -> PathBuf {
        match (store, &self.sqlite) {
            (Store::Sqlite, Some(folder)) => folder.clone(),
            _ => self.postgres.clone(),
        }
    }

    /// The program's arguments that migrate the database of `DATABASE_URL`. The folders then only identify the schema.
    #[must_use]
    pub fn run_by(mut self, arguments: &[&str]) -> Self {
        self.command = arguments
            .iter()
            .map(|&argument| argument.to_owned())
            .collect();
        self
    }
}

impl From<&str> for Migrations {
    fn from(folder: &str) -> Self {
        Self::folder(folder)
    }
}

/// The source of a schema, as a project's file describes it.
#[derive(Clone, Debug)]
pub enum SchemaSource {
    /// A folder of migrations.
    Files(PathBuf),
    /// SQL files, in this order.
    Sql(Vec<PathBuf>),
    /// A command that migrates the database of `DATABASE_URL` to the latest schema, and the files that it reads.
    Run { line: String, from: Vec<PathBuf> },
}

/// The rights of a service's role.
#[derive(Clone, Debug, Default)]
pub struct RoleRights {
    /// It may read and write the rows of every table.
    pub rows: bool,
    /// SQL that grants more rights, and the file that contains it.
    pub sql: Option<(PathBuf, String)>,
}

/// The program under test: its service, its executable and its schema.
#[derive(Clone, Default)]
pub struct Program {
    root: PathBuf,
    database: Option<String>,
    executable: Option<PathBuf>,
    migrations: Option<Migrations>,
    neighbours: Vec<(String, String)>,
    service: Option<Arc<dyn AnyService>>,
    process: Option<Arc<ProcessService>>,
    schema: Option<(SchemaSource, Surroundings)>,
}

impl Program {
    #[must_use]
    pub fn with_database(mut self, name: &str) -> Self {
        self.database = Some(name.to_owned());
        self
    }

    #[must_use]
    pub fn with_executable(mut self, path: PathBuf) -> Self {
        self.executable = Some(path);
        self
    }

    #[must_use]
    pub fn with_migrations(mut self, migrations: Migrations) -> Self {
        self.migrations = Some(migrations);
        self
    }

    /// A service that the program calls, and the variable that tells the program its address. A second call with the
    /// same name replaces the variable.
    pub fn add_neighbour(&mut self, name: &str, variable: &str) {
        self.neighbours.retain(|(known, _)| known != name);
        self.neighbours.push((name.to_owned(), variable.to_owned()));
    }

    /// Names and variables of the services that the program calls.
    pub fn neighbours(&self) -> &[(String, String)] {
        &self.neighbours
    }

    #[must_use]
    pub fn with_service(mut self, service: impl Service) -> Self {
        self.service = Some(Arc::new(service));
        self
    }

    /// A service that runs as its own process.
    #[must_use]
    pub fn with_process(mut self, process: ProcessService) -> Self {
        self.process = Some(Arc::new(process));
        self
    }

    /// A schema instead of migrations. Its command runs in these surroundings.
    #[must_use]
    pub fn with_schema(mut self, source: SchemaSource, surroundings: Surroundings) -> Self {
        self.schema = Some((source, surroundings));
        self
    }

    /// Makes relative folders and files absolute; they are relative to `root`.
    #[must_use]
    pub fn below(mut self, root: &Path) -> Self {
        root.clone_into(&mut self.root);
        if let Some(migrations) = &mut self.migrations {
            migrations.postgres = root.join(&migrations.postgres);
            migrations.sqlite = migrations.sqlite.as_ref().map(|folder| root.join(folder));
        }
        self.executable = self.executable.map(|path| root.join(path));
        self
    }

    /// The project's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn has_service(&self) -> bool {
        let has_command = |process: &Arc<ProcessService>| !process.run.trim().is_empty();
        self.service.is_some() || self.process.as_ref().is_some_and(has_command)
    }

    /// The service, if it runs as its own process; or only its program.
    pub fn process(&self) -> Option<&Arc<ProcessService>> {
        self.process.as_ref()
    }

    /// The schema that a project's file describes, and the surroundings of its command.
    pub fn schema(&self) -> Option<&(SchemaSource, Surroundings)> {
        self.schema.as_ref()
    }

    /// The folder and environment of its commands.
    pub fn surroundings(&self) -> Surroundings {
        let process = self.process.as_ref().map(|process| &process.surroundings);
        let schema = self.schema.as_ref().map(|(_, surroundings)| surroundings);
        process.or(schema).cloned().unwrap_or_default()
    }

    /// The template's name. Clones get a suffix.
    pub fn database(&self) -> &str {
        self.database.as_deref().unwrap_or("bdd_test")
    }

    /// The built executable.
    pub fn executable(&self) -> Result<PathBuf, Failure> {
        let executable = self.executable.clone();
        executable.ok_or_else(|| {
            Failure::new(
                "the suite doesn't know the program's executable: name it by Suite::executable, or for bdd.toml by program in \
                 [service]",
            )
        })
    }

    /// The executable's arguments that migrate the database of `DATABASE_URL` to the latest schema; empty if the
    /// harness applies the migrations.
    pub fn migrate(&self) -> &[String] {
        self.migrations
            .as_ref()
            .map_or(&[], |migrations| &migrations.command)
    }

    /// The folder of the migrations for a kind of database.
    pub fn migrations(&self, store: Store) -> Result<PathBuf, Failure> {
        let migrations = self.migrations.as_ref();
        let folder = match store {
            Store::Postgres => migrations.map(|migrations| migrations.postgres.clone()),
            Store::Sqlite => migrations.and_then(|migrations| migrations.sqlite.clone()),
        };
        folder.ok_or_else(|| match store {
            Store::Postgres => "the suite has no migrations: name their folder by Suite::migrations, or with --migrations DIR".into(),
            Store::Sqlite => "the suite has no migrations for SQLite: name their folder by Migrations::sqlite".into(),
        })
    }

    /// See [`Service::variable`].
    pub fn variable(&self, key: &str) -> String {
        match (&self.service, &self.process) {
            (Some(service), _) => service.variable(key),
            (None, Some(_)) => key.replace('.', "_").to_uppercase(),
            (None, None) => key.to_owned(),
        }
    }

    /// See [`Service::environment`].
    pub fn environment(&self, url: &str, owner_url: &str) -> Environment {
        self.service
            .as_ref()
            .map(|service| service.environment(url, owner_url))
            .unwrap_or_default()
    }

    /// The rights of its role. `role` is quoted for SQL.
    pub fn rights(&self, role: &str) -> Result<RoleRights, Failure> {
        let Some(process) = &self.process else {
            let sql = self
                .service
                .as_ref()
                .and_then(|service| service.grants(role));
            return Ok(RoleRights {
                rows: sql.is_none(),
                sql: sql.map(|sql| (PathBuf::from("Service::grants"), sql)),
            });
        };
        let sql = match &process.grants {
            None => None,
            Some(file) => {
                let text = std::fs::read_to_string(file)
                    .map_err(|error| Failure::new(format!("{}: {error}", file.display())))?;
                let named = text.replace("{role}", role).replace(":\"role\"", role);
                if named == text {
                    return Err(Failure::new(format!(
                        "{}: grants nothing to the service's role: write {{role}} in place of its name, as in \
                         `grant select on all tables in schema public to {{role}};`",
                        file.display()
                    )));
                }
                Some((file.clone(), named))
            }
        };
        Ok(RoleRights {
            rows: process.role == Role::Rows,
            sql,
        })
    }

    /// What clears the service's memory.
    pub fn forget(&self) -> &Forget {
        self.process
            .as_ref()
            .map_or(&Forget::Nothing, |process| &process.forget)
    }

    /// Whether the service's role is the database's owner.
    pub fn works_as_owner(&self) -> bool {
        self.process
            .as_ref()
            .is_some_and(|process| process.role == Role::Owner)
    }

    /// See [`Service::readiness`]. `None` if only a connection shows that it is ready.
    pub fn readiness(&self) -> Option<&str> {
        match (&self.service, &self.process) {
            (Some(service), _) => Some(service.readiness()),
            (None, Some(process)) => match &process.ready {
                Ready::Get(path) => Some(path),
                Ready::Connects | Ready::Line(_) => None,
            },
            (None, None) => None,
        }
    }

    /// See [`Service::listening`].
    pub fn listening(&self, line: &str) -> Option<SocketAddr> {
        self.service.as_ref()?.listening(line)
    }

    /// See [`Service::serve`].
    pub fn serve(&self, start: Start) -> BoxFuture<'static, Result<(), String>> {
        match &self.service {
            Some(service) => Arc::clone(service).serve(start),
            None => Box::pin(async {
                Err("the suite has no service: add one by Suite::service".to_owned())
            }),
        }
    }
}
