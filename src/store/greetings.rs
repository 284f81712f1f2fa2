//! Greetings that were said to users.

use serde_json::Value;
use sqlx::{FromRow, types::Json};

use super::query::{Sort, page};
use super::{Store, StoreError, Window};
use crate::domain::{Id, Time};

/// A row of `greet_history`.
#[derive(Debug, Clone, FromRow)]
pub struct Greeting {
    /// 1, 2, 3.
    pub id: i64,
    /// What was said.
    pub message: String,
    /// What it was said in answer to.
    pub context: Json<Value>,
    /// When it was said.
    pub created_at: Time,
}

impl Store {
    /// A page of a user's greetings and how many there are in all.
    pub async fn greetings(
        &self,
        user_id: Id,
        sort: Sort,
        window: Window,
    ) -> Result<(Vec<Greeting>, i64), StoreError> {
        page!(
            self,
            "id, message, context, created_at",
            "from greet_history
            where user_id = $1",
            sort.order("id"),
            window,
            [Some(user_id)]
        )
    }

    /// Writes a greeting down.
    pub async fn create_greeting(
        &self,
        user_id: Id,
        message: &str,
        context: &Value,
    ) -> Result<(), StoreError> {
        affected!(self.write, db => sqlx::query(
            "insert into greet_history (user_id, message, context, created_at)
             values ($1, $2, $3, $4)",
        )
        .bind(user_id)
        .bind(message)
        .bind(Json(context))
        .bind(Time::now())
        .execute(db))?;
        Ok(())
    }
}
