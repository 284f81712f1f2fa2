//! A throwaway cluster, started with PostgreSQL's own programs.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use url::Url;

use crate::process::{free_port, guardian::Guarded, run_folder::RunFolder};
use crate::server::{
    Network, Origin, Server, ServerRequest, TUNING, initdb::initialise, unprivileged::Unprivileged,
    until_it_answers,
};
use crate::sql::literal;

/// A running cluster. Its guardian removes the folder.
#[derive(Debug)]
pub struct Cluster {
    server: Guarded,
    /// The cluster's own folder in memory, or a folder for its socket, if they aren't in the run's folder.
    folder: Option<RunFolder>,
}

impl Cluster {
    /// Keeps the cluster until the next run removes it.
    pub async fn keep(self) {
        let _ = self.server.keep().await;
        if let Some(folder) = self.folder {
            folder.keep().await;
        }
    }

    pub async fn stop(self) {
        let _ = self.server.end().await;
        if let Some(folder) = self.folder {
            folder.remove().await;
        }
    }
}

/// The maximum length of a socket folder's path: the system's limit (104 bytes on some) without the file's name.
const LONGEST_SOCKET_FOLDER: usize = 104 - "/.s.PGSQL.65535".len() - 1;
/// The free memory that a cluster in memory needs. The project's own suite uses a tenth of it for each slot.
const ROOM_IN_MEMORY: u64 = 2 << 30;
/// The number of log lines that are shown if a server doesn't start.
const LOG_LINES: usize = 5;
/// How long a server may take to start.
const START: Duration = Duration::from_mins(2);

/// Starts a cluster in memory or in `folder`, which is removed with the run. Also returns the folder of the programs.
pub async fn server(
    cache: &Path,
    folder: &Path,
    request: &ServerRequest,
) -> Result<(Server, PathBuf), String> {
    let bin = programs()
        .ok_or("local: no initdb and postgres in PATH, pg_config --bindir or the usual folders")?;
    let server = boot(&bin, cache, folder, request)
        .await
        .map_err(|reason| format!("local: {}: {reason}", bin.display()))?;
    Ok((server, bin))
}

/// The folder that contains `initdb` and `postgres`; the newest version is preferred.
pub fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let in_path = std::env::split_paths(&path).map(|folder| {
        // A link in PATH leads to the folder where the server finds its libraries and messages.
        let initdb = folder.join("initdb");
        fs::canonicalize(&initdb)
            .ok()
            .and_then(|real| real.parent().map(Path::to_owned))
            .unwrap_or(folder)
    });
    let pg_config = std::process::Command::new("pg_config")
        .arg("--bindir")
        .stderr(Stdio::null())
        .output()
        .ok()
        .and_then(|output| String::from_utf8(output.stdout).ok())
        .map(|text| PathBuf::from(text.trim()));
    let mut usual: Vec<PathBuf> = [
        "/usr/lib/postgresql",
        "/opt/homebrew/opt",
        "/usr/local/opt",
        "/usr",
    ]
    .iter()
    .filter_map(|parent| fs::read_dir(parent).ok())
    .flatten()
    .filter_map(Result::ok)
    .map(|entry| entry.path().join("bin"))
    .collect();
    usual.sort();
    in_path
        .chain(pg_config)
        .chain(usual.into_iter().rev())
        .find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
}

