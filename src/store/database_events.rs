//! Events: the changes of status of managed databases, numbered in the order in which they become visible.
//!
//! Readers ask for the events after the last number that they have seen, so a smaller number must never become visible
//! later. Therefore a transaction takes the lock `DATABASE_EVENTS` before it gets a number, and holds it until it
//! commits.

use std::{
    pin::pin,
    time::{Duration, Instant},
};

use sqlx::FromRow;

use super::query::{Filter, Sort, Window};
use super::{Paged, Store};
use crate::domain::{DatabaseStatus, Id, Time};

const POLL: Duration = Duration::from_millis(500);

/// A row of `database_events`.
#[derive(Debug, Clone, FromRow)]
pub struct DatabaseEvent {
    /// Sequence number, starting at 1.
    pub id: i64,
    pub database_id: Id,
    /// `None` for the first event of a database.
    pub from: Option<String>,
    #[sqlx(try_from = "String")]
    pub to: DatabaseStatus,
    pub message: Option<String>,
    /// The name of the user or client.
    pub actor: String,
    pub created_at: Time,
}

/// Records an event. It must be the last statement of a transaction, so that every number that is assigned is used.
macro_rules! insert_event {
    ($db:ident, $database_id:expr, $from:expr, $to:expr, $message:expr, $actor:expr) => {
        sqlx::query(
            "insert into database_events (database_id, \"from\", \"to\", message, actor, created_at)
             values ($1, $2, $3, $4, $5, $6)",
        )
        .bind($database_id)
        .bind($from.map(DatabaseStatus::as_str))
        .bind($to.as_str())
        .bind(&$message)
        .bind(&$actor)
        .bind(Time::now())
        .execute(&mut *$db)
        .await?
    };
}
pub(super) use insert_event;

impl Store {
    /// A page of the events after a number, and their total. If there is none, it waits for one until the given time.
    pub async fn wait_for_database_events(
        &self,
        after: i64,
        window: Window,
        until: Instant,
    ) -> Paged<DatabaseEvent> {
        loop {
            let mut changed = pin!(self.database_changed.notified());
            changed.as_mut().enable();
            let events = self.database_events(None, after, window).await?;
            let left = until.saturating_duration_since(Instant::now());
            if events.1 > 0 || left.is_zero() {
                return Ok(events);
            }
            // Changes by other replicas are found only by polling.
            let _ = tokio::time::timeout(left.min(POLL), changed).await;
        }
    }

    /// A page of the events after a number, of one database or of all, the oldest first, and their total.
    pub async fn database_events(
        &self,
        database_id: Option<Id>,
        after: i64,
        window: Window,
    ) -> Paged<DatabaseEvent> {
        let filter = Filter::all()
            .when("id > ?", Some(after))
            .when("database_id = ?", database_id);
        let window = Window {
            sort: Sort::NAME,
            ..window
        };
        let columns = "id, database_id, \"from\", \"to\", message, actor, created_at";
        self.list(columns, "database_events", &filter, "id", window)
            .await
    }
}
