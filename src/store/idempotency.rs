//! Requests that take effect once, however often they are sent. The transaction that creates the rows also stores the
//! response for later requests.

use std::time::Duration;

/// How long a key is kept.
pub(super) const LIFETIME: Duration = Duration::from_hours(24);
pub(super) const OTHER_BODY: &str = "the Idempotency-Key was used with another body";

/// A request with an `Idempotency-Key`.
#[derive(Debug, Clone)]
pub struct Once {
    /// A hash of the principal, the path and the key of the request.
    pub key_hash: String,
    pub body_hash: String,
}

/// The result of a request.
#[derive(Debug)]
pub enum Outcome<T> {
    Created(T),
    /// An earlier request created it; the response to that request.
    Earlier(String),
}

/// Returns the response to an earlier request with the same key, if there is one; otherwise claims the key. Another
/// request with the same key waits until this transaction ends.
macro_rules! earlier_answer {
    ($db:ident, $once:expr) => {
        if let Some(once) = &$once {
            let now = $crate::domain::Time::now();
            sqlx::query("delete from idempotency_keys where created_at <= $1")
                .bind(now.minus($crate::store::idempotency::LIFETIME))
                .execute(&mut *$db)
                .await?;
            let claimed = sqlx::query(
                "insert into idempotency_keys (key_hash, body_hash, answer, created_at)
                 values ($1, $2, '', $3)
                 on conflict (key_hash) do nothing",
            )
            .bind(&once.key_hash)
            .bind(&once.body_hash)
            .bind(now)
            .execute(&mut *$db)
            .await?;
            if claimed.rows_affected() == 0 {
                let (body_hash, answer): (String, String) = sqlx::query_as(
                    "select body_hash, answer from idempotency_keys where key_hash = $1",
                )
                .bind(&once.key_hash)
                .fetch_one(&mut *$db)
                .await?;
                if body_hash != once.body_hash {
                    return Err(StoreError::Conflict($crate::store::idempotency::OTHER_BODY));
                }
                return Ok($crate::store::idempotency::Outcome::Earlier(answer));
            }
        }
    };
}
pub(super) use earlier_answer;

/// Stores the response for later requests with the same key.
macro_rules! keep_answer {
    ($db:ident, $once:expr, $answer:expr) => {
        if let Some(once) = &$once {
            sqlx::query("update idempotency_keys set answer = $2 where key_hash = $1")
                .bind(&once.key_hash)
                .bind($answer)
                .execute(&mut *$db)
                .await?;
        }
    };
}
pub(super) use keep_answer;