async fn boot(
    bin: &Path,
    cache: &Path,
    run: &Path,
    request: &ServerRequest,
) -> Result<Server, String> {
    let user = Unprivileged::when_root().map_err(|error| error.to_string())?;
    let memory = request
        .in_memory
        .then(|| RunFolder::create_in_memory(ROOM_IN_MEMORY))
        .flatten();
    let run = memory.as_ref().map_or(run, |memory| &memory.path);
    let folder = run.join("postgres");
    let failed = |error: io::Error| format!("{}: {error}", folder.display());
    fs::create_dir(&folder).map_err(failed)?;
    user.own(&folder).map_err(failed)?;
    let data = folder.join("data");
    initialise(bin, cache, &data, user).await?;
    let network = request.tcp.then(|| Network::new(&data)).transpose();
    let network = network.map_err(failed)?;
    let port = network.as_ref().map_or(PORT, |network| network.port);
    let sockets = match &memory {
        Some(_) => None,
        None => short_folder(&folder, user).await?,
    };
    let socket_folder = match &sockets {
        Some(sockets) => sockets.path.join(SOCKETS),
        None => folder.clone(),
    };
    // Outside of the cluster's folder, because it is read after the server has ended.
    let log = run.join("postgres.log");
    let command = command(bin, &data, &socket_folder, network.as_ref());
    let server = start(&command, &folder, &log, user).map_err(failed)?;
    let mut cluster = Cluster {
        server,
        folder: memory.or(sockets),
    };
    let url = Url::parse_with_params(
        &format!("postgres://postgres@localhost:{port}/postgres"),
        &[
            ("host", socket_folder.to_string_lossy().as_ref()),
            ("sslmode", "disable"),
        ],
    )
    .map_err(|error| error.to_string())?;
    let answered = until_it_answers(&url, START, || {
        let status = cluster.server.ended()?;
        Some(format!(
            "the server ended while starting, with {status}: {}",
            end_of(&log)
        ))
    })
    .await;
    if let Err(reason) = answered {
        cluster.stop().await;
        return Err(reason);
    }
    let mut server = Server::tuned(url, Origin::Local(Box::new(cluster))).await?;
    if let Some(network) = network {
        let password = format!(
            "alter role postgres password {}",
            literal(&network.password)
        );
        if let Err(error) = server.set(&password).await {
            server.stop().await;
            return Err(error);
        }
        server.network = Some(network);
    }
    Ok(server)
}

/// The port in the socket's name if the server doesn't listen on the network.
const PORT: u16 = 5432;

impl Network {
    /// A free port, and a rule that requires a password for all TCP connections.
    fn new(data: &Path) -> io::Result<Self> {
        fs::write(
            data.join("pg_hba.conf"),
            "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n",
        )?;
        Ok(Self {
            port: free_port()?,
            password: uuid::Uuid::new_v4().simple().to_string(),
        })
    }
}

fn command(
    bin: &Path,
    data: &Path,
    socket_folder: &Path,
    network: Option<&Network>,
) -> Vec<OsString> {
    let mut command = vec![bin.join("postgres").into_os_string(), "-D".into()];
    command.push(data.as_os_str().to_owned());
    for (setting, value) in TUNING {
        command.extend(["-c".into(), format!("{setting}={value}").into()]);
    }
    // The server listens on the network only if TCP is requested. Otherwise no port can conflict and nobody else can
    // connect.
    let (addresses, port) = network.map_or(("", PORT), |network| ("127.0.0.1", network.port));
    command.extend(["-c".into(), format!("listen_addresses={addresses}").into()]);
    command.extend(["-c".into(), format!("port={port}").into(), "-k".into()]);
    command.push(socket_folder.as_os_str().to_owned());
    command
}

/// Starts the server, in an environment that doesn't depend on the machine.
fn start(
    command: &[OsString],
    folder: &Path,
    log: &Path,
    user: Unprivileged,
) -> io::Result<Guarded> {
    let output = fs::File::create(log)?;
    let errors = output.try_clone()?;
    Guarded::start(command, "QUIT", Some(folder), |shell| {
        shell.stdout(output).stderr(errors).current_dir("/");
        user.run(shell);
    })
}

/// The folder for sockets in a run folder.
const SOCKETS: &str = "sockets";

/// A folder for the socket. Used if the path of the cluster's own folder is too long, or has characters with a meaning
/// in a URL or in a list of folders.
async fn short_folder(folder: &Path, user: Unprivileged) -> Result<Option<RunFolder>, String> {
    let path = folder.as_os_str().as_encoded_bytes();
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-".contains(byte);
    if path.len() <= LONGEST_SOCKET_FOLDER && path.iter().all(is_plain) {
        return Ok(None);
    }
    let run = RunFolder::create_with_short_path()?;
    let sockets = run.path.join(SOCKETS);
    match fs::create_dir(&sockets).and_then(|()| user.own(&sockets)) {
        Ok(()) => Ok(Some(run)),
        Err(error) => {
            run.remove().await;
            Err(format!("{}: {error}", sockets.display()))
        }
    }
}

/// The last lines of a log.
fn end_of(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    match lines.len() {
        0 => "its log is empty".to_owned(),
        count => lines[count.saturating_sub(LOG_LINES)..].join("\n    "),
    }
}
