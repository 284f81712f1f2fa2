//! The history of greetings.

use sqlx::FromRow;

use super::query::{Filter, Window};
use super::{Paged, Store, StoreError};
use crate::domain::{Id, JsonText, Time};

/// A row of `greet_history`.
#[derive(Debug, Clone, FromRow)]
pub struct Greeting {
    /// Sequence number, starting at 1.
    pub id: i64,
    pub message: String,
    /// The data that the greeting was made from.
    pub context: JsonText,
    pub created_at: Time,
}

impl Store {
    /// A page of a user's greetings, and their total.
    pub async fn greetings(&self, user_id: Id, window: Window) -> Paged<Greeting> {
        let filter = Filter::all().when("user_id = ?", Some(user_id));
        let columns = "id, message, context, created_at";
        self.list(columns, "greet_history", &filter, "id", window)
            .await
    }

    /// Adds a greeting to the history.
    pub async fn create_greeting(
        &self,
        user_id: Id,
        message: &str,
        context: &JsonText,
    ) -> Result<(), StoreError> {
        affected!(self.write, db => sqlx::query(
            "insert into greet_history (user_id, message, context, created_at)
             values ($1, $2, $3, $4)",
        )
        .bind(user_id)
        .bind(message)
        .bind(context)
        .bind(Time::now())
        .execute(db))?;
        Ok(())
    }
}
