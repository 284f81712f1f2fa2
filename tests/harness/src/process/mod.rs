//! Processes and folders of a run. They are removed with it, however it ends.

pub mod environment;
pub mod exit_code;
pub mod group;
pub mod guardian;
pub mod panics;
pub mod run_folder;
pub mod table;

use std::{
    io,
    net::{Ipv4Addr, TcpListener},
    os::fd::OwnedFd,
    path::{Path, PathBuf},
};

use parking_lot::Mutex;
use tokio::net::unix::pipe;

/// A pipe for both outputs of a command. It keeps the order of their lines.
pub fn output_pipe() -> io::Result<(pipe::Receiver, OwnedFd, OwnedFd)> {
    let (writer, reader) = pipe::pipe()?;
    let output = writer.into_blocking_fd()?;
    let errors = output.try_clone()?;
    Ok((reader, output, errors))
}

/// A unique name for a run.
pub fn random_name() -> String {
    uuid::Uuid::new_v4().simple().to_string()[..8].to_owned()
}

/// The folder of the package whose suite this is. cargo sets it; without cargo it is the current folder.
pub fn project_root() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(
        || std::env::current_dir().unwrap_or_default(),
        PathBuf::from,
    )
}

/// A path, relative to the package's folder if it is in there.
pub fn below_project_root(path: &Path) -> String {
    let inside = path.strip_prefix(project_root()).unwrap_or(path);
    inside.display().to_string()
}

/// A free port of 127.0.0.1. It is outside of the range from which systems assign ports, so no client's connection
/// takes it before it is used.
pub fn free_port() -> io::Result<u16> {
    static GIVEN: Mutex<Vec<u16>> = Mutex::new(Vec::new());
    let mut given = GIVEN.lock();
    for _ in 0..1000 {
        let port = rand::random_range(20_000..32_000);
        if !given.contains(&port) && is_free(port) {
            given.push(port);
            return Ok(port);
        }
    }
    Err(io::Error::other("no port between 20000 and 32000 is free"))
}

/// Whether nothing listens on this port of 127.0.0.1.
pub fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}
