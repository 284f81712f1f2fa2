//! Seed data: the default categories, and generated demo data.

mod demo;
mod development;

use super::categories::{Category, NewCategory, insert_category};
use super::pizzas::insert_pizza;
use super::products::insert_products;
use super::users::insert_user;
use super::{Store, StoreError};
use crate::domain::Id;

use demo::Demo;

/// The categories that every shop starts with: name and description.
const DEFAULT_CATEGORIES: [(&str, &str); 5] = [
    ("Lesson passes", "Single lessons and passes for several"),
    ("Tickets", "Balls, concerts and competitions"),
    ("Shoes", "For every dance and every floor"),
    ("Clothing", "For training and for the evening"),
    ("Accessories", "What else a dancer needs"),
];

/// Products per statement. SQLite limits the number of parameters.
const BATCH: usize = 500;

/// The numbers of rows that were created.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seeded {
    pub categories: u64,
    /// They can't log in.
    pub users: u64,
    pub products: u64,
    pub pizzas: u64,
}

fn default_categories() -> [Category; 5] {
    DEFAULT_CATEGORIES.map(|(name, description)| {
        Category::new(NewCategory {
            name: name.into(),
            description: Some(description.into()),
            parent_id: None,
        })
    })
}

impl Store {
    /// Creates the default categories that are missing, and `count` users, products and pizzas. Demo data of the same
    /// seed are only created once.
    pub async fn seed(&self, count: u32, seed: u64) -> Result<Seeded, StoreError> {
        let mut seeded = Seeded::default();
        for category in default_categories() {
            seeded.categories += affected!(self.write, db => {
                insert_category!(db, category, "on conflict (name) do nothing")
            })?;
        }
        if count > 0 && self.seed_demo(count, seed).await? {
            let count = u64::from(count);
            (seeded.users, seeded.products, seeded.pizzas) = (count, count, count);
        }
        Ok(seeded)
    }

    /// `false` if the demo data of this seed exist already.
    async fn seed_demo(&self, count: u32, seed: u64) -> Result<bool, StoreError> {
        let categories = self.default_category_ids().await?;
        let demo = Demo::generate(count, seed, categories);
        let first_user = demo.users.first().map(|user| user.id);
        in_transaction!(self, db => {
            let known = sqlx::query_scalar("select exists (select 1 from users where id = $1)")
                .bind(first_user)
                .fetch_one(&mut *db)
                .await?;
            if known {
                return Ok(false);
            }
            for user in &demo.users {
                insert_user!(db, user).await?;
            }
            for batch in demo.products.chunks(BATCH) {
                insert_products!(db, batch).await?;
            }
            for pizza in &demo.pizzas {
                insert_pizza!(db, pizza).await?;
            }
            Ok(true)
        })
        .map_err(|error: StoreError| {
            error.or_conflict("a name is taken by a row of another origin")
        })
    }

    /// The ids of the default categories, in the order of [`DEFAULT_CATEGORIES`].
    async fn default_category_ids(&self) -> Result<Vec<Id>, StoreError> {
        let mut ids = Vec::new();
        for (name, _) in DEFAULT_CATEGORIES {
            let by_name = "select id from categories where name = $1";
            let id = on_db!(self.read, db => sqlx::query_scalar(by_name).bind(name).fetch_one(db))?;
            ids.push(id);
        }
        Ok(ids)
    }
}
