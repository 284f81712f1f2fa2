//! Users: who they are and what they may do.

use sqlx::FromRow;

use super::engine::lock::{self, lock};
use super::query::{Sort, fold, page};
use super::{Store, StoreError, Window};
use crate::domain::{Id, Role, Time};

/// A row of `users`.
#[derive(Debug, Clone, FromRow)]
pub struct User {
    /// The id.
    pub id: Id,
    /// Unique among the living, whatever the case.
    pub username: String,
    /// argon2id in PHC form.
    pub password_hash: String,
    /// In lower case.
    pub email: Option<String>,
    /// What the person is called.
    pub name: Option<String>,
    /// About the person.
    pub description: Option<String>,
    /// What the person is working on.
    pub current_goal: Option<String>,
    /// What the person may do.
    #[sqlx(try_from = "String")]
    pub role: Role,
    /// The last log-in.
    pub last_login: Option<Time>,
    /// When the user was made.
    pub created_at: Time,
    /// When the user was changed.
    pub updated_at: Time,
    /// Whether an admin's password reset waits to be used.
    pub allow_password_reset: bool,
}

/// What a new user is made of.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// See [`User`].
    pub username: String,
    /// See [`User`].
    pub password_hash: String,
    /// See [`User`].
    pub email: Option<String>,
    /// See [`User`].
    pub name: Option<String>,
    /// See [`User`].
    pub description: Option<String>,
    /// See [`User`].
    pub current_goal: Option<String>,
    /// See [`User`].
    pub role: Role,
}

/// What a change may set: `None` leaves a field, `Some(None)` clears it.
#[derive(Debug, Clone, Default)]
pub struct UserPatch {
    /// See [`User`].
    pub username: Option<String>,
    /// See [`User`].
    pub email: Option<Option<String>>,
    /// See [`User`].
    pub name: Option<Option<String>>,
    /// See [`User`].
    pub description: Option<Option<String>>,
    /// See [`User`].
    pub current_goal: Option<Option<String>>,
    /// See [`User`].
    pub role: Option<Role>,
}

/// Which users a list holds.
#[derive(Debug, Clone, Default)]
pub struct UserFilter {
    /// Any part of username, email or name, in any case.
    pub q: Option<String>,
    /// The role.
    pub role: Option<Role>,
}

/// The columns of a [`User`], with `$1` as the present moment.
macro_rules! columns {
    () => {
        "id, username, password_hash, email, name, description, current_goal, role, last_login,
         created_at, updated_at,
         exists (select 1
                   from password_resets r
                  where r.user_id = users.id
                    and r.used_at is null
                    and r.expires_at > $1) as allow_password_reset"
    };
}

macro_rules! select_users {
    ($rest:literal) => {
        concat!("select ", columns!(), " from users ", $rest)
    };
}

/// What a search looks at: of a row that was put there by hand, what it has. An index holds the same expression.
macro_rules! searched {
    () => {
        "case when search_text = '' then lower(username || '\n' || coalesce(email, '') || '\n' || coalesce(name, ''))
              else search_text end"
    };
}

pub(super) const TAKEN: &str = "the username is taken";

/// One living user; `$2` is the id.
pub(super) const BY_ID: &str = select_users!("where id = $2 and deleted_at is null");

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

impl User {
    /// A user made now.
    fn new(new: NewUser) -> Self {
        let now = Time::now();
        Self {
            id: Id::generate(),
            username: new.username,
            password_hash: new.password_hash,
            email: new.email,
            name: new.name,
            description: new.description,
            current_goal: new.current_goal,
            role: new.role,
            last_login: None,
            created_at: now,
            updated_at: now,
            allow_password_reset: false,
        }
    }

    pub(super) fn with(self, patch: UserPatch) -> Self {
        Self {
            username: patch.username.unwrap_or(self.username),
            email: patch.email.unwrap_or(self.email),
            name: patch.name.unwrap_or(self.name),
            description: patch.description.unwrap_or(self.description),
            current_goal: patch.current_goal.unwrap_or(self.current_goal),
            role: patch.role.unwrap_or(self.role),
            updated_at: Time::now(),
            ..self
        }
    }

    /// A line break, which no search text for one field holds, keeps the fields apart.
    pub(super) fn search_text(&self) -> String {
        fold(&format!(
            "{}\n{}\n{}",
            self.username,
            self.email.as_deref().unwrap_or_default(),
            self.name.as_deref().unwrap_or_default()
        ))
    }
}

impl Store {
    /// A page of the living users, and how many there are in all.
    pub async fn users(
        &self,
        filter: &UserFilter,
        sort: Sort,
        window: Window,
    ) -> Result<(Vec<User>, i64), StoreError> {
        let search = self.search(filter.q.as_deref());
        page!(
            self,
            columns!(),
            concat!(
                "from users
                where deleted_at is null
                  and role = $2
                  and ",
                searched!(),
                " like $3 escape '\\'
                  and search_trigrams(",
                searched!(),
                ") @> search_trigrams($4)"
            ),
            sort.order("coalesce(name, '')"),
            window,
            [Some(Time::now()), filter.role.map(Role::as_str)],
            search
        )
    }

    /// The living user with this id.
    pub async fn user(&self, id: Id) -> Result<Option<User>, StoreError> {
        on_db!(self.read, db => sqlx::query_as(BY_ID).bind(Time::now()).bind(id).fetch_optional(db))
    }

    /// The living user with this name, in any case.
    pub async fn user_by_username(&self, username: &str) -> Result<Option<User>, StoreError> {
        on_db!(self.read, db => sqlx::query_as(
            select_users!("where lower(username) = $2 and deleted_at is null"),
        )
        .bind(Time::now())
        .bind(username.to_ascii_lowercase())
        .fetch_optional(db))
    }

    /// The living user with this email; `None` as well when several share it.
    pub async fn user_by_email(&self, email: &str) -> Result<Option<User>, StoreError> {
        let mut users: Vec<User> = on_db!(self.read, db => sqlx::query_as(
            select_users!("where email = $2 and deleted_at is null limit 2"),
        )
        .bind(Time::now())
        .bind(email.to_lowercase())
        .fetch_all(db))?;
        Ok(if users.len() == 1 { users.pop() } else { None })
    }

    /// Whether there is an admin, or there ever was a user of this name.
    pub async fn is_bootstrapped(&self, username: &str) -> Result<bool, StoreError> {
        on_db!(self.read, db => sqlx::query_scalar(
            "select exists (select 1
                              from users
                             where (role = 'admin' and deleted_at is null)
                                or lower(username) = $1)",
        )
        .bind(username.to_ascii_lowercase())
        .fetch_one(db))
    }

    /// Makes a user; a name that is taken is a conflict.
    pub async fn create_user(&self, new: NewUser) -> Result<User, StoreError> {
        let user = User::new(new);
        affected!(self.write, db => sqlx::query(
            "insert into users (id, username, password_hash, email, name, description, current_goal, role,
                                search_text, created_at, updated_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(user.id)
        .bind(&user.username)
        .bind(&user.password_hash)
        .bind(&user.email)
        .bind(&user.name)
        .bind(&user.description)
        .bind(&user.current_goal)
        .bind(user.role.as_str())
        .bind(user.search_text())
        .bind(user.created_at)
        .bind(user.updated_at)
        .execute(db))
        .map_err(|error| error.or_conflict(TAKEN))?;
        Ok(user)
    }

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
