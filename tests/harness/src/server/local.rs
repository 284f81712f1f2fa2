//! A throwaway cluster, with PostgreSQL's own programs.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::process::Command;
use url::Url;

use crate::process::{
    environment::foreign_variables,
    guardian::Guarded,
    run_folder::{RunFolder, is_running},
};
use crate::server::{Origin, Server, TUNING, until_it_answers};

/// A running cluster; its guardian removes the folder.
#[derive(Debug)]
pub struct Cluster {
    server: Guarded,
    /// Its own folder in memory, or one for its socket, where they aren't in the run's.
    folder: Option<RunFolder>,
}

impl Cluster {
    pub async fn stop(self) {
        let _ = self.server.end().await;
        if let Some(folder) = self.folder {
            folder.remove().await;
        }
    }
}

/// The longest path of a folder for sockets: the system's limit, 104 bytes on some, without the file's name.
const LONGEST_SOCKET_FOLDER: usize = 104 - "/.s.PGSQL.5432".len() - 1;
/// The free space that a cluster in memory wants: the project's own suite needs a tenth of it for each slot.
const ROOM_IN_MEMORY: u64 = 2 << 30;
/// How many lines of a server's log are told when it didn't start.
const LOG_LINES: usize = 5;
/// How long a server may take to start.
const START: Duration = Duration::from_mins(2);

/// Boots a cluster in memory or in `folder`, which goes with the run; also answers the folder of the programs.
pub async fn server(
    cache: &Path,
    folder: &Path,
    in_memory: bool,
) -> Result<(Server, PathBuf), String> {
    let bin = programs()
        .ok_or("local: no initdb and postgres in PATH, pg_config --bindir or the usual folders")?;
    let server = boot(&bin, cache, folder, in_memory)
        .await
        .map_err(|reason| format!("local: {}: {reason}", bin.display()))?;
    Ok((server, bin))
}

/// The folder that holds `initdb` and `postgres`, the newest first.
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
    let said = std::process::Command::new("pg_config")
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
        .chain(said)
        .chain(usual.into_iter().rev())
        .find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
}

async fn boot(bin: &Path, cache: &Path, run: &Path, in_memory: bool) -> Result<Server, String> {
    let user = Unprivileged::when_root().map_err(|error| error.to_string())?;
    let memory = in_memory
        .then(|| RunFolder::create_in_memory(ROOM_IN_MEMORY))
        .flatten();
    let run = memory.as_ref().map_or(run, |memory| &memory.path);
    let folder = run.join("postgres");
    let told = |error: io::Error| format!("{}: {error}", folder.display());
    fs::create_dir(&folder).map_err(told)?;
    user.own(&folder).map_err(told)?;
    let data = folder.join("data");
    initialise(bin, cache, &data, user).await?;
    let sockets = match &memory {
        Some(_) => None,
        None => short_folder(&folder, user).await?,
    };
    let socket_folder = match &sockets {
        Some(sockets) => sockets.path.join(SOCKETS),
        None => folder.clone(),
    };
    // Outside of the folder that goes with the server: it is read when the server has ended.
    let log = run.join("postgres.log");
    let server = start(bin, &data, &folder, &socket_folder, &log, user).map_err(told)?;
    let mut cluster = Cluster {
        server,
        folder: memory.or(sockets),
    };
    let url = Url::parse_with_params(
        "postgres://postgres@localhost:5432/postgres",
        &[
            ("host", socket_folder.to_string_lossy().as_ref()),
            ("sslmode", "disable"),
        ],
    )
    .map_err(|error| error.to_string())?;
    let answered = until_it_answers(&url, START, || {
        let status = cluster.server.ended()?;
        Some(format!(
            "the server ended at its start with {status}: {}",
            end_of(&log)
        ))
    })
    .await;
    if let Err(reason) = answered {
        cluster.stop().await;
        return Err(reason);
    }
    Server::tuned(url, Origin::Local(Box::new(cluster))).await
}

/// Starts the server, in the environment that it gets everywhere.
fn start(
    bin: &Path,
    data: &Path,
    folder: &Path,
    socket_folder: &Path,
    log: &Path,
    user: Unprivileged,
) -> io::Result<Guarded> {
    let output = fs::File::create(log)?;
    let errors = output.try_clone()?;
    let mut command = vec![bin.join("postgres").into_os_string(), "-D".into()];
    command.push(data.as_os_str().to_owned());
    for (setting, value) in TUNING {
        command.extend(["-c".into(), format!("{setting}={value}").into()]);
    }
    // Nothing listens on the network, so that no port can be taken and nobody else can connect.
    command.extend(["-c", "listen_addresses=", "-c", "port=5432", "-k"].map(Into::into));
    command.push(socket_folder.as_os_str().to_owned());
    Guarded::start(&command, "QUIT", Some(folder), |shell| {
        shell.stdout(output).stderr(errors).current_dir("/");
        prepare(shell);
        user.run(shell);
    })
}

