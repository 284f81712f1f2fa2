//! Ends connections and requests in flight at shutdown.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use hyper_util::server::graceful::GracefulShutdown;
use tokio::{task::JoinSet, time::timeout};
use tokio_util::sync::CancellationToken;
use tracing::warn;

/// The interval at which a connection without requests is checked during the shutdown. It is closed after the second
/// check.
const IDLE_CHECK: Duration = Duration::from_millis(300);
/// How long aborted connections may take to end.
const ABORT_TIMEOUT: Duration = Duration::from_secs(1);

/// The timeouts of a shutdown.
#[derive(Debug, Clone, Copy)]
pub(super) struct ShutdownTimeouts {
    /// How long connections are still accepted.
    pub(super) pause: Duration,
    /// How long requests in flight may take after the pause.
    pub(super) requests: Duration,
}

/// Waits for requests in flight, and aborts connections that are still busy at the deadline.
pub(super) async fn finish(
    graceful: GracefulShutdown,
    mut connections: JoinSet<()>,
    deadline: Duration,
) {
    let began = Instant::now();
    if timeout(deadline, graceful.shutdown()).await.is_err() {
        warn!(
            "{} connections were still busy after {:?} and are aborted",
            connections.len(),
            began.elapsed()
        );
    }
    let _ = timeout(ABORT_TIMEOUT, connections.shutdown()).await;
}

/// The requests of one connection that are being handled.
#[derive(Clone, Default)]
pub(super) struct RequestsInFlight(Arc<AtomicUsize>);

impl RequestsInFlight {
    /// Counts a request until the value is dropped.
    pub(super) fn enter(&self) -> RequestInFlight {
        self.0.fetch_add(1, SeqCst);
        RequestInFlight(Arc::clone(&self.0))
    }
}

pub(super) struct RequestInFlight(Arc<AtomicUsize>);

impl Drop for RequestInFlight {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

/// Completes during the shutdown, when a connection has handled no request for two checks. Such a connection may have a
/// half-sent request head, and hyper would wait for its rest.
pub(super) async fn idle_after(draining: CancellationToken, in_flight: RequestsInFlight) {
    draining.cancelled().await;
    let mut idle_checks = 0;
    while idle_checks < 2 {
        tokio::time::sleep(IDLE_CHECK).await;
        let is_idle = in_flight.0.load(SeqCst) == 0;
        idle_checks = if is_idle { idle_checks + 1 } else { 0 };
    }
}
