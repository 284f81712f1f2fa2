//! Runs the service: opens the database, creates missing accounts, listens, and shuts down in order.

mod accept;
mod bootstrap;
mod shutdown;

use std::{io, net::SocketAddr, pin::pin};

use tokio::net::TcpListener;
use tracing::info;

use crate::config::Config;
use crate::http::{self, AppState};
use crate::store::{Store, open};

use bootstrap::bootstrap;
use shutdown::ShutdownTimeouts;

/// Why the service did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Store(#[from] open::StartError),
    /// The first admin, the first client or the data for development can't be created.
    #[error("{0}")]
    Bootstrap(String),
    #[error("can't listen on {0}: {1}; check server.host and server.port (PORT)")]
    Bind(String, io::Error),
}

/// Runs the service until `shutdown` completes. `ready` is called with the address once requests are accepted.
///
/// Installs neither a log subscriber nor signal handlers, so it can run several times in one process. Without a
/// listener it binds the configured address, after the database is ready.
pub async fn run(
    config: Config,
    listener: Option<TcpListener>,
    ready: impl FnOnce(SocketAddr),
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), StartError> {
    let mut shutdown = pin!(shutdown);
    let started = tokio::select! {
        started = start(&config, listener) => started?,
        () = &mut shutdown => {
            info!("asked to stop before the start was complete");
            return Ok(());
        }
    };
    let (state, listener, address) = started;
    info!("listening on http://{address}");
    ready(address);
    let timeouts = ShutdownTimeouts {
        pause: config.server.shutdown_pause,
        requests: config.server.shutdown_timeout,
    };
    let app = http::app(state.clone());
    accept::serve(listener, app, &state, timeouts, shutdown).await;
    state.store.close().await;
    info!("stopped");
    Ok(())
}

async fn start(
    config: &Config,
    listener: Option<TcpListener>,
) -> Result<(AppState, TcpListener, SocketAddr), StartError> {
    let store = Store::open(config).await?;
    let state = AppState::new(config, store);
    bootstrap(config, &state.store, &state.passwords)
        .await
        .map_err(StartError::Bootstrap)?;
    let (host, port) = (config.server.host.as_str(), config.server.port);
    let bind = async {
        let listener = match listener {
            Some(listener) => listener,
            None => TcpListener::bind((host, port)).await?,
        };
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    let (listener, address) = bind
        .await
        .map_err(|error| StartError::Bind(format!("{host}:{port}"), error))?;
    Ok((state, listener, address))
}
