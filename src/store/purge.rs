//! Erases rows that were soft-deleted long ago.

use super::{Store, StoreError};
use crate::domain::Time;

/// Tables with soft-deleted rows, and the statements that erase those deleted before `$1`. Rows that belong to them are
/// deleted by foreign keys.
const PURGED: [(&str, &str); 4] = [
    ("products", "delete from products where deleted_at < $1"),
    ("pizzas", "delete from pizzas where deleted_at < $1"),
    (
        "databases",
        "delete from databases where status = 'deleted' and updated_at < $1",
    ),
    ("users", "delete from users where deleted_at < $1"),
];

impl Store {
    /// Erases rows that were soft-deleted before a time, all or none. Returns the number of rows per table.
    pub async fn purge(&self, before: Time) -> Result<Vec<(&'static str, u64)>, StoreError> {
        in_transaction!(self, db => {
            let mut purged = Vec::new();
            for (table, delete) in PURGED {
                let done = sqlx::query(delete).bind(before).execute(&mut *db).await?;
                purged.push((table, done.rows_affected()));
            }
            Ok(purged)
        })
    }
}
