//! Accepts connections and serves HTTP on them until the shutdown.

use std::{net::SocketAddr, pin::pin, time::Duration};

use axum::{Router, body::Body, extract::Request};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use tracing::{debug, info, warn};

use super::shutdown::{RequestsInFlight, ShutdownTimeouts, finish, idle_after};
use crate::http::{AppState, ClientAddress};

/// How long a client may take to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// The wait after a failure to accept. The usual cause is a lack of file descriptors, which an immediate retry would not
/// change.
const ACCEPT_RETRY: Duration = Duration::from_millis(100);

/// Serves until asked to stop. Then readiness answers 503 at once, and after a pause no connections are accepted.
pub(super) async fn serve(
    listener: TcpListener,
    app: Router,
    state: &AppState,
    timeouts: ShutdownTimeouts,
    shutdown: impl Future<Output = ()>,
) {
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    let mut stop = pin!(async {
        shutdown.await;
        state.stop();
        info!(
            "asked to stop; readiness answers 503, connections are accepted for another {:?}",
            timeouts.pause
        );
        tokio::time::sleep(timeouts.pause).await;
        state.draining.cancel();
    });
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    let draining = state.draining.clone();
                    connections.spawn(connection(stream, peer, app.clone(), &graceful, draining));
                }
                Err(error) => {
                    warn!("a connection can't be accepted: {error}");
                    tokio::time::sleep(ACCEPT_RETRY).await;
                }
            },
            Some(_) = connections.join_next() => {}
            () = &mut stop => break,
        }
    }
    drop(listener);
    finish(graceful, connections, timeouts.requests).await;
}

/// Serves one connection.
fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    app: Router,
    graceful: &GracefulShutdown,
    draining: CancellationToken,
) -> impl Future<Output = ()> + use<> {
    // Responses are small: waiting to fill a packet would only delay them.
    let _ = stream.set_nodelay(true);
    let in_flight = RequestsInFlight::default();
    let counter = in_flight.clone();
    let service = tower::service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(ClientAddress(peer.ip()));
        let request: Request = request.map(Body::new);
        let counted = counter.enter();
        let response = app.clone().oneshot(request);
        async move {
            let response = response.await;
            drop(counted);
            response
        }
    });
    let mut builder = auto::Builder::new(TokioExecutor::new()).http1_only();
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .keep_alive(true);
    let watcher = graceful.watcher();
    async move {
        let serving =
            builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
        tokio::select! {
            ended = watcher.watch(serving) => {
                if let Err(error) = ended {
                    debug!("a connection ended early: {error}");
                }
            }
            () = idle_after(draining, in_flight) => debug!("a half-sent request was dropped at the shutdown"),
        }
    }
}
