//! Users. A change that ends sessions deletes the sessions in the same transaction.

use sqlx::FromRow;

use super::engine::lock::{self, lock};
use super::query::{Filter, Window, search::fold_fields};
use super::{Paged, Store, StoreError};
use crate::domain::{Id, Role, Time};

/// A row of `users`.
#[derive(Debug, Clone, FromRow)]
pub struct User {
    pub id: Id,
    /// Unique among users that are not deleted, regardless of case.
    pub username: String,
    /// argon2id in PHC form.
    pub password_hash: String,
    /// In lower case. Unique among users that are not deleted.
    pub email: Option<String>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub current_goal: Option<String>,
    #[sqlx(try_from = "String")]
    pub role: Role,
    pub last_login: Option<Time>,
    pub created_at: Time,
    pub updated_at: Time,
    /// The expiry of the unused password reset.
    pub password_reset_expires_at: Option<Time>,
}

/// The fields of a user to create.
#[derive(Debug, Clone)]
pub struct NewUser {
    pub username: String,
    pub password_hash: String,
    pub email: Option<String>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub current_goal: Option<String>,
    pub role: Role,
}

/// A change of a user: `None` keeps a field, `Some(None)` clears it.
#[derive(Debug, Clone, Default)]
pub struct UserPatch {
    pub username: Option<String>,
    pub email: Option<Option<String>>,
    pub name: Option<Option<String>>,
    pub description: Option<Option<String>>,
    pub current_goal: Option<Option<String>>,
    pub role: Option<Role>,
}

/// Conditions for a list of users.
#[derive(Debug, Clone, Default)]
pub struct UserFilter {
    /// Any part of username, email or name, in any case.
    pub q: Option<String>,
    pub role: Option<Role>,
    /// Only deleted users.
    pub deleted: bool,
}

macro_rules! columns {
    () => {
        "id, username, password_hash, email, name, description, current_goal, role, last_login,
         created_at, updated_at,
         (select max(r.expires_at)
            from password_resets r
           where r.user_id = users.id
             and r.used_at is null) as password_reset_expires_at"
    };
}

macro_rules! select_users {
    ($rest:literal) => {
        concat!("select ", columns!(), " from users ", $rest)
    };
}

/// Turns a violated unique index into a conflict.
pub(super) fn or_taken(error: impl Into<StoreError>) -> StoreError {
    error
        .into()
        .or_conflict_of("users_email", "the email is taken")
        .or_conflict("the username is taken")
}

const BY_ID: &str = select_users!("where id = $1 and deleted_at is null");

/// Whether there is no admin except `$1`.
const IS_LAST_ADMIN: &str = "select not exists (select 1
                                                  from users
                                                 where role = 'admin'
                                                   and deleted_at is null
                                                   and id <> $1)";
const LAST_ADMIN: &str = "this is the last admin";

/// The result of a change.
#[derive(Debug, Clone)]
pub struct UserChange {
    pub before: User,
    pub user: User,
    pub sessions_ended: u64,
}

/// Ends all sessions of a user except the one to keep. The value is the number of ended sessions.
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

