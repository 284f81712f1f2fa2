//! The run's own folder, which goes with it, and what killed runs have left.
//!
//! A run holds a lock on a file in its folder for as long as it lives; the kernel lets go of it, however the run ends.
//! Guardians clean up after a killed run within seconds. Where they were killed too, the next run does.

use std::{
    fs::{self, File, Permissions},
    io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use crate::process::guardian::Guarded;

const PREFIX: &str = "dlc-bdd-";
/// The file whose lock says that the run lives.
const ALIVE: &str = "alive";
/// In the environment of every process that belongs to a run.
pub const VARIABLE: &str = "BDD_RUN_FOLDER";

/// The run's own folder: a cluster, SQLite's files, and the folders that programs run in.
pub struct RunFolder {
    pub path: PathBuf,
    guardian: Guarded,
    /// Locked.
    _alive: File,
}

impl RunFolder {
    /// Makes it, with its guardian.
    pub fn make() -> Result<Self, String> {
        // Under another name until it is locked, so that nobody takes it for a dead run's.
        let folder = tempfile::TempDir::with_prefix(format!(".{PREFIX}"))
            .map_err(|error| format!("no temporary folder: {error}"))?;
        let alive = File::create(folder.path().join(ALIVE)).map_err(|error| error.to_string())?;
        alive
            .lock()
            .map_err(|error| format!("the temporary folder knows no locks: {error}"))?;
        // The server may run as another user, who has to get through to its own folder.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o711))
            .map_err(|error| error.to_string())?;
        let name = folder
            .path()
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let path = folder.path().with_file_name(name.trim_start_matches('.'));
        let guardian =
            Guarded::should_we_die(&["rm".as_ref(), "-rf".as_ref(), path.as_os_str()])
                .map_err(|error| format!("no shell to watch over the temporary folder: {error}"))?;
        fs::rename(folder.keep(), &path).map_err(|error| error.to_string())?;
        Ok(Self {
            path,
            guardian,
            _alive: alive,
        })
    }

    /// Removes it; what can't be removed yet the guardian goes on with.
    pub async fn remove(self) {
        if fs::remove_dir_all(&self.path).is_ok() {
            let _ = self.guardian.dismiss().await;
        }
    }
}

/// Whether the run that this folder belongs to is still there. A folder that is gone has nobody.
pub fn is_alive(folder: &Path) -> bool {
    match File::open(folder.join(ALIVE)) {
        Ok(file) => file.try_lock().is_err(),
        // Somebody else's, whom we can't ask.
        Err(error) => error.kind() == io::ErrorKind::PermissionDenied,
    }
}

/// Ends the processes of dead runs and removes their folders; answers what was removed.
pub fn sweep() -> Vec<String> {
    let Ok(entries) = fs::read_dir(std::env::temp_dir()) else {
        return Vec::new();
    };
    let folders = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with(PREFIX) && path.join(ALIVE).is_file()
        });
    let mut swept = Vec::new();
    for folder in folders.filter(|folder| !is_alive(folder)) {
        end_processes(&folder);
        if fs::remove_dir_all(&folder).is_ok() {
            swept.push(folder.display().to_string());
        }
    }
    swept
}

/// The cluster's server, and whatever else says that it belongs to this run.
fn end_processes(folder: &Path) {
    let mut processes: Vec<u32> = with_variable(folder);
    let lock = fs::read_to_string(folder.join("postgres/data/postmaster.pid")).unwrap_or_default();
    if let Some(server) = lock
        .lines()
        .next()
        .and_then(|line| line.trim().parse().ok())
        && command_of(server).contains(&*folder.to_string_lossy())
    {
        processes.push(server);
    }
    for process in &processes {
        // A server takes QUIT as the order to go at once and to take its children along.
        signal("QUIT", *process);
    }
    let start = Instant::now();
    while processes.iter().any(|process| is_running(*process)) {
        if start.elapsed() > Duration::from_secs(5) {
            for process in processes {
                signal("KILL", process);
            }
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Processes with this run's folder in their environment; only Linux tells.
fn with_variable(folder: &Path) -> Vec<u32> {
    let wanted = format!("{VARIABLE}={}", folder.display());
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .filter_map(Result::ok)
        .filter_map(|entry| {
            let process = entry.file_name().to_str()?.parse().ok()?;
            let environment = fs::read(entry.path().join("environ")).ok()?;
            environment
                .split(|byte| *byte == 0)
                .any(|variable| variable == wanted.as_bytes())
                .then_some(process)
        })
        .collect()
}

fn command_of(process: u32) -> String {
    let said = Command::new("ps")
        .args(["-o", "args=", "-p", &process.to_string()])
        .output();
    said.map_or_else(
        |_| String::new(),
        |said| String::from_utf8_lossy(&said.stdout).into_owned(),
    )
}

fn is_running(process: u32) -> bool {
    !command_of(process).trim().is_empty()
}

fn signal(name: &str, process: u32) {
    let _ = Command::new("kill")
        .args(["-s", name, &process.to_string()])
        .status();
}
