//! Password resets: tokens that an admin hands out. Only their hashes are stored.

use super::users::end_sessions;
use super::{Store, StoreError};
use crate::domain::{Id, Time};

impl Store {
    /// Creates a reset, which replaces unused ones of this user; `false` if there is no such user.
    pub async fn create_password_reset(
        &self,
        user_id: Id,
        token_hash: String,
        expires_at: Time,
    ) -> Result<bool, StoreError> {
        in_transaction!(self, db => {
            sqlx::query("delete from password_resets where user_id = $1 and used_at is null")
                .bind(user_id)
                .execute(&mut *db)
                .await?;
            let made = sqlx::query(
                "insert into password_resets (id, user_id, token_hash, created_at, expires_at)
                 select $1, id, $3, $4, $5
                   from users
                  where id = $2
                    and deleted_at is null",
            )
            .bind(Id::generate())
            .bind(user_id)
            .bind(&token_hash)
            .bind(Time::now())
            .bind(expires_at)
            .execute(&mut *db)
            .await?;
            Ok(made.rows_affected() == 1)
        })
    }

    /// Whether the token is valid for this user now.
    pub async fn has_password_reset(
        &self,
        user_id: Id,
        token_hash: &str,
    ) -> Result<bool, StoreError> {
        on_db!(self.read, db => sqlx::query_scalar(
            "select exists (select 1
                              from password_resets
                             where user_id = $1
                               and token_hash = $2
                               and used_at is null
                               and expires_at > $3)",
        )
        .bind(user_id)
        .bind(token_hash)
        .bind(Time::now())
        .fetch_one(db))
    }

    /// Uses a reset, sets the password and ends all sessions; the value is their number, or `None` if the token is not
    /// valid.
    pub async fn use_password_reset(
        &self,
        user_id: Id,
        token_hash: String,
        password_hash: String,
    ) -> Result<Option<u64>, StoreError> {
        in_transaction!(self, db => {
            let now = Time::now();
            let used = sqlx::query(
                "update password_resets
                    set used_at = $3
                  where user_id = $1
                    and token_hash = $2
                    and used_at is null
                    and expires_at > $3",
            )
            .bind(user_id)
            .bind(&token_hash)
            .bind(now)
            .execute(&mut *db)
            .await?;
            if used.rows_affected() == 0 {
                return Ok(None);
            }
            sqlx::query("update users set password_hash = $2, updated_at = $3 where id = $1")
                .bind(user_id)
                .bind(&password_hash)
                .bind(now)
                .execute(&mut *db)
                .await?;
            Ok(Some(end_sessions!(db, user_id, None::<Id>)))
        })
    }
}
