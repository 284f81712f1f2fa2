//! From a configuration to a listening service, and down again.

mod bootstrap;

use std::{
    fmt, io,
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use axum::{Router, body::Body, extract::Request};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use tracing::{debug, info, warn};

use crate::config::Config;
use crate::http::{self, AppState, ClientAddress};
use crate::store;
use bootstrap::bootstrap;

/// How long a client may take to send a request's head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How often an ending service looks whether a connection has nothing but a half-sent request; twice is enough.
const HALF_SENT_PATIENCE: Duration = Duration::from_millis(300);
/// How long connections may take to end by themselves once the hard deadline has cut them.
const CUT_TIMEOUT: Duration = Duration::from_secs(1);

/// Why the service didn't start.
#[derive(Debug)]
pub enum StartError {
    /// The database can't be used.
    Store(store::StartError),
    /// The first admin, the first client or the data for development can't be made.
    Bootstrap(String),
    /// The address can't be listened on.
    Bind(String, io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Bootstrap(reason) => f.write_str(reason),
            Self::Bind(address, error) => {
                write!(
                    f,
                    "can't listen on {address}: {error}; check server.host and server.port (PORT)"
                )
            }
        }
    }
}

impl std::error::Error for StartError {}

/// How requests in flight are treated at the end.
#[derive(Debug, Clone, Copy)]
pub struct Farewell {
    /// How long connections are still taken.
    pub pause: Duration,
    /// How long requests in flight may take after that.
    pub timeout: Duration,
}

/// Runs the service: database, what must be there, listener; `ready` hears the address; `shutdown` begins the end.
///
/// Installs neither a log subscriber nor signal handlers, so that it can be started many times in one process.
/// Without a listener it binds the configured address, once the database is in order.
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
            info!("asked to stop before the start was done");
            return Ok(());
        }
    };
    let (state, listener, address) = started;
    info!("listening on http://{address}");
    ready(address);
    let farewell = Farewell {
        pause: config.server.shutdown_pause,
        timeout: config.server.shutdown_timeout,
    };
    serve(
        listener,
        http::app(state.clone()),
        &state,
        farewell,
        shutdown,
    )
    .await;
    state.store.close().await;
    info!("stopped");
    Ok(())
}

async fn start(
    config: &Config,
    listener: Option<TcpListener>,
) -> Result<(AppState, TcpListener, SocketAddr), StartError> {
    let store = store::open(config).await.map_err(StartError::Store)?;
    let state = AppState::new(config, store);
    bootstrap(config, &state.store, &state.passwords)
        .await
        .map_err(StartError::Bootstrap)?;
    let wanted = format!("{}:{}", config.server.host, config.server.port);
    let bound = async {
        let listener = match listener {
            Some(listener) => listener,
            None => TcpListener::bind((config.server.host.as_str(), config.server.port)).await?,
        };
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    let (listener, address) = bound
        .await
        .map_err(|error| StartError::Bind(wanted, error))?;
    Ok((state, listener, address))
}

/// Serves until asked to stop, then ends in order: not ready, a pause, no new connections, requests in flight finish,
/// and what is left at the deadline is cut.
pub async fn serve(
    listener: TcpListener,
    app: Router,
    state: &AppState,
    farewell: Farewell,
    shutdown: impl Future<Output = ()>,
) {
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    let mut stop = pin!(async {
        shutdown.await;
        state.stop();
        info!(
            "asked to stop; not ready any more, connections are taken for {:?}",
            farewell.pause
        );
        tokio::time::sleep(farewell.pause).await;
        state.draining.cancel();
    });
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    let draining = state.draining.clone();
                    accept(stream, peer, &app, &graceful, draining, &mut connections);
                }
                Err(error) => {
                    // Out of file descriptors, most likely: trying at once again would only spin.
                    warn!("a connection can't be taken: {error}");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
            Some(_) = connections.join_next() => {}
            () = &mut stop => break,
        }
    }
    drop(listener);
    let began = Instant::now();
    if timeout(farewell.timeout, graceful.shutdown())
        .await
        .is_err()
    {
        warn!(
            "{} connections were still busy after {:?} and are cut",
            connections.len(),
            began.elapsed()
        );
    }
    let _ = timeout(CUT_TIMEOUT, connections.shutdown()).await;
}

fn accept(
    stream: TcpStream,
    peer: SocketAddr,
    app: &Router,
    graceful: &GracefulShutdown,
    draining: CancellationToken,
    connections: &mut JoinSet<()>,
) {
    // Answers are small: waiting to fill a packet would only delay them.
    let _ = stream.set_nodelay(true);
    let app = app.clone();
    let handled = Arc::new(AtomicUsize::new(0));
    let handling = handled.clone();
    let service = tower::service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(ClientAddress(peer.ip()));
        let request: Request = request.map(Body::new);
        let one = Handled::new(&handling);
        let answered = app.clone().oneshot(request);
        async move {
            let answered = answered.await;
            drop(one);
            answered
        }
    });
    let mut builder = auto::Builder::new(TokioExecutor::new()).http1_only();
    // A head that never ends must not hold up the shutdown.
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .keep_alive(true);
    let builder = Arc::new(builder);
    let watcher = graceful.watcher();
    connections.spawn(async move {
        let connection =
            builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
        tokio::select! {
            ended = watcher.watch(connection) => {
                if let Err(error) = ended {
                    debug!("a connection ended early: {error}");
                }
            }
            () = half_sent(draining, handled) => debug!("a request that was sent by half is given up"),
        }
    });
}

/// Ends when the service is ending and no request of a connection has been handled for a while: what is still there
/// then is a head that doesn't come to its end.
async fn half_sent(draining: CancellationToken, handled: Arc<AtomicUsize>) {
    draining.cancelled().await;
    let mut quiet = 0;
    while quiet < 2 {
        tokio::time::sleep(HALF_SENT_PATIENCE).await;
        quiet = if handled.load(SeqCst) == 0 {
            quiet + 1
        } else {
            0
        };
    }
}

/// One request that is being handled; counted until it is dropped.
struct Handled(Arc<AtomicUsize>);

impl Handled {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, SeqCst);
        Self(count.clone())
    }
}

impl Drop for Handled {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}
