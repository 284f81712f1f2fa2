//! Processes and folders of a run, which end with it however it ends.

pub mod environment;
pub mod guardian;
pub mod panics;
pub mod run_folder;

use std::path::PathBuf;

/// A name for a run that no other run has.
pub fn random_name() -> String {
    uuid::Uuid::new_v4().simple().to_string()[..8].to_owned()
}

/// The folder of the package whose suite this is: cargo names it, and elsewhere it is the current folder.
pub fn project_root() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(
        || std::env::current_dir().unwrap_or_default(),
        PathBuf::from,
    )
}
