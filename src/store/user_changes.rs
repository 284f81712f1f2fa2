//! Changes of users. What ends sessions and what ends them is one transaction.

use super::lock::{self, lock};
use super::users::{BY_ID, TAKEN, User, UserPatch};
use super::{Id, Store, StoreError, Time};
use crate::auth::Role;

/// Whether there is no admin but `$1`.
const IS_LAST_ADMIN: &str = "select not exists (select 1
                                                  from users
                                                 where role = 'admin'
                                                   and deleted_at is null
                                                   and id <> $1)";
const LAST_ADMIN: &str = "this is the last admin";

/// A user who was changed.
#[derive(Debug, Clone)]
pub struct UserChange {
    /// As it was.
    pub before: User,
    /// As it is.
    pub user: User,
    /// How many sessions that ended.
    pub sessions_ended: u64,
}

/// Ends all sessions of a user but the one to keep, and says how many those were.
macro_rules! end_sessions {
    ($db:ident, $user_id:expr, $keep:expr) => {
        sqlx::query("delete from sessions where user_id = $1 and ($2 is null or id <> $2)")
            .bind($user_id)
            .bind($keep)
            .execute(&mut *$db)
            .await?
            .rows_affected()
    };
}
pub(super) use end_sessions;

impl Store {
    /// Changes a living user. A changed role ends all sessions; the last admin keeps the role.
    pub async fn update_user(
        &self,
        id: Id,
        patch: UserPatch,
    ) -> Result<Option<UserChange>, StoreError> {
        let store = self.clone();
        in_transaction!(self, db => {
            lock!(store, db, lock::ADMINS);
            let before = sqlx::query_as::<_, User>(BY_ID).bind(Time::now()).bind(id).fetch_optional(&mut *db).await?;
            let Some(before) = before else {
                return Ok(None);
            };
            let user = before.clone().with(patch);
            let demoted = before.role == Role::Admin && user.role != Role::Admin;
            if demoted && sqlx::query_scalar(IS_LAST_ADMIN).bind(id).fetch_one(&mut *db).await? {
                return Err(StoreError::Conflict(LAST_ADMIN));
            }
            sqlx::query(
                "update users
                    set username     = $2,
                        email        = $3,
                        name         = $4,
                        description  = $5,
                        current_goal = $6,
                        role         = $7,
                        search_text  = $8,
                        updated_at   = $9
                  where id = $1",
            )
            .bind(id)
            .bind(&user.username)
            .bind(&user.email)
            .bind(&user.name)
            .bind(&user.description)
            .bind(&user.current_goal)
            .bind(user.role.as_str())
            .bind(user.search_text())
            .bind(user.updated_at)
            .execute(&mut *db)
            .await
            .map_err(|error| StoreError::from(error).or_conflict(TAKEN))?;
            let sessions_ended = if user.role == before.role {
                0
            } else {
                end_sessions!(db, id, None::<Id>)
            };
            Ok(Some(UserChange { before, user, sessions_ended }))
        })
    }

    /// Deletes a user softly and ends all sessions, and says how many; the last admin stays. `None` when there is no
    /// such user.
    pub async fn delete_user(&self, id: Id) -> Result<Option<u64>, StoreError> {
        let store = self.clone();
        in_transaction!(self, db => {
            lock!(store, db, lock::ADMINS);
            let now = Time::now();
            let user = sqlx::query_as::<_, User>(BY_ID).bind(now).bind(id).fetch_optional(&mut *db).await?;
            let Some(user) = user else {
                return Ok(None);
            };
            let is_admin = user.role == Role::Admin;
            if is_admin && sqlx::query_scalar(IS_LAST_ADMIN).bind(id).fetch_one(&mut *db).await? {
                return Err(StoreError::Conflict(LAST_ADMIN));
            }
            sqlx::query("update users set deleted_at = $2, updated_at = $2 where id = $1")
                .bind(id)
                .bind(now)
                .execute(&mut *db)
                .await?;
            sqlx::query("delete from password_resets where user_id = $1 and used_at is null")
                .bind(id)
                .execute(&mut *db)
                .await?;
            Ok(Some(end_sessions!(db, id, None::<Id>)))
        })
    }

    /// Brings a deleted user back; a name that was taken meanwhile is a conflict, a living user is left as it is.
    pub async fn restore_user(&self, id: Id) -> Result<Option<User>, StoreError> {
        affected!(self.write, db => sqlx::query(
            "update users
                set deleted_at = null,
                    updated_at = $2
              where id = $1
                and deleted_at is not null",
        )
        .bind(id)
        .bind(Time::now())
        .execute(db))
        .map_err(|error| error.or_conflict("the username is taken meanwhile"))?;
        self.user(id).await
    }

    /// Sets a password if the old one is still what it was when it was checked, ends all sessions but one, and says how
    /// many; `None` when the password was changed meanwhile.
    pub async fn update_password(
        &self,
        id: Id,
        old_hash: String,
        new_hash: String,
        keep: Id,
    ) -> Result<Option<u64>, StoreError> {
        in_transaction!(self, db => {
            let changed = sqlx::query(
                "update users
                    set password_hash = $3,
                        updated_at    = $4
                  where id = $1
                    and password_hash = $2
                    and deleted_at is null",
            )
            .bind(id)
            .bind(&old_hash)
            .bind(&new_hash)
            .bind(Time::now())
            .execute(&mut *db)
            .await?
            .rows_affected();
            if changed == 0 {
                return Ok(None);
            }
            Ok(Some(end_sessions!(db, id, Some(keep))))
        })
    }
}
