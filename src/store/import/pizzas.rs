//! Pizzas of another program.

use sqlx::types::Json;

use crate::domain::{Id, Time};
use crate::store::pizzas::NewPizza;
use crate::store::query::search::fold;
use crate::store::{Store, StoreError};

/// A pizza with its history.
#[derive(Debug, Clone)]
pub struct ImportedPizza {
    pub pizza: NewPizza,
    pub created_by: Id,
    pub created_at: Time,
    pub updated_at: Time,
    pub deleted_at: Option<Time>,
}

impl Store {
    /// Whether a pizza that is not deleted has this name.
    pub async fn has_pizza(&self, name: &str) -> Result<bool, StoreError> {
        let by_name = "select exists (select 1 from pizzas where name = $1 and deleted_at is null)";
        on_db!(self.read, db => sqlx::query_scalar(by_name).bind(name).fetch_one(db))
    }

    /// Imports pizzas, all or nothing. A name that is taken is a conflict.
    pub async fn import_pizzas(&self, pizzas: Vec<ImportedPizza>) -> Result<(), StoreError> {
        in_transaction!(self, db => {
            for ImportedPizza { pizza, created_by, created_at, updated_at, deleted_at } in &pizzas {
                sqlx::query(
                    "insert into pizzas (id, name, description, price_cents, ingredients, created_by, search_text,
                                         created_at, updated_at, deleted_at)
                     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                )
                .bind(Id::generate())
                .bind(&pizza.name)
                .bind(&pizza.description)
                .bind(pizza.price.cents())
                .bind(Json(&pizza.ingredients))
                .bind(created_by)
                .bind(fold(&pizza.name))
                .bind(created_at)
                .bind(updated_at)
                .bind(deleted_at)
                .execute(&mut *db)
                .await?;
            }
            Ok(())
        })
        .map_err(|error: StoreError| error.or_conflict("a pizza's name is taken"))
    }
}
