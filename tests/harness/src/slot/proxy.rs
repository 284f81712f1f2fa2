//! A proxy between a slot's service and its database. It can be slow or lose every packet.
//!
//! It passes bytes on unchanged, so TLS and login work as without it.

use std::{io, path::PathBuf, str::FromStr as _, time::Duration};

use sqlx::postgres::PgConnectOptions;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, UnixStream},
    sync::{mpsc, watch},
    task::{JoinHandle, JoinSet},
    time::Instant,
};
use url::Url;

use crate::{failure::Failure, sql::retain_parameters};

/// How many pieces of which size wait in each direction, like the buffers of a network.
const PIECES: usize = 64;
const PIECE: usize = 16 * 1024;

/// The state of the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    Fast,
    /// The database's answers are delayed by this time.
    SlowBy(Duration),
    /// Packets vanish in both directions, and nobody gets an error.
    Silent,
}

/// A proxy in front of one database server.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    network: watch::Sender<Network>,
    accepting: JoinHandle<()>,
}

#[derive(Clone)]
enum Upstream {
    Tcp(String, u16),
    Socket(PathBuf),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    ToDatabase,
    ToService,
}

impl Proxy {
    /// Starts a proxy for the server of this URL.
    pub async fn start(url: &str) -> Result<Self, Failure> {
        let failed = |error: io::Error| Failure::new(format!("no proxy for the database: {error}"));
        let upstream = Upstream::of(url)?;
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        let (network, watched) = watch::channel(Network::Fast);
        let accepting = tokio::spawn(accept(listener, upstream, watched));
        Ok(Self {
            port,
            network,
            accepting,
        })
    }

    pub fn set(&self, network: Network) {
        self.network.send_replace(network);
    }

    /// The same URL with the proxy's address instead of the server's.
    pub fn url(&self, url: &str) -> Result<String, Failure> {
        let mut url = Url::parse(url)?;
        if url
            .query_pairs()
            .any(|(name, value)| name == "sslmode" && value == "verify-full")
        {
            return Err(Failure::new(
                "the server's certificate isn't for the proxy at 127.0.0.1, so sslmode=verify-full can't be kept: \
                 write sslmode=verify-ca in the server's URL",
            ));
        }
        retain_parameters(&mut url, |name, _| {
            !["host", "hostaddr", "port"].contains(&name)
        });
        // These can't fail, because the URL is one of a server.
        let _ = url.set_host(Some("127.0.0.1"));
        let _ = url.set_port(Some(self.port));
        Ok(url.to_string())
    }
}

impl Drop for Proxy {
    /// When the task ends, its connections end too.
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Upstream {
    fn of(url: &str) -> Result<Self, Failure> {
        let options = PgConnectOptions::from_str(url)?;
        let (host, port) = (options.get_host(), options.get_port());
        let folder = match options.get_socket() {
            Some(folder) => Some(folder.clone()),
            None => host.starts_with('/').then(|| PathBuf::from(host)),
        };
        Ok(match folder {
            Some(folder) => Self::Socket(folder.join(format!(".s.PGSQL.{port}"))),
            None => Self::Tcp(host.trim_matches(['[', ']']).to_owned(), port),
        })
    }
}

async fn accept(listener: TcpListener, upstream: Upstream, network: watch::Receiver<Network>) {
    let mut connections = JoinSet::new();
    while let Ok((service, _)) = listener.accept().await {
        let _ = service.set_nodelay(true);
        connections.spawn(connect(service, upstream.clone(), network.clone()));
        while connections.try_join_next().is_some() {}
    }
}

async fn connect(service: TcpStream, upstream: Upstream, mut network: watch::Receiver<Network>) {
    if reachable(&mut network).await.is_err() {
        return;
    }
    match upstream {
        Upstream::Tcp(host, port) => {
            if let Ok(database) = TcpStream::connect((host, port)).await {
                let _ = database.set_nodelay(true);
                join(service.into_split(), database.into_split(), &network).await;
            }
        }
        Upstream::Socket(path) => {
            if let Ok(database) = UnixStream::connect(path).await {
                join(service.into_split(), database.into_split(), &network).await;
            }
        }
    }
}

async fn join(
    service: (impl AsyncRead + Unpin, impl AsyncWrite + Unpin),
    database: (impl AsyncRead + Unpin, impl AsyncWrite + Unpin),
    network: &watch::Receiver<Network>,
) {
    tokio::join!(
        pass(service.0, database.1, Direction::ToDatabase, network),
        pass(database.0, service.1, Direction::ToService, network),
    );
}

/// Passes pieces on in order, each at its time, and then the end of the stream.
async fn pass(
    from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    direction: Direction,
    network: &watch::Receiver<Network>,
) {
    let (sender, mut receiver) = mpsc::channel::<(Instant, Vec<u8>)>(PIECES);
    let reading = read(from, sender, direction, network.clone());
    let mut network = network.clone();
    let writing = async {
        while let Some((due, bytes)) = receiver.recv().await {
            tokio::time::sleep_until(due).await;
            if reachable(&mut network).await.is_err() || to.write_all(&bytes).await.is_err() {
                return;
            }
        }
        if reachable(&mut network).await.is_ok() {
            let _ = to.shutdown().await;
        }
    };
    tokio::join!(reading, writing);
}

async fn read(
    mut from: impl AsyncRead + Unpin,
    sender: mpsc::Sender<(Instant, Vec<u8>)>,
    direction: Direction,
    network: watch::Receiver<Network>,
) {
    let mut piece = vec![0; PIECE];
    while let Ok(length @ 1..) = from.read(&mut piece).await {
        let due = match *network.borrow() {
            Network::SlowBy(delay) if direction == Direction::ToService => Instant::now() + delay,
            _ => Instant::now(),
        };
        if sender.send((due, piece[..length].to_vec())).await.is_err() {
            return;
        }
    }
}

/// Waits while packets vanish. Fails if the proxy is gone.
async fn reachable(network: &mut watch::Receiver<Network>) -> Result<(), watch::error::RecvError> {
    network
        .wait_for(|network| *network != Network::Silent)
        .await
        .map(|_| ())
}
