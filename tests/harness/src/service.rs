//! What the harness has to know of the service under test: a trait whose only required method is the start, a command
//! line for a service in another language, and the program around it.

pub mod address;
pub mod process;
mod program;
pub mod surroundings;

use std::{collections::BTreeMap, error::Error, net::SocketAddr};

use parking_lot::Mutex;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

pub use program::{Migrations, Program, RoleRights, SchemaSource};

/// Environment variables by name. They configure a service, in this process or in its own.
pub type Environment = BTreeMap<String, String>;

/// Any error; `?` converts to it.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// The kind of database that a suite uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Store {
    Postgres,
    Sqlite,
}

/// The service under test.
pub trait Service: Send + Sync + 'static {
    /// Serves until [`Start::stopped`] completes. Does the same as the service's `main`, except for signals and logs.
    /// It listens on a free port of 127.0.0.1 and reports it by [`Start::listening`].
    fn serve(&self, start: Start) -> impl Future<Output = Result<(), BoxError>> + Send;

    /// The variables that tell the service its database: by default `DATABASE_URL`. `owner_url` is the same database as
    /// its owner, who may migrate.
    fn environment(&self, url: &str, _owner_url: &str) -> Environment {
        Environment::from([("DATABASE_URL".to_owned(), url.to_owned())])
    }

    /// The variable of a configuration key: `server.port` is `SERVER_PORT`.
    fn variable(&self, key: &str) -> String {
        key.replace('.', "_").to_uppercase()
    }

    /// The SQL that grants a role the rights that the service needs. The owner runs it after the migrations. By default
    /// the role may read and write the rows of every table, and nothing else.
    fn grants(&self, _role: &str) -> Option<String> {
        None
    }

    /// The path that answers 200 if the service is ready for requests.
    fn readiness(&self) -> &'static str {
        "/health"
    }

    /// The address that a line of the executable's output names: by default the first `http://ADDRESS:PORT` in it.
    fn listening(&self, line: &str) -> Option<SocketAddr> {
        let (_, address) = line.split_once("http://")?;
        let end =
            address.find(|c: char| !c.is_ascii_hexdigit() && !matches!(c, '.' | ':' | '[' | ']'));
        address[..end.unwrap_or(address.len())].parse().ok()
    }
}

/// The arguments of a service's start.
pub struct Start {
    /// The whole configuration. The process's own environment doesn't count.
    pub environment: Environment,
    address: Mutex<Option<oneshot::Sender<SocketAddr>>>,
    stop: CancellationToken,
}

impl Start {
    /// Creates a start, and the receiver of the address where the service listens.
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

    /// The value of `DATABASE_URL`.
    pub fn database_url(&self) -> &str {
        self.environment
            .get("DATABASE_URL")
            .map_or("", String::as_str)
    }

    /// Reports where the service listens. Only the first call counts.
    pub fn listening(&self, address: SocketAddr) {
        if let Some(sender) = self.address.lock().take() {
            let _ = sender.send(address);
        }
    }

    /// Completes when the service has to stop.
    pub fn stopped(&self) -> impl Future<Output = ()> + Send + 'static {
        self.stop.clone().cancelled_owned()
    }
}
