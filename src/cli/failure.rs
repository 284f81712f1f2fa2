//! Why a command failed.

use crate::config::ConfigError;
use crate::server;
use crate::store::{StoreError, open};

/// Why a command failed. Wrong usage has the exit code 2, everything else 1.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("{0}")]
    Usage(String),
    #[error("{0}")]
    Failed(String),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Open(#[from] open::StartError),
    #[error(transparent)]
    Serve(#[from] server::StartError),
}