macro_rules! insert_user {
    ($db:ident, $user:expr) => {
        sqlx::query(
            "insert into users (id, username, password_hash, email, name, description, current_goal, role,
                                search_text, created_at, updated_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind($user.id)
        .bind(&$user.username)
        .bind(&$user.password_hash)
        .bind(&$user.email)
        .bind(&$user.name)
        .bind(&$user.description)
        .bind(&$user.current_goal)
        .bind($user.role.as_str())
        .bind($user.search_text())
        .bind($user.created_at)
        .bind($user.updated_at)
        .execute(&mut *$db)
    };
}
pub(super) use insert_user;

impl User {
    pub(super) fn new(new: NewUser) -> Self {
        new_row!(new; username, password_hash, email, name, description, current_goal, role;
                 last_login: None, password_reset_expires_at: None)
    }

    fn with(self, patch: UserPatch) -> Self {
        patched!(self, patch; username, email, name, description, current_goal, role)
    }

    /// Whether there is a password reset that can be used.
    pub fn allows_password_reset(&self) -> bool {
        self.password_reset_expires_at
            .is_some_and(|expiry| expiry > Time::now())
    }

    pub(super) fn search_text(&self) -> String {
        fold_fields([
            self.username.as_str(),
            self.email.as_deref().unwrap_or_default(),
            self.name.as_deref().unwrap_or_default(),
        ])
    }
}

impl Store {
    /// A page of the users, and their total.
    pub async fn users(&self, filter: &UserFilter, window: Window) -> Paged<User> {
        let conditions = Filter::all()
            .deleted(filter.deleted)
            .word("role", filter.role.map(Role::as_str))
            .search("search_text", filter.q.as_deref(), self.is_postgres());
        let name = "coalesce(name, '')";
        self.list(columns!(), "users", &conditions, name, window)
            .await
    }

    /// The user with this id, unless deleted.
    pub async fn user(&self, id: Id) -> Result<Option<User>, StoreError> {
        on_db!(self.read, db => sqlx::query_as(BY_ID).bind(id).fetch_optional(db))
    }

    /// The user with this name in any case, unless deleted.
    pub async fn user_by_username(&self, username: &str) -> Result<Option<User>, StoreError> {
        on_db!(self.read, db => sqlx::query_as(
            select_users!("where lower(username) = $1 and deleted_at is null"),
        )
        .bind(username.to_ascii_lowercase())
        .fetch_optional(db))
    }

    /// The user with this email in any case, unless deleted.
    pub async fn user_by_email(&self, email: &str) -> Result<Option<User>, StoreError> {
        on_db!(self.read, db => sqlx::query_as(
            select_users!("where lower(email) = $1 and deleted_at is null"),
        )
        .bind(email.to_lowercase())
        .fetch_optional(db))
    }

    /// Creates a user. A name or an email that is taken is a conflict.
    pub async fn create_user(&self, new: NewUser) -> Result<User, StoreError> {
        let user = User::new(new);
        affected!(self.write, db => insert_user!(db, user)).map_err(or_taken)?;
        Ok(user)
    }

    /// Changes a user that is not deleted. A new role ends all sessions. Taking the role from the last admin is a
    /// conflict.
    pub async fn update_user(
        &self,
        id: Id,
        patch: UserPatch,
    ) -> Result<Option<UserChange>, StoreError> {
        let store = self.clone();
        in_transaction!(self, db => {
            lock!(store, db, lock::ADMINS);
            let before = sqlx::query_as::<_, User>(BY_ID).bind(id).fetch_optional(&mut *db).await?;
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
            .map_err(or_taken)?;
            let sessions_ended = if user.role == before.role {
                0
            } else {
                end_sessions!(db, id, None::<Id>)
            };
            Ok(Some(UserChange { before, user, sessions_ended }))
        })
    }

    /// Soft-deletes a user and ends all sessions. Returns the number of sessions, or `None` if there is no such user.
    /// Deleting the last admin is a conflict.
    pub async fn delete_user(&self, id: Id) -> Result<Option<u64>, StoreError> {
        let store = self.clone();
        in_transaction!(self, db => {
            lock!(store, db, lock::ADMINS);
            let now = Time::now();
            let user = sqlx::query_as::<_, User>(BY_ID).bind(id).fetch_optional(&mut *db).await?;
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

    /// Restores a user if it is deleted. A name or an email that is now taken is a conflict.
    pub async fn restore_user(&self, id: Id) -> Result<Option<User>, StoreError> {
        restore!(self.write, "users", id).map_err(|error| {
            error
                .or_conflict_of("users_email", "the email is now taken")
                .or_conflict("the username is now taken")
        })?;
        self.user(id).await
    }

    /// Sets the password and ends all sessions except `keep`. Returns the number of ended sessions, or `None` if the
    /// password has changed since `old_hash` was read.
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
