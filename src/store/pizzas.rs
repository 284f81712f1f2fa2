//! Pizzas: the menu of the school's café.

use sqlx::{FromRow, types::Json};

use super::query::{Sort, fold, page};
use super::{Store, StoreError, Window};
use crate::domain::{Id, Price, Time};

/// A row of `pizzas`.
#[derive(Debug, Clone, FromRow)]
pub struct Pizza {
    /// The id.
    pub id: Id,
    /// Unique among the living.
    pub name: String,
    /// About it.
    pub description: Option<String>,
    #[sqlx(try_from = "i64", rename = "price_cents")]
    pub price: Price,
    /// What is on it.
    pub ingredients: Json<Vec<String>>,
    /// The user or client that made it.
    pub created_by: Id,
    /// When it was made.
    pub created_at: Time,
    /// When it was changed.
    pub updated_at: Time,
}

/// What a pizza is made of, a new one or one that is put in another's place.
#[derive(Debug, Clone)]
pub struct NewPizza {
    /// See [`Pizza`].
    pub name: String,
    /// See [`Pizza`].
    pub description: Option<String>,
    /// See [`Pizza`].
    pub price: Price,
    /// See [`Pizza`].
    pub ingredients: Vec<String>,
}

/// Which pizzas a list holds.
#[derive(Debug, Clone, Default)]
pub struct PizzaFilter {
    /// Any part of the name, in any case.
    pub name: Option<String>,
    /// Made by this user or client.
    pub created_by: Option<Id>,
}

macro_rules! columns {
    () => {
        "id, name, description, price_cents, ingredients, created_by, created_at, updated_at"
    };
}

/// What a search looks at: of a row that was put there by hand, what it has. An index holds the same expression.
macro_rules! searched {
    () => {
        "case when search_text = '' then lower(name) else search_text end"
    };
}

const BY_ID: &str = concat!(
    "select ",
    columns!(),
    " from pizzas where id = $1 and deleted_at is null"
);
const TAKEN: &str = "the name is taken";

/// Puts a pizza there.
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
    /// A pizza made now.
    pub(super) fn new(new: NewPizza, created_by: Id) -> Self {
        let now = Time::now();
        Self {
            id: Id::generate(),
            name: new.name,
            description: new.description,
            price: new.price,
            ingredients: Json(new.ingredients),
            created_by,
            created_at: now,
            updated_at: now,
        }
    }

    pub(super) fn search_text(&self) -> String {
        fold(&self.name)
    }
}

impl Store {
    /// A page of the living pizzas, and how many there are in all.
    pub async fn pizzas(
        &self,
        filter: &PizzaFilter,
        sort: Sort,
        window: Window,
    ) -> Result<(Vec<Pizza>, i64), StoreError> {
        let search = self.search(filter.name.as_deref());
        page!(
            self,
            columns!(),
            concat!(
                "from pizzas
                where deleted_at is null
                  and created_by = $1
                  and ",
                searched!(),
                " like $2 escape '\\'
                  and search_trigrams(",
                searched!(),
                ") @> search_trigrams($3)"
            ),
            sort.order("name"),
            window,
            [filter.created_by],
            search
        )
    }

    /// The living pizza with this id.
    pub async fn pizza(&self, id: Id) -> Result<Option<Pizza>, StoreError> {
        on_db!(self.read, db => sqlx::query_as(BY_ID).bind(id).fetch_optional(db))
    }

    /// Makes a pizza; a name that is taken is a conflict.
    pub async fn create_pizza(&self, new: NewPizza, created_by: Id) -> Result<Pizza, StoreError> {
        let pizza = Pizza::new(new, created_by);
        affected!(self.write, db => insert_pizza!(db, pizza))
            .map_err(|error| error.or_conflict(TAKEN))?;
        Ok(pizza)
    }

    /// Puts another pizza in the place of a living one; whoever made it stays the maker.
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

    /// Deletes a pizza softly; `false` when there is none.
    pub async fn delete_pizza(&self, id: Id) -> Result<bool, StoreError> {
        let deleted = affected!(self.write, db => sqlx::query(
            "update pizzas
                set deleted_at = $2,
                    updated_at = $2
              where id = $1
                and deleted_at is null",
        )
        .bind(id)
        .bind(Time::now())
        .execute(db))?;
        Ok(deleted == 1)
    }
}
