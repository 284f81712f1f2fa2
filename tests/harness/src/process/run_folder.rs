//! The run's own folder, which goes with it, and the folders that killed runs have left.
//!
//! A run holds a lock on a file in its folder for as long as it lives; the kernel releases it, however the run ends.
//! Guardians clean up after a killed run within seconds. Where they were killed too, the next run does.

use std::{
    collections::BTreeSet,
    fs::{self, File, Permissions},
    io,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use crate::process::{guardian::Guarded, random_name};

const PREFIX: &str = "bdd-harness-";
/// Every system has it, and its path has no characters that mean something in a URL or a list of folders.
const SHORT: &str = "/tmp";
/// A file system in memory, on Linux.
const MEMORY: &str = "/dev/shm";
/// The file whose lock says that the run lives.
const ALIVE: &str = "alive";
/// In the environment of every process that belongs to a run.
pub const VARIABLE: &str = "BDD_RUN_FOLDER";

/// The run's own folder: a cluster, SQLite's files, and the folders that programs run in.
#[derive(Debug)]
pub struct RunFolder {
    pub path: PathBuf,
    guardian: Guarded,
    /// Locked.
    _alive: File,
}

impl RunFolder {
    /// Creates it, with its guardian.
    pub fn create() -> Result<Self, String> {
        Self::create_in(&std::env::temp_dir())
    }

    /// One more, where paths are short: a socket's may have about a hundred bytes, and `TMPDIR` any number.
    pub fn create_with_short_path() -> Result<Self, String> {
        Self::create_in(Path::new(SHORT))
    }

    /// One more in memory, where there is room for so many bytes.
    pub fn create_in_memory(bytes: u64) -> Option<Self> {
        let parent = Path::new(MEMORY);
        let found = rustix::fs::statvfs(parent).ok()?;
        if found.f_bavail.saturating_mul(found.f_frsize) < bytes {
            return None;
        }
        Self::create_in(parent).ok()
    }

    fn create_in(parent: &Path) -> Result<Self, String> {
        loop {
            let path = parent.join(format!("{PREFIX}{}", random_name()));
            fs::create_dir(&path)
                .map_err(|error| format!("no temporary folder: {}: {error}", path.display()))?;
            let guardian = Guarded::after_us(&["rm".as_ref(), "-rf".as_ref(), path.as_os_str()])
                .map_err(|error| format!("no shell to watch over the temporary folder: {error}"))?;
            let alive = lock(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            if let Some(alive) = alive {
                // The server may run as another user, who has to get through to its own folder.
                fs::set_permissions(&path, Permissions::from_mode(0o711))
                    .map_err(|error| error.to_string())?;
                return Ok(Self {
                    path,
                    guardian,
                    _alive: alive,
                });
            }
        }
    }

    /// Removes it; what can't be removed yet is left to the guardian.
    pub async fn remove(self) {
        if fs::remove_dir_all(&self.path).is_ok() {
            let _ = self.guardian.dismiss().await;
        }
    }
}

/// Locks a new folder. None when another run's sweep removed the folder before it was locked: until then it looks like
/// that of a killed run.
fn lock(folder: &Path) -> io::Result<Option<File>> {
    let path = folder.join(ALIVE);
    let alive = match File::create(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        created => created?,
    };
    alive.lock()?;
    let is_there = fs::metadata(&path).is_ok_and(|found| {
        alive
            .metadata()
            .is_ok_and(|locked| (found.dev(), found.ino()) == (locked.dev(), locked.ino()))
    });
    Ok(is_there.then_some(alive))
}

/// Whether the run of this folder still lives.
pub fn is_alive(folder: &Path) -> bool {
    dead(folder).is_err()
}

/// The lock of a dead run, where its folder has got as far as that; an error while the run lives or can't be asked.
fn dead(folder: &Path) -> Result<Option<File>, ()> {
    match File::open(folder.join(ALIVE)) {
        Ok(file) => file.try_lock().map(|()| Some(file)).map_err(|_| ()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(_) => Err(()),
    }
}

/// Ends the processes of dead runs and removes their folders; answers what was removed.
pub fn sweep() -> Vec<String> {
    let parents = BTreeSet::from([
        std::env::temp_dir(),
        PathBuf::from(SHORT),
        PathBuf::from(MEMORY),
    ]);
    let folders = parents
        .iter()
        .filter_map(|parent| fs::read_dir(parent).ok())
        .flatten()
        .filter_map(Result::ok)
        .filter(|entry| is_run_folder(&entry.file_name().to_string_lossy()))
        .map(|entry| entry.path());
    let mut swept = Vec::new();
    for folder in folders {
        // The lock is held until the folder is gone.
        let removed = match dead(&folder) {
            Ok(Some(_lock)) => {
                end_processes(&folder);
                fs::remove_dir_all(&folder)
            }
            // Killed before the file was there, so the folder is empty.
            Ok(None) => fs::remove_dir(&folder),
            Err(()) => continue,
        };
        if removed.is_ok() {
            swept.push(folder.display().to_string());
        }
    }
    swept
}

/// The prefix and the eight digits of a run's name.
fn is_run_folder(name: &str) -> bool {
    name.strip_prefix(PREFIX)
        .is_some_and(|run| run.len() == 8 && run.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Ends the cluster's server, and every process with the run's folder in its environment.
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

/// Whether there is such a process.
pub fn is_running(process: u32) -> bool {
    !command_of(process).trim().is_empty()
}

fn signal(name: &str, process: u32) {
    let _ = Command::new("kill")
        .args(["-s", name, &process.to_string()])
        .status();
}
