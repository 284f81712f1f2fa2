//! Decides which reads the replica answers.

use super::replica::{Replica, WRITTEN, needed, position};
use super::{Store, StoreError};
use crate::config::{self, Target};

impl Store {
    /// Adds a replica, and starts to watch its lag.
    #[must_use]
    pub fn with_replica(
        mut self,
        replica: &Target,
        primary: &Target,
        settings: &config::Database,
    ) -> Self {
        self.replica = Some(Replica::new(replica, primary, settings));
        self
    }

    /// The replica, if there is one that may answer the current request.
    pub(super) async fn usable_replica(&self) -> Option<&Replica> {
        let needed = needed()?;
        let replica = self.replica.as_ref()?;
        replica.has_replayed(needed).await.then_some(replica)
    }

    pub fn has_replica(&self) -> bool {
        self.replica.is_some()
    }

    /// Whether the replica answers, if there is one.
    pub fn replica_is_usable(&self) -> Option<bool> {
        self.replica.as_ref().map(Replica::is_fresh)
    }

    /// The position in the primary's write-ahead log up to which it has written.
    pub async fn written_position(&self) -> Result<Option<i64>, StoreError> {
        position(&self.read, WRITTEN).await
    }
}
