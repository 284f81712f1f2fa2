//! The run's own folder, which is removed at the end, and the folders that killed runs have left.
//!
//! A run holds a lock on a file in its folder while it is alive. The kernel releases the lock, however the run ends.
//! Guardians clean up within seconds after a run is killed. If they were killed too, the next run does it.

use std::{
    collections::BTreeSet,
    ffi::OsString,
    fs::{self, File, Permissions},
    io,
    os::unix::{
        ffi::{OsStrExt as _, OsStringExt as _},
        fs::{MetadataExt as _, PermissionsExt as _},
    },
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use rustix::{
    io::Errno,
    process::{Pid, Signal, kill_process, test_kill_process},
};

use crate::process::{
    guardian::Guarded,
    project_root, random_name,
    table::{self, Stat},
};

const PREFIX: &str = "bdd-harness-";
/// Every system has this folder, and its path has no characters with a meaning in a URL or a list of folders.
const SHORT: &str = "/tmp";
/// A file system in memory, on Linux.
const MEMORY: &str = "/dev/shm";
/// The file whose lock shows that the run is alive.
const ALIVE: &str = "alive";
/// The path of the project that keeps the folder.
const KEPT: &str = "kept";
/// Set in the environment of every process that belongs to a run.
pub const VARIABLE: &str = "BDD_RUN_FOLDER";

/// The run's own folder. It contains a cluster, SQLite's files, and the working folders of programs.
#[derive(Debug)]
pub struct RunFolder {
    pub path: PathBuf,
    guardian: Guarded,
    /// Holds the lock.
    _alive: File,
}

impl RunFolder {
    /// Creates the folder and its guardian.
    pub fn create() -> Result<Self, String> {
        Self::create_in(&std::env::temp_dir())
    }

    /// Creates another one with a short path: a socket's path is limited to about a hundred bytes, and `TMPDIR` may be
    /// long.
    pub fn create_with_short_path() -> Result<Self, String> {
        Self::create_in(Path::new(SHORT))
    }

    /// Creates another one in memory, if there is room for this number of bytes.
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
                // The server may run as another user, who has to reach its own folder.
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

    /// Keeps the folder until the next run of this project removes it.
    pub async fn keep(self) {
        // Without the file, the next run of any project removes the folder.
        let project = project_root();
        let _ = fs::write(self.path.join(KEPT), project.as_os_str().as_bytes());
        let _ = self.guardian.dismiss().await;
    }

    /// Removes the folder. The guardian removes what is still in use.
    pub async fn remove(self) {
        if remove_all(&self.path).is_ok() {
            let _ = self.guardian.dismiss().await;
        }
    }
}

/// Locks a new folder. `None` if another run removed the folder first: without a lock it looks like that of a killed
/// run.
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

/// Whether the run of this folder is alive.
pub fn is_alive(folder: &Path) -> bool {
    match File::open(folder.join(ALIVE)) {
        Ok(file) => file.try_lock().is_err(),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}

/// Whether another project keeps the folder, and still exists.
pub fn is_kept_by_another(folder: &Path) -> bool {
    let Ok(project) = fs::read(folder.join(KEPT)) else {
        return false;
    };
    let project = PathBuf::from(OsString::from_vec(project));
    project != project_root() && project.is_dir()
}

/// Removes the folder and ends its processes, unless its run is alive. An error means that the run is alive, or that
/// the folder can't be removed.
fn remove_dead(folder: &Path) -> io::Result<()> {
    // A new folder is empty. In another one `rm` was interrupted after it had removed the file.
    if !folder.join(ALIVE).exists() && fs::remove_dir(folder).is_ok() {
        return Ok(());
    }
    let alive = File::options()
        .create(true)
        .append(true)
        .open(folder.join(ALIVE))?;
    alive.try_lock()?;
    end_processes(folder);
    remove_all(folder)
}

/// Removes the file with the lock last: until then, the lock shows whose folder it is.
fn remove_all(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name() == ALIVE {
            continue;
        }
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    fs::remove_file(folder.join(ALIVE))?;
    fs::remove_dir(folder)
}

/// Ends the processes of dead runs and removes their folders. Returns what was removed.
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
        .map(|entry| entry.path())
        .filter(|folder| !is_kept_by_another(folder));
    let mut swept = Vec::new();
    for folder in folders {
        if remove_dead(&folder).is_ok() {
            swept.push(folder.display().to_string());
        }
    }
    swept
}

/// Whether the name consists of the prefix and the eight digits of a run's name.
fn is_run_folder(name: &str) -> bool {
    name.strip_prefix(PREFIX)
        .is_some_and(|run| run.len() == 8 && run.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Ends the cluster's server, and every process that has the run's folder in its environment.
fn end_processes(folder: &Path) {
    let mut processes = with_variable(folder);
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
        // QUIT makes a server end at once, together with its child processes.
        signal(Signal::QUIT, *process);
    }
    let start = Instant::now();
    while processes.iter().any(|process| is_running(*process)) {
        if start.elapsed() > Duration::from_secs(5) {
            for process in processes {
                signal(Signal::KILL, process);
            }
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Processes that have this run's folder in their environment. Only Linux shows a process's environment.
fn with_variable(folder: &Path) -> Vec<u32> {
    let wanted = format!("{VARIABLE}={}", folder.display());
    let has_it = |process: &u32| {
        let environment = fs::read(format!("/proc/{process}/environ")).unwrap_or_default();
        let mut variables = environment.split(|byte| *byte == 0);
        variables.any(|variable| variable == wanted.as_bytes())
    };
    table::processes().filter(has_it).collect()
}

fn command_of(process: u32) -> String {
    let output = Command::new("ps")
        .args(["-o", "args=", "-p", &process.to_string()])
        .output();
    output.map_or_else(
        |_| String::new(),
        |output| String::from_utf8_lossy(&output.stdout).into_owned(),
    )
}

pub fn is_running(process: u32) -> bool {
    let has_ended = Stat::of(process).is_some_and(|stat| stat.has_ended);
    pid(process).is_some_and(|pid| test_kill_process(pid) != Err(Errno::SRCH)) && !has_ended
}

fn signal(signal: Signal, process: u32) {
    // It may be gone already.
    let _ = pid(process).map(|pid| kill_process(pid, signal));
}

fn pid(process: u32) -> Option<Pid> {
    Pid::from_raw(i32::try_from(process).ok()?)
}
