//! What the harness has to know of the service under test: a trait with defaults for everything but how to start, and
//! the program around it.

use std::{
    collections::BTreeMap,
    error::Error,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use futures::future::BoxFuture;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::failure::Failure;

/// Environment variables by name: how a service is configured, in this process or in one of its own.
pub type Environment = BTreeMap<String, String>;

/// Any error, as `?` makes it.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// The kind of database that a suite runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Store {
    Postgres,
    Sqlite,
}

/// The service under test.
pub trait Service: Send + Sync + 'static {
    /// Serves until [`Start::stopped`] completes; the same as the service's `main`, but for signals and logs. It
    /// listens on a free port of 127.0.0.1 and says which by [`Start::listening`].
    fn serve(&self, start: Start) -> impl Future<Output = Result<(), BoxError>> + Send;

    /// The variables that tell the service its database: `DATABASE_URL` unless it has other names for it. `owner_url` is
    /// the same database as its owner, who may migrate.
    fn environment(&self, url: &str, _owner_url: &str) -> Environment {
        Environment::from([("DATABASE_URL".to_owned(), url.to_owned())])
    }

    /// The variable of a configuration key: `server.port` is `SERVER_PORT`.
    fn variable(&self, key: &str) -> String {
        key.replace('.', "_").to_uppercase()
    }

    /// The SQL that gives a role the rights that the service works with, run as the owner after the migrations. Without
    /// it the role may read and write the rows of every table, and no more.
    fn grants(&self, _role: &str) -> Option<String> {
        None
    }

    /// The path that answers 200 while the service is ready for requests.
    fn readiness(&self) -> &'static str {
        "/health"
    }

    /// Where a line of the executable's output says that it listens: the first `http://ADDRESS:PORT` in it.
    fn listening(&self, line: &str) -> Option<SocketAddr> {
        let (_, address) = line.split_once("http://")?;
        let end =
            address.find(|c: char| !c.is_ascii_hexdigit() && !matches!(c, '.' | ':' | '[' | ']'));
        address[..end.unwrap_or(address.len())].parse().ok()
    }
}

/// What a service is given when it starts.
pub struct Start {
    /// All of its configuration; nothing of the process's own environment counts.
    pub environment: Environment,
    address: Mutex<Option<oneshot::Sender<SocketAddr>>>,
    stop: CancellationToken,
}

impl Start {
    /// A start, and how its starter learns where the service listens.
    pub fn new(
        environment: Environment,
        stop: CancellationToken,
    ) -> (Self, oneshot::Receiver<SocketAddr>) {
        let (address, listening) = oneshot::channel();
        let start = Self {
            environment,
            address: Mutex::new(Some(address)),
            stop,
        };
        (start, listening)
    }

    /// The variable `DATABASE_URL`.
    pub fn database_url(&self) -> &str {
        self.environment
            .get("DATABASE_URL")
            .map_or("", String::as_str)
    }

    /// Says where the service listens; only the first time counts.
    pub fn listening(&self, address: SocketAddr) {
        let sender = self
            .address
            .lock()
            .ok()
            .and_then(|mut sender| sender.take());
        if let Some(sender) = sender {
            let _ = sender.send(address);
        }
    }

    /// Completes when the service has to stop.
    pub fn stopped(&self) -> impl Future<Output = ()> + Send + 'static {
        self.stop.clone().cancelled_owned()
    }
}

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

/// A database schema's migrations: folders of `NNNN_name.up.sql` and `NNNN_name.down.sql`, applied by the harness or by
/// the program itself.
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

    /// The folder for SQLite; without one the suite runs on PostgreSQL only.
    #[must_use]
    pub fn sqlite(mut self, folder: impl Into<PathBuf>) -> Self {
        self.sqlite = Some(folder.into());
        self
    }

    /// The program's own arguments that migrate the database of `DATABASE_URL`. The folders only tell two schemas apart
    /// then.
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

/// The program under test: its service, its executable and its schema.
#[derive(Clone, Default)]
pub struct Program {
    database: Option<String>,
    executable: Option<PathBuf>,
    migrations: Option<Migrations>,
    service: Option<Arc<dyn AnyService>>,
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

    #[must_use]
    pub fn with_service(mut self, service: impl Service) -> Self {
        self.service = Some(Arc::new(service));
        self
    }

    /// The same with the folders and files that are relative to this folder made absolute.
    #[must_use]
    pub fn below(mut self, root: &Path) -> Self {
        if let Some(migrations) = &mut self.migrations {
            migrations.postgres = root.join(&migrations.postgres);
            migrations.sqlite = migrations.sqlite.as_ref().map(|folder| root.join(folder));
        }
        self.executable = self.executable.map(|path| root.join(path));
        self
    }

    /// Whether there is a service to run.
    pub fn has_service(&self) -> bool {
        self.service.is_some()
    }

    /// The template's name; clones get a suffix.
    pub fn database(&self) -> &str {
        self.database.as_deref().unwrap_or("bdd_test")
    }

    /// The built executable.
    pub fn executable(&self) -> Result<PathBuf, Failure> {
        let executable = self.executable.clone();
        executable.ok_or_else(|| {
            Failure::new(
                "the suite doesn't know the program's executable: name it by Suite::executable",
            )
        })
    }

    /// The executable's arguments that bring the database of `DATABASE_URL` to the newest schema; none when the harness
    /// applies the migrations.
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
        self.service
            .as_ref()
            .map_or_else(|| key.to_owned(), |service| service.variable(key))
    }

    /// See [`Service::environment`].
    pub fn environment(&self, url: &str, owner_url: &str) -> Environment {
        self.service
            .as_ref()
            .map(|service| service.environment(url, owner_url))
            .unwrap_or_default()
    }

    /// See [`Service::grants`].
    pub fn grants(&self, role: &str) -> Option<String> {
        self.service.as_ref()?.grants(role)
    }

    /// See [`Service::readiness`].
    pub fn readiness(&self) -> &'static str {
        self.service
            .as_ref()
            .map_or("/health", |service| service.readiness())
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
                Err("the suite has no service: give it one by Suite::service".to_owned())
            }),
        }
    }
}
