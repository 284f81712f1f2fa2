//! Events: the steps that databases took, numbered in the order in which they can be seen.
//!
//! Whoever follows them asks for what comes after the last number seen. So a smaller number must never become visible
//! later: a transaction takes [`lock::DATABASE_EVENTS`](super::engine::lock::DATABASE_EVENTS) before it takes a number, and
//! holds it until its event can be seen.

use sqlx::FromRow;

use super::query::page;
use super::{Store, StoreError, Window};
use crate::domain::{DatabaseStatus, Id, Time};

/// A row of `database_events`.
#[derive(Debug, Clone, FromRow)]
pub struct DatabaseEvent {
    /// 1, 2, 3.
    pub id: i64,
    /// Whose step it was.
    pub database_id: Id,
    /// Where it came from; the first step came from nowhere.
    pub from: Option<String>,
    /// Where it led.
    #[sqlx(try_from = "String")]
    pub to: DatabaseStatus,
    /// What there was to say about it.
    pub message: Option<String>,
    /// The user's or client's name.
    pub actor: String,
    /// When it was taken.
    pub created_at: Time,
}

/// Writes a step down; the last thing that a transaction does, so that a number which is given is used.
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
    /// A page of the events after a number, of one database or of all, the oldest first.
    pub async fn database_events(
        &self,
        database_id: Option<Id>,
        after: i64,
        window: Window,
    ) -> Result<(Vec<DatabaseEvent>, i64), StoreError> {
        page!(
            self,
            "id, database_id, \"from\", \"to\", message, actor, created_at",
            "from database_events
            where id > $1
              and database_id = $2",
            "id",
            window,
            [Some(after), database_id]
        )
    }
}
