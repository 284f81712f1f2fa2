//! Sessions: one row a log-in, gone when the session ends.

use sqlx::FromRow;

use super::query::{Sort, page};
use super::{Store, StoreError, Window};
use crate::domain::{Id, Role, Time};

/// A row of `sessions`.
#[derive(Debug, Clone, FromRow)]
pub struct Session {
    /// The id, which the token carries as its `jti`.
    pub id: Id,
    /// What the program that logged in called itself.
    pub user_agent: Option<String>,
    /// The log-in.
    pub created_at: Time,
    /// When the token stops working by itself.
    pub expires_at: Time,
}

/// What a new session is made of.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Who logs in.
    pub user_id: Id,
    /// The hash that the password was checked against.
    pub password_hash: String,
    /// What the program called itself.
    pub user_agent: Option<String>,
    /// When the session ends by itself.
    pub expires_at: Time,
}

/// Whose session it is, as every request of that session needs it.
#[derive(Debug, Clone, FromRow)]
pub struct SessionUser {
    /// The user's id.
    pub user_id: Id,
    /// The user's name to log in with.
    pub username: String,
    /// What the user may do.
    #[sqlx(try_from = "String")]
    pub role: Role,
    /// When the session ends by itself.
    pub expires_at: Time,
}

impl Store {
    /// A page of a user's sessions that last and how many there are in all.
    pub async fn sessions(
        &self,
        user_id: Id,
        sort: Sort,
        window: Window,
    ) -> Result<(Vec<Session>, i64), StoreError> {
        page!(
            self,
            "id, user_agent, created_at, expires_at",
            "from sessions
            where user_id = $1
              and expires_at > $2",
            sort.order("id"),
            window,
            [Some(user_id), Some(Time::now())]
        )
    }

    /// Whose session this is, while it lasts and its user lives.
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

    /// Begins a session and notes the log-in; `None` when the password was changed or the user deleted meanwhile.
    pub async fn create_session(&self, new: NewSession) -> Result<Option<Id>, StoreError> {
        let (id, now) = (Id::generate(), Time::now());
        in_transaction!(self, db => {
            // The row's lock makes a change of password wait, which would otherwise miss this session.
            let noted = sqlx::query(
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
            if noted.rows_affected() == 0 {
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

    /// Ends a session of this user; `false` when there is none.
    pub async fn delete_session(&self, user_id: Id, id: Id) -> Result<bool, StoreError> {
        let ended = affected!(self.write, db => sqlx::query("delete from sessions where id = $1 and user_id = $2")
            .bind(id)
            .bind(user_id)
            .execute(db))?;
        Ok(ended == 1)
    }
}
