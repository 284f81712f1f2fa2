//! Changes of image updates, numbered in the order in which they become visible. Event streams send them to clients.
//!
//! A stream continues after the last number that its client has seen, so a smaller number must never become visible
//! later. Therefore every transaction that changes image updates first takes the lock `IMAGE_UPDATES`, and holds it
//! until it commits.

use std::collections::BTreeMap;

use sqlx::FromRow;

use super::image_updates::{ImageUpdate, columns};
use super::{Store, StoreError};
use crate::domain::Id;

/// A change of an image update.
#[derive(Debug, Clone)]
pub struct ImageUpdateChange {
    /// Sequence number, starting at 1.
    pub number: i64,
    /// `reported`, `acknowledged`, `unacknowledged`, `tagged` or `deleted`.
    pub change: String,
    pub image_update_id: Id,
    /// The image update as it is now; `None` if it is deleted.
    pub update: Option<ImageUpdate>,
}

/// A row of `image_update_changes`.
#[derive(FromRow)]
struct Row {
    id: i64,
    image_update_id: Id,
    change: String,
}

impl Store {
    /// The number of the latest change, and of the oldest one that is kept. Both are 0 if there was none yet.
    pub async fn image_update_changes_kept(&self) -> Result<(i64, i64), StoreError> {
        on_db!(self.read, db => sqlx::query_as(
            "select coalesce(max(id), 0), coalesce(min(id), 0) from image_update_changes",
        )
        .fetch_one(db))
    }

    /// The changes after a number, the oldest first.
    pub async fn image_update_changes(
        &self,
        after: i64,
        limit: i64,
    ) -> Result<Vec<ImageUpdateChange>, StoreError> {
        let rows: Vec<Row> = on_db!(self.read, db => sqlx::query_as(
            "select id, image_update_id, change
               from image_update_changes
              where id > $1
              order by id
              limit $2",
        )
        .bind(after)
        .bind(limit)
        .fetch_all(db))?;
        let Some(last) = rows.last() else {
            return Ok(Vec::new());
        };
        let updates: Vec<ImageUpdate> = on_db!(self.read, db => sqlx::query_as(concat!(
            "select ", columns!(), "
               from image_updates
              where id in (select image_update_id from image_update_changes where id > $1 and id <= $2)",
        ))
        .bind(after)
        .bind(last.id)
        .fetch_all(db))?;
        let updates: BTreeMap<_, _> = updates.into_iter().map(|row| (row.id, row)).collect();
        let change = |row: Row| ImageUpdateChange {
            number: row.id,
            change: row.change,
            image_update_id: row.image_update_id,
            update: updates.get(&row.image_update_id).cloned(),
        };
        Ok(rows.into_iter().map(change).collect())
    }

    /// Completes when this process has changed image updates. Changes by other replicas are found only by polling.
    pub async fn image_updates_changed(&self) {
        self.image_updates_changed.notified().await;
    }
}
