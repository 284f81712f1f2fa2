//! Sessions: one row per log-in, deleted when the session ends.

use sqlx::FromRow;

use super::query::{Filter, Window};
use super::users::end_sessions;
use super::{Paged, Store, StoreError};
use crate::domain::{Id, Role, Time};

/// A row of `sessions`.
#[derive(Debug, Clone, FromRow)]
pub struct Session {
    /// The `jti` of the token.
    pub id: Id,
    pub user_agent: Option<String>,
    pub created_at: Time,
    pub expires_at: Time,
}

/// The fields of a session to create.
#[derive(Debug, Clone)]
pub struct NewSession {
    pub user_id: Id,
    /// The hash that the password was verified with.
    pub password_hash: String,
    pub user_agent: Option<String>,
    pub expires_at: Time,
}

/// The user of a session, as every request with the session's token needs it.
#[derive(Debug, Clone, FromRow)]
pub struct SessionUser {
    pub user_id: Id,
    pub username: String,
    #[sqlx(try_from = "String")]
    pub role: Role,
    pub expires_at: Time,
}

impl Store {
    /// A page of a user's sessions that have not expired, and their total.
    pub async fn sessions(&self, user_id: Id, window: Window) -> Paged<Session> {
        let filter = Filter::all()
            .when("user_id = ?", Some(user_id))
            .when("expires_at > ?", Some(Time::now()));
        let columns = "id, user_agent, created_at, expires_at";
        self.list(columns, "sessions", &filter, "id", window).await
    }

    /// The user of a session, unless the session has expired or the user is deleted.
    pub async fn session_user(&self, id: Id) -> Result<Option<SessionUser>, StoreError> {
        on_db!(self.read, db => sqlx::query_as(
            "select s.user_id, u.username, u.role, s.expires_at
               from sessions s
               join users u on u.id = s.user_id
              where s.id = $1
                and s.expires_at > $2
                and u.deleted_at is null",
        )
        .bind(id)
        .bind(Time::now())
        .fetch_optional(db))
    }

    /// Creates a session and records the log-in; `None` if the password was changed or the user deleted meanwhile.
    pub async fn create_session(&self, new: NewSession) -> Result<Option<Id>, StoreError> {
        let (id, now) = (Id::generate(), Time::now());
        in_transaction!(self, db => {
            // This locks the user's row, so that a change of password ends this session too.
            let recorded = sqlx::query(
                "update users
                    set last_login = $3
                  where id = $1
                    and password_hash = $2
                    and deleted_at is null",
            )
            .bind(new.user_id)
            .bind(&new.password_hash)
            .bind(now)
            .execute(&mut *db)
            .await?;
            if recorded.rows_affected() == 0 {
                return Ok(None);
            }
            sqlx::query("delete from sessions where user_id = $1 and expires_at <= $2")
                .bind(new.user_id)
                .bind(now)
                .execute(&mut *db)
                .await?;
            sqlx::query(
                "insert into sessions (id, user_id, user_agent, created_at, expires_at)
                 values ($1, $2, $3, $4, $5)",
            )
            .bind(id)
            .bind(new.user_id)
            .bind(&new.user_agent)
            .bind(now)
            .bind(new.expires_at)
            .execute(&mut *db)
            .await?;
            Ok(Some(id))
        })
    }

    /// Ends all sessions of this user except one. Returns their number.
    pub async fn delete_other_sessions(&self, user_id: Id, keep: Id) -> Result<u64, StoreError> {
        in_transaction!(self, db => { Ok(end_sessions!(db, user_id, Some(keep))) })
    }

    /// Ends a session of this user; `false` if there is none.
    pub async fn delete_session(&self, user_id: Id, id: Id) -> Result<bool, StoreError> {
        let ended = affected!(self.write, db => sqlx::query("delete from sessions where id = $1 and user_id = $2")
            .bind(id)
            .bind(user_id)
            .execute(db))?;
        Ok(ended == 1)
    }
}
