//! Pizzas: the menu of the school's café.

use sqlx::{FromRow, types::Json};

use super::query::{Filter, Window, search::fold};
use super::{Paged, Store, StoreError};
use crate::domain::{Id, Price, Time};

/// A row of `pizzas`.
#[derive(Debug, Clone, FromRow)]
pub struct Pizza {
    pub id: Id,
    /// Unique among pizzas that are not deleted.
    pub name: String,
    pub description: Option<String>,
    #[sqlx(try_from = "i64", rename = "price_cents")]
    pub price: Price,
    pub ingredients: Json<Vec<String>>,
    /// The user or client that created it.
    pub created_by: Id,
    pub created_at: Time,
    pub updated_at: Time,
}

/// The fields of a pizza to create, or to replace another one with.
#[derive(Debug, Clone)]
pub struct NewPizza {
    pub name: String,
    pub description: Option<String>,
    pub price: Price,
    pub ingredients: Vec<String>,
}

/// Conditions for a list of pizzas.
#[derive(Debug, Clone, Default)]
pub struct PizzaFilter {
    /// Any part of the name, in any case.
    pub name: Option<String>,
    /// The user or client that created it.
    pub created_by: Option<Id>,
    /// Only deleted pizzas.
    pub deleted: bool,
}

macro_rules! columns {
    () => {
        "id, name, description, price_cents, ingredients, created_by, created_at, updated_at"
    };
}

const BY_ID: &str = concat!(
    "select ",
    columns!(),
    " from pizzas where id = $1 and deleted_at is null"
);
const TAKEN: &str = "the name is taken";

macro_rules! insert_pizza {
    ($db:ident, $pizza:expr) => {
        sqlx::query(
            "insert into pizzas (id, name, description, price_cents, ingredients, created_by, search_text,
                                 created_at, updated_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind($pizza.id)
        .bind(&$pizza.name)
        .bind(&$pizza.description)
        .bind($pizza.price.cents())
        .bind(&$pizza.ingredients)
        .bind($pizza.created_by)
        .bind($pizza.search_text())
        .bind($pizza.created_at)
        .bind($pizza.updated_at)
        .execute(&mut *$db)
    };
}
pub(super) use insert_pizza;

impl Pizza {
    pub(super) fn new(new: NewPizza, created_by: Id) -> Self {
        new_row!(new; name, description, price; ingredients: Json(new.ingredients), created_by: created_by)
    }

    pub(super) fn search_text(&self) -> String {
        fold(&self.name)
    }
}

impl Store {
    /// A page of the pizzas, and their total.
    pub async fn pizzas(&self, filter: &PizzaFilter, window: Window) -> Paged<Pizza> {
        let conditions = Filter::all()
            .deleted(filter.deleted)
            .when("created_by = ?", filter.created_by)
            .search("search_text", filter.name.as_deref(), self.is_postgres());
        self.list(columns!(), "pizzas", &conditions, "name", window)
            .await
    }

    /// The pizza with this id, unless it is deleted.
    pub async fn pizza(&self, id: Id) -> Result<Option<Pizza>, StoreError> {
        read_db!(self, db => sqlx::query_as(BY_ID).bind(id).fetch_optional(db))
    }

    /// Creates a pizza. A name that is taken is a conflict.
    pub async fn create_pizza(&self, new: NewPizza, created_by: Id) -> Result<Pizza, StoreError> {
        let pizza = Pizza::new(new, created_by);
        affected!(self.write, db => insert_pizza!(db, pizza))
            .map_err(|error| error.or_conflict(TAKEN))?;
        Ok(pizza)
    }

    /// Replaces a pizza that is not deleted. It keeps its owner and its time of creation.
    pub async fn update_pizza(&self, id: Id, new: NewPizza) -> Result<Option<Pizza>, StoreError> {
        on_db!(self.write, db => sqlx::query_as(concat!(
            "update pizzas
                set name        = $2,
                    description = $3,
                    price_cents = $4,
                    ingredients = $5,
                    search_text = $6,
                    updated_at  = $7
              where id = $1
                and deleted_at is null
              returning ", columns!()
        ))
        .bind(id)
        .bind(&new.name)
        .bind(&new.description)
        .bind(new.price.cents())
        .bind(Json(&new.ingredients))
        .bind(fold(&new.name))
        .bind(Time::now())
        .fetch_optional(db))
        .map_err(|error| error.or_conflict(TAKEN))
    }

    /// The user or client that created a pizza. With `deleted` the pizza may be a deleted one.
    pub async fn pizza_owner(&self, id: Id, deleted: bool) -> Result<Option<Id>, StoreError> {
        on_db!(self.read, db => sqlx::query_scalar(
            "select created_by from pizzas where id = $1 and ($2 or deleted_at is null)",
        )
        .bind(id)
        .bind(deleted)
        .fetch_optional(db))
    }

    /// Restores a pizza if it is deleted. A name that is now taken is a conflict.
    pub async fn restore_pizza(&self, id: Id) -> Result<Option<Pizza>, StoreError> {
        restore!(self.write, "pizzas", id)
            .map_err(|error| error.or_conflict("the name is now taken"))?;
        self.pizza(id).await
    }

    /// Soft-deletes a pizza; `false` if there is none.
    pub async fn delete_pizza(&self, id: Id) -> Result<bool, StoreError> {
        Ok(soft_delete!(self.write, "pizzas", id)? == 1)
    }
}
