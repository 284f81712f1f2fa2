//! Example data for an empty database in development, so that the first request shows something.

use super::default_categories;
use crate::domain::Price;
use crate::store::categories::insert_category;
use crate::store::oauth_clients::{OauthClient, insert_client};
use crate::store::pizzas::{NewPizza, Pizza, insert_pizza};
use crate::store::products::{NewProduct, Product, insert_products};
use crate::store::{Store, StoreError};

/// Name, price in cents, stock, and index of the default category.
const PRODUCTS: [(&str, i64, i64, usize); 5] = [
    ("Ten lessons", 12_000, 500, 0),
    ("Trial lesson", 900, 500, 0),
    ("Spring ball", 3_500, 120, 1),
    ("Latin shoes, size 38", 8_990, 7, 2),
    ("Heel protectors", 495, 0, 4),
];

const PIZZAS: [(&str, i64, [&str; 3]); 3] = [
    ("Margherita", 850, ["tomato", "mozzarella", "basil"]),
    ("Funghi", 950, ["tomato", "mozzarella", "mushrooms"]),
    ("Marinara", 750, ["tomato", "garlic", "oregano"]),
];

impl Store {
    /// Whether the database has no users, clients, categories, products and pizzas.
    pub async fn is_empty(&self) -> Result<bool, StoreError> {
        on_db!(self.read, db => sqlx::query_scalar(
            "select not exists (select 1 from users)
                and not exists (select 1 from oauth_clients)
                and not exists (select 1 from categories)
                and not exists (select 1 from products)
                and not exists (select 1 from pizzas)",
        )
        .fetch_one(db))
    }

    /// Creates the client and some rows; `false` if another replica was faster.
    pub async fn fill_for_development(&self, client: OauthClient) -> Result<bool, StoreError> {
        let categories = default_categories();
        let products = PRODUCTS.map(|(name, cents, stock, category)| {
            Product::new(NewProduct {
                name: name.into(),
                description: None,
                price: Price::from(cents),
                stock,
                category_id: categories[category].id,
                image_url: None,
                sku: None,
            })
        });
        let pizzas = PIZZAS.map(|(name, cents, ingredients)| {
            let new = NewPizza {
                name: name.into(),
                description: None,
                price: Price::from(cents),
                ingredients: ingredients.map(Into::into).into(),
            };
            Pizza::new(new, client.id)
        });
        in_transaction!(self, db => {
            // A second replica waits here until the first one commits, and then finds the client.
            if !insert_client!(db, client) {
                return Ok(false);
            }
            for category in &categories {
                insert_category!(db, category).await?;
            }
            insert_products!(db, products).await?;
            for pizza in &pizzas {
                insert_pizza!(db, pizza).await?;
            }
            Ok(true)
        })
    }
}
