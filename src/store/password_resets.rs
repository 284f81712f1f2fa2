//! Password resets: tokens that admins create for users. Only their hashes are stored.

use super::users::end_sessions;
use super::{Store, StoreError};
use crate::domain::{Id, Time};

const USER: &str = "select id from users where id = $1 and deleted_at is null";

/// Locks a user, so that resets of one user are created and used one after the other; `false` if there is no such user.
/// Deleting a user locks the row first too.
macro_rules! lock_user {
    ($db:ident, $select:ident, $user_id:ident) => {
        sqlx::query($select)
            .bind($user_id)
            .fetch_optional(&mut *$db)
            .await?
            .is_some()
    };
}

macro_rules! delete_unused {
    ($db:ident, $user_id:ident) => {
        sqlx::query("delete from password_resets where user_id = $1 and used_at is null")
            .bind($user_id)
            .execute(&mut *$db)
            .await?;
    };
}

impl Store {
    /// Creates a reset, which replaces unused ones of the user; `false` if there is no such user.
    pub async fn create_password_reset(
        &self,
        user_id: Id,
        token_hash: String,
        expires_at: Time,
    ) -> Result<bool, StoreError> {
        let user = self.for_update(USER);
        in_transaction!(self, db => {
            if !lock_user!(db, user, user_id) {
                return Ok(false);
            }
            delete_unused!(db, user_id);
            sqlx::query(
                "insert into password_resets (id, user_id, token_hash, created_at, expires_at)
                 values ($1, $2, $3, $4, $5)",
            )
            .bind(Id::generate())
            .bind(user_id)
            .bind(&token_hash)
            .bind(Time::now())
            .bind(expires_at)
            .execute(&mut *db)
            .await?;
            Ok(true)
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

    /// Uses a reset: sets the password, ends all sessions and deletes other resets. Returns the number of sessions, or
    /// `None` if the token is not valid.
    pub async fn use_password_reset(
        &self,
        user_id: Id,
        token_hash: String,
        password_hash: String,
    ) -> Result<Option<u64>, StoreError> {
        let user = self.for_update(USER);
        in_transaction!(self, db => {
            let now = Time::now();
            if !lock_user!(db, user, user_id) {
                return Ok(None);
            }
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
            delete_unused!(db, user_id);
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
