//! The program under test, as far as the harness has to know it.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf};

use futures::future::BoxFuture;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::suite::options::Store;

/// Environment variables, by name: how the program is configured, in this process or in its own.
pub type Environment = BTreeMap<String, String>;

/// What a program says once it serves: where.
pub type Ready = oneshot::Sender<SocketAddr>;

/// The program under test. The harness serves any that can say these few things of itself.
pub trait Program: Send + Sync + 'static {
    /// The template's name; clones get a suffix.
    fn database(&self) -> &'static str;

    /// The built executable.
    fn executable(&self) -> PathBuf;

    /// The arguments that bring the database of `DATABASE_URL` to the newest schema.
    fn migrate(&self) -> &'static [&'static str];

    /// The folder of the migrations, for the template's fingerprint.
    fn migrations(&self, store: Store) -> PathBuf;

    /// The variable for a configuration key: `server.port` is `DLC_SERVER_PORT`.
    fn variable(&self, key: &str) -> String;

    /// How a slot's service is told its database, as the role that it works as and as the owner, who may migrate;
    /// and what else it needs, as a free port of its own.
    fn environment(&self, url: &str, owner_url: &str) -> Environment;

    /// What an administrator would run, as the owner, to let a role work on the migrated database: exactly the rights
    /// that the services of slots get. Without it they may read and write rows in every schema, and no more.
    fn grants(&self, _role: &str) -> Option<String> {
        None
    }

    /// Runs the service in this process until `stop`; the same as its `main`, but for signals and logs.
    fn serve(
        &self,
        environment: Environment,
        ready: Ready,
        stop: CancellationToken,
    ) -> BoxFuture<'static, Result<(), String>>;

    /// The path that answers 200 while the service is ready for requests.
    fn readiness(&self) -> &'static str;

    /// Where a line of the executable's log says it listens, the address in it.
    fn listening(&self, line: &str) -> Option<SocketAddr>;
}
