//! The run's own folder, which goes with it.

use std::{os::unix::fs::PermissionsExt as _, path::PathBuf};

use super::guardian::Guarded;

/// The run's own folder: a cluster, SQLite's files, and the folders that programs run in.
pub struct RunFolder {
    pub path: PathBuf,
    guardian: Guarded,
}

impl RunFolder {
    /// Makes it, with its guardian.
    pub fn make() -> Result<Self, String> {
        let folder = tempfile::TempDir::with_prefix("dlc-bdd-")
            .map_err(|error| format!("no temporary folder: {error}"))?;
        let guardian =
            Guarded::should_we_die(&["rm".as_ref(), "-rf".as_ref(), folder.path().as_os_str()])
                .map_err(|error| format!("no shell to watch over the temporary folder: {error}"))?;
        // The server may run as another user, who has to get through to its own folder.
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o711))
            .map_err(|error| error.to_string())?;
        Ok(Self {
            path: folder.keep(),
            guardian,
        })
    }

    /// Removes it; what can't be removed yet the guardian goes on with.
    pub async fn remove(self) {
        if std::fs::remove_dir_all(&self.path).is_ok() {
            let _ = self.guardian.dismiss().await;
        }
    }
}
