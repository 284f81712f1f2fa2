//! The status of a managed database, and its allowed changes.

use super::words::words;

words! {
    /// The status of a managed database.
    DatabaseStatus {
        /// A team has asked for it.
        Requested = "requested",
        /// It is being created.
        Provisioning = "provisioning",
        /// It can be used.
        Ready = "ready",
        /// It could not be created.
        Failed = "failed",
        /// It is being deleted.
        Deleting = "deleting",
        /// It no longer exists.
        Deleted = "deleted",
    }
}

impl DatabaseStatus {
    /// Whether a database with this status may get the next one.
    pub fn can_become(self, next: Self) -> bool {
        match next {
            Self::Requested => false,
            Self::Provisioning => matches!(self, Self::Requested | Self::Failed),
            Self::Ready | Self::Failed => self == Self::Provisioning,
            Self::Deleting => !matches!(self, Self::Deleting | Self::Deleted),
            Self::Deleted => self == Self::Deleting,
        }
    }
}
