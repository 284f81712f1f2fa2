//! The service's users, in a PostgreSQL or SQLite database.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, PgPool, SqlitePool};

#[derive(Clone)]
pub enum Database {
    Postgres(PgPool),
    Sqlite(SqlitePool),
}

#[derive(Serialize, FromRow)]
pub struct User {
    pub id: String,
    username: String,
    name: Option<String>,
    role: String,
    active: bool,
    created_at: DateTime<Utc>,
}

#[derive(Deserialize)]
pub struct NewUser {
    username: String,
    name: Option<String>,
}

impl NewUser {
    pub fn wrong_fields(&self) -> Vec<&'static str> {
        let mut wrong = Vec::new();
        if self.username.len() < 2 {
            wrong.push("username");
        }
        if self.name.as_deref().is_some_and(str::is_empty) {
            wrong.push("name");
        }
        wrong
    }
}

/// Runs the same statement on either pool.
macro_rules! on {
    ($database:expr, $pool:ident => $statement:expr) => {
        match $database {
            Database::Postgres($pool) => $statement,
            Database::Sqlite($pool) => $statement,
        }
    };
}

impl Database {
    pub async fn connect(url: &str) -> sqlx::Result<Self> {
        Ok(if url.starts_with("sqlite:") {
            Self::Sqlite(SqlitePool::connect(url).await?)
        } else {
            Self::Postgres(PgPool::connect(url).await?)
        })
    }

    pub async fn answers(&self) -> bool {
        on!(self, pool => sqlx::query("select 1").execute(pool).await.is_ok())
    }

    pub async fn users(&self, part: &str) -> sqlx::Result<Vec<User>> {
        const SQL: &str = "select * from users where username like $1 order by username";
        let pattern = format!("%{part}%");
        on!(self, pool => sqlx::query_as(SQL).bind(pattern).fetch_all(pool).await)
    }

    pub async fn user(&self, id: &str) -> sqlx::Result<Option<User>> {
        const SQL: &str = "select * from users where id = $1";
        on!(self, pool => sqlx::query_as(SQL).bind(id).fetch_optional(pool).await)
    }

    pub async fn create(&self, new: NewUser) -> sqlx::Result<User> {
        const SQL: &str = "insert into users (id, username, name) values ($1, $2, $3) returning *";
        let id = uuid::Uuid::new_v4().to_string();
        on!(self, pool => {
            sqlx::query_as(SQL).bind(id).bind(new.username).bind(new.name).fetch_one(pool).await
        })
    }
}
