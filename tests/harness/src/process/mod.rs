//! Processes and folders of a run. They are removed with it, however it ends.

pub mod environment;
pub mod exit_code;
pub mod group;
pub mod guardian;
pub mod panics;
pub mod run_folder;
pub mod table;

use std::{
    net::{Ipv4Addr, TcpListener},
    path::PathBuf,
};

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

/// A free port of 127.0.0.1. It is outside of the range from which systems assign ports, so no client's connection
/// takes it before it is used.
pub fn free_port() -> std::io::Result<u16> {
    static GIVEN: std::sync::Mutex<Vec<u16>> = std::sync::Mutex::new(Vec::new());
    let mut given = GIVEN
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    for _ in 0..1000 {
        let port = rand::random_range(20_000..32_000);
        if !given.contains(&port) && is_free(port) {
            given.push(port);
            return Ok(port);
        }
    }
    Err(std::io::Error::other(
        "no port between 20000 and 32000 is free",
    ))
}

/// Whether nothing listens on this port of 127.0.0.1.
pub fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}