/// The folder for sockets in a run folder.
const SOCKETS: &str = "sockets";

/// A folder for the socket, where the path of the cluster's own is too long, or has characters that mean something in a
/// URL or in a list of folders.
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

/// What a developer's shell says of time zone, language and PostgreSQL doesn't reach its programs.
fn prepare(command: &mut Command) {
    for name in foreign_variables() {
        command.env_remove(name);
    }
    command.env("TZ", "UTC").env("LC_ALL", "C");
}

/// The last lines of a log.
fn end_of(log: &Path) -> String {
    let said = fs::read(log).unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    let lines: Vec<&str> = said.lines().collect();
    match lines.len() {
        0 => "it said nothing".to_owned(),
        count => lines[count.saturating_sub(LOG_LINES)..].join("\n    "),
    }
}

/// Creates the data folder: a copy of an earlier `initdb`'s, or by `initdb`.
async fn initialise(
    bin: &Path,
    cache: &Path,
    data: &Path,
    user: Unprivileged,
) -> Result<(), String> {
    let version = Command::new(bin.join("postgres"))
        .arg("--version")
        .output()
        .await;
    let version = version.map_err(|error| error.to_string())?.stdout;
    let name: String = String::from_utf8_lossy(&version)
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '.' {
                c
            } else {
                '-'
            }
        })
        .collect();
    let kept = cache.join(format!("initdb-{}", name.trim_matches('-')));
    remove_unfinished(cache);
    if kept.is_dir() {
        if copy(&kept, data, user).await.is_ok() {
            return Ok(());
        }
        // It may be another user's, and this one can't read it. The cache is only for speed.
        let _ = fs::remove_dir_all(data);
    }
    let mut initdb = Command::new(bin.join("initdb"));
    initdb
        .args([
            "--no-sync",
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "-D",
        ])
        .arg(data)
        .stdin(Stdio::null())
        .current_dir("/");
    prepare(&mut initdb);
    user.run(&mut initdb);
    let output = initdb.output().await.map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(format!(
            "initdb failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        ));
    }
    // Two runs may get here at once: each makes its own copy, and one rename wins.
    let fresh = cache.join(format!("{UNFINISHED}{}", std::process::id()));
    let stored = async {
        fs::create_dir_all(cache)?;
        copy(data, &fresh, Unprivileged(None)).await?;
        fs::rename(&fresh, &kept)
    };
    if stored.await.is_err() {
        // The cache is only for speed: a read-only checkout does without.
        let _ = fs::remove_dir_all(&fresh);
    }
    Ok(())
}

/// How the name of a copy begins that isn't finished; the rest is the number of the process that makes it.
const UNFINISHED: &str = ".initdb-";

/// Removes what killed runs left in the cache.
fn remove_unfinished(cache: &Path) {
    let entries = fs::read_dir(cache).into_iter().flatten();
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let process = name.strip_prefix(UNFINISHED).map(str::parse);
        if let Some(Ok(process)) = process
            && !is_running(process)
        {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Copies a data folder for `user`, with the mode the server insists on.
async fn copy(from: &Path, to: &Path, user: Unprivileged) -> io::Result<()> {
    let (from, to) = (from.to_owned(), to.to_owned());
    tokio::task::spawn_blocking(move || copy_folder(&from, &to, user)).await?
}

fn copy_folder(from: &Path, to: &Path, user: Unprivileged) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::create_dir(to)?;
    fs::set_permissions(to, fs::Permissions::from_mode(0o700))?;
    user.own(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target, user)?;
        } else {
            fs::copy(entry.path(), &target)?;
            user.own(&target)?;
        }
    }
    Ok(())
}

/// PostgreSQL refuses to run as root, so root runs it as another user.
#[derive(Clone, Copy)]
struct Unprivileged(Option<(u32, u32)>);

impl Unprivileged {
    fn when_root() -> io::Result<Self> {
        use std::os::unix::fs::MetadataExt as _;
        // The owner of a new file is our own user.
        let probe = tempfile::tempfile()?;
        if probe.metadata()?.uid() != 0 {
            return Ok(Self(None));
        }
        let accounts = fs::read_to_string("/etc/passwd")?;
        let ids = |name: &str| {
            accounts.lines().find_map(|line| {
                let fields: Vec<_> = line.split(':').collect();
                (fields.first() == Some(&name))
                    .then(|| Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?)))?
            })
        };
        match ids("postgres").or_else(|| ids("nobody")) {
            Some(ids) => Ok(Self(Some(ids))),
            None => Err(io::Error::other(
                "running as root, and there is no user postgres or nobody to run it as",
            )),
        }
    }

    fn own(self, path: &Path) -> io::Result<()> {
        match self.0 {
            Some((user, group)) => std::os::unix::fs::chown(path, Some(user), Some(group)),
            None => Ok(()),
        }
    }

    fn run(self, command: &mut Command) {
        if let Some((user, group)) = self.0 {
            command.uid(user).gid(group);
        }
    }
}
