//! Counts attempts, such as to log in, for all replicas together.

use std::time::Duration;

use super::{Store, StoreError};
use crate::domain::Time;

/// How long attempts are counted, from the first one on. After that, the count starts at zero.
const WINDOW: Duration = Duration::from_mins(1);
/// On average, one attempt in this many deletes the counts whose window has ended.
const CLEANING: u32 = 100;

/// What attempts are counted for, and how many are allowed.
#[derive(Debug, Clone)]
pub struct AttemptLimit {
    /// A hash, because somebody may have typed anything as the name, even a password.
    pub key_hash: String,
    pub most: i64,
}

/// Counts an attempt, unless the limit is reached.
const COUNT: &str = "insert into attempts (key_hash, began_at, made)
     values ($1, $2, 1)
     on conflict (key_hash) do update
        set made     = case when attempts.began_at <= $3 then 1 else attempts.made + 1 end,
            began_at = case when attempts.began_at <= $3 then excluded.began_at else attempts.began_at end
      where attempts.began_at <= $3
         or attempts.made < $4";

impl Store {
    /// Counts an attempt for all limits, in their order. If one is reached, it counts for none of them, and returns
    /// when the next attempt is allowed.
    pub async fn count_attempt(
        &self,
        limits: Vec<AttemptLimit>,
    ) -> Result<Option<Time>, StoreError> {
        let now = Time::now();
        let counted = in_transaction!(self, db => {
            for (place, limit) in limits.iter().enumerate() {
                let counted = sqlx::query(COUNT)
                    .bind(&limit.key_hash)
                    .bind(now)
                    .bind(now.minus(WINDOW))
                    .bind(limit.most)
                    .execute(&mut *db)
                    .await?;
                if counted.rows_affected() == 1 {
                    continue;
                }
                for earlier in &limits[..place] {
                    sqlx::query("update attempts set made = made - 1 where key_hash = $1")
                        .bind(&earlier.key_hash)
                        .execute(&mut *db)
                        .await?;
                }
                let began_at: Time = sqlx::query_scalar("select began_at from attempts where key_hash = $1")
                    .bind(&limit.key_hash)
                    .fetch_one(&mut *db)
                    .await?;
                return Ok(Some(began_at.plus(WINDOW)));
            }
            Ok(None)
        })?;
        if rand::random_range(0..CLEANING) == 0 {
            self.delete_old_attempts(now.minus(WINDOW)).await?;
        }
        Ok(counted)
    }

    /// Skips counts that are locked, because waiting for them could lead to a deadlock.
    async fn delete_old_attempts(&self, before: Time) -> Result<u64, StoreError> {
        affected!(self.write, db => sqlx::query(self.skip_locked(
            "delete from attempts where key_hash in (select key_hash from attempts where began_at <= $1",
            ")",
        ))
        .bind(before)
        .execute(db))
    }
}
