//! What is known about the slot that `bdd lend` has lent: its database, its process, and where that listens.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write as _},
    net::SocketAddr,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use url::Url;

use super::ending::Stop;
use crate::{
    failure::{Failure, Misuse},
    process::{run_folder, table},
    slot::probes,
};

/// How often the ports of a process are read until one answers.
const POLL: Duration = Duration::from_millis(50);

/// What `--lent` needs to know about a slot. It is in a file that only its user can read, and that is removed with the
/// lender.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Lent {
    /// The process that lends the slot.
    pub lender: u32,
    /// The lender's folder. The lender holds a lock in it while it is alive.
    pub folder: PathBuf,
    pub owner_url: Url,
    pub service_url: Url,
    /// The marker in the database.
    pub secret: String,
    pub first_transaction: i64,
    pub borrower: Borrower,
    /// The value of `{port}` in the command or in its environment.
    pub port: Option<u16>,
    /// The command contains `{port}`, so it listens there. A variable may be ignored.
    pub takes_port: bool,
}

/// Who uses the slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum Borrower {
    /// There is no command: the user starts a process.
    Unknown,
    /// The command starts in a moment.
    Starting,
    Process(u32),
}

/// The path of this file, in the folder that outlives runs.
fn file(cache: &Path) -> PathBuf {
    cache.join("lent.json")
}

impl Lent {
    /// The lent slot, for a run with `--lent`. `needs_address`: the run sends requests to the process.
    pub fn borrowed(lent: Option<Self>, needs_address: bool) -> Result<Self, Misuse> {
        let lent = lent.ok_or_else(|| {
            Misuse(
                "--lent: no slot of this project is lent: `bdd lend -- COMMAND` lends one".into(),
            )
        })?;
        if needs_address && lent.borrower == Borrower::Unknown {
            return Err(Misuse(
                "--lent: the address of your process is unknown, because `bdd lend` has started none: \
                 add --target http://127.0.0.1:PORT"
                    .into(),
            ));
        }
        Ok(lent)
    }

    /// The slot that is currently lent in a project, if there is one. If its lender was killed, its file is removed.
    pub fn read(cache: &Path) -> Option<Self> {
        let text = fs::read_to_string(file(cache)).ok()?;
        let lent: Self = serde_json::from_str(&text).ok()?;
        if run_folder::is_alive(&lent.folder) {
            return Some(lent);
        }
        Self::remove(cache);
        None
    }

    /// Replaces the file at once: whoever reads it gets the old one or the new one.
    pub fn write(&self, cache: &Path) -> Result<(), Failure> {
        let path = file(cache);
        let new = path.with_extension("new");
        let failed = |error: io::Error| Failure::new(format!("{}: {error}", path.display()));
        fs::create_dir_all(cache).map_err(failed)?;
        let _ = fs::remove_file(&new);
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&new)
            .map_err(failed)?;
        let text =
            serde_json::to_string_pretty(self).map_err(|error| Failure::new(error.to_string()))?;
        file.write_all(text.as_bytes()).map_err(failed)?;
        fs::rename(&new, &path).map_err(failed)
    }

    pub fn remove(cache: &Path) {
        let _ = fs::remove_file(file(cache));
    }

    /// The ports where the process may listen, each with a name. The command's own port is known; otherwise those on which
    /// the command or its child processes listen.
    fn ports(&self) -> BTreeMap<u16, String> {
        let own = |port| BTreeMap::from([(port, "your process".to_owned())]);
        match (self.port, self.borrower) {
            (Some(port), _) if self.takes_port || !table::is_shown() => own(port),
            (port, Borrower::Process(pid)) => {
                let found = table::listening(pid);
                match port.filter(|port| found.contains_key(port)) {
                    Some(port) => own(port),
                    None => found,
                }
            }
            _ => BTreeMap::new(),
        }
    }

    /// Where the process answers. Waits for it for at most this time; `None` if it listens nowhere. `path` is the one that
    /// shows whether it is ready.
    pub async fn address(
        cache: &Path,
        path: Option<&str>,
        limit: Duration,
    ) -> Result<Option<SocketAddr>, Stop> {
        let start = Instant::now();
        loop {
            let Some(lent) = Self::read(cache) else {
                return Err(Stop::Failure("--lent: `bdd lend` has ended".to_owned()));
            };
            let ports = lent.ports();
            let mut ready = BTreeMap::new();
            for (port, name) in &ports {
                let Some(address) = probes::accepts(*port).await else {
                    continue;
                };
                // A debugger listens too, but doesn't speak HTTP.
                if path.is_none() && ports.len() == 1 || is_ready(address, path).await? {
                    ready.insert(address, name);
                }
            }
            let mut all = ready.iter();
            match (all.next(), all.next()) {
                (Some((address, _)), None) => return Ok(Some(*address)),
                (Some(_), Some(_)) => return Err(several(&ready).into()),
                (None, _) if start.elapsed() < limit => tokio::time::sleep(POLL).await,
                (None, _) if ports.is_empty() => return Ok(None),
                (None, _) => return Err(not_ready(&ports, path, limit)),
            }
        }
    }
}

async fn is_ready(address: SocketAddr, path: Option<&str>) -> Result<bool, Stop> {
    let status = probes::status(address, path.unwrap_or("/")).await;
    let status = status.map_err(|failure| Stop::Failure(failure.to_string()))?;
    Ok(status.is_some_and(|status| path.is_none() || probes::is_success(status)))
}

fn several(ready: &BTreeMap<SocketAddr, &String>) -> Misuse {
    let names: Vec<String> = ready
        .iter()
        .map(|(address, name)| format!("http://{address} ({name})"))
        .collect();
    Misuse(format!(
        "--lent: your process answers at several addresses: name one of them by --target, or a path that only the service answers, \
         by service.ready.get in bdd.toml: {}",
        names.join(", ")
    ))
}

fn not_ready(ports: &BTreeMap<u16, String>, path: Option<&str>, limit: Duration) -> Stop {
    let ports: Vec<String> = ports
        .iter()
        .map(|(port, name)| format!("{port} ({name})"))
        .collect();
    let what = path.map_or_else(
        || "no answer at 127.0.0.1".to_owned(),
        |path| format!("no success of GET {path} (ready.get in bdd.toml)"),
    );
    Stop::Failure(format!(
        "--lent: {what} within {limit:?} (--start-timeout, or ready.within in bdd.toml), on port {}",
        ports.join(", ")
    ))
}
