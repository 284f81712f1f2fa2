//! Helpers of all subcommands: the async runtime, the database, signals and output.

use std::{
    io::{self, Write},
    num::NonZero,
    time::Duration,
};

use tokio::signal::unix::{SignalKind, signal};

use super::failure::Failure;
use crate::config::Config;
use crate::store::{
    Store,
    migrate::{Access, Migrations},
};

pub(super) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Failed(format!("the async runtime can't be started: {error}")))
}

/// Opens the database for a command: migrates it, tries to connect only once, and sets no statement timeout.
pub(super) async fn open(mut config: Config) -> Result<Store, Failure> {
    config.database.start_attempts = NonZero::<u32>::MIN;
    config.database.min_conns = 0;
    config.database.statement_timeout = Duration::ZERO;
    Ok(Store::open(&config).await?)
}

/// Connects for migrations.
pub(super) async fn connect(config: &Config, access: Access) -> Result<Migrations, Failure> {
    let target = &config.migration_target;
    let connected = Migrations::connect(target, config.database.attempt_timeout, access).await;
    connected.map_err(|error| Failure::Failed(format!("{target} can't be reached: {error}")))
}

/// Runs a command's work on the open database, and closes it.
pub(super) fn with_store<T>(
    config: Config,
    work: impl AsyncFnOnce(&Store) -> Result<T, Failure>,
) -> Result<T, Failure> {
    runtime()?.block_on(async {
        let store = open(config).await?;
        let done = work(&store).await;
        store.close().await;
        done
    })
}

/// Prints a text. A reader may close the pipe early, as `head` does.
pub(super) fn print_text(text: &str) -> Result<(), Failure> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::Failed(format!(
            "the text can't be written: {error}"
        ))),
        _ => Ok(()),
    }
}

/// A future that completes at the first SIGTERM or SIGINT after this call.
pub(super) fn signals() -> Result<impl Future<Output = ()> + Send + 'static, Failure> {
    let handler = |kind| {
        signal(kind).map_err(|error| {
            Failure::Failed(format!("signal handlers can't be installed: {error}"))
        })
    };
    let mut terminate = handler(SignalKind::terminate())?;
    let mut interrupt = handler(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
