//! What an empty database gets in development, so that the first request shows something.

use crate::domain::{Id, Price};
use crate::store::categories::{Category, NewCategory, insert_category};
use crate::store::oauth_clients::{OauthClient, insert_client};
use crate::store::pizzas::{NewPizza, Pizza, insert_pizza};
use crate::store::products::{NewProduct, Product, bind_product, insert_products};
use crate::store::{Store, StoreError};

/// The categories that every shop starts with, and what is in them.
pub const DEFAULT_CATEGORIES: [(&str, &str); 5] = [
    ("Lesson passes", "Single lessons and passes for several"),
    ("Tickets", "Balls, concerts and competitions"),
    ("Shoes", "For every dance and every floor"),
    ("Clothing", "For training and for the evening"),
    ("Accessories", "What else a dancer needs"),
];

/// Name, price in cents, stock, and the place of the category.
const PRODUCTS: [(&str, i64, i64, usize); 5] = [
    ("Ten lessons", 12_000, 500, 0),
    ("Trial lesson", 900, 500, 0),
    ("Spring ball", 3_500, 120, 1),
    ("Latin shoes, size 38", 8_990, 7, 2),
    ("Heel protectors", 495, 0, 4),
];

const PIZZAS: [(&str, i64, &[&str]); 3] = [
    ("Margherita", 850, &["tomato", "mozzarella", "basil"]),
    ("Funghi", 950, &["tomato", "mozzarella", "mushrooms"]),
    ("Marinara", 750, &["tomato", "garlic", "oregano"]),
];

impl Store {
    /// Whether nobody and nothing is there yet.
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

    /// Puts the client and some rows there; `false` when another replica was faster.
    pub async fn fill_for_development(&self, client: OauthClient) -> Result<bool, StoreError> {
        let categories = DEFAULT_CATEGORIES.map(category);
        let products = PRODUCTS.map(|product| Product::new(example(product, &categories)));
        let pizzas = PIZZAS.map(|example| Pizza::new(pizza(example), client.id));
        in_transaction!(self, db => {
            // Whoever comes second waits here, and then finds the client.
            if !insert_client!(db, client) {
                return Ok(false);
            }
            for category in &categories {
                insert_category!(db, category).await?;
            }
            let mut query = sqlx::query(sqlx::AssertSqlSafe(insert_products(products.len())));
            for product in &products {
                query = bind_product!(query, product);
            }
            query.execute(&mut *db).await?;
            for pizza in &pizzas {
                insert_pizza!(db, pizza).await?;
            }
            Ok(true)
        })
    }
}

fn category((name, description): (&str, &str)) -> Category {
    Category::new(NewCategory {
        name: name.into(),
        description: Some(description.into()),
        parent_id: None,
    })
}

fn example(
    (name, price_cents, stock, place): (&str, i64, i64, usize),
    categories: &[Category],
) -> NewProduct {
    NewProduct {
        name: name.into(),
        description: None,
        price: Price::from(price_cents),
        stock,
        category_id: categories
            .get(place)
            .map_or_else(Id::generate, |category| category.id),
        image_url: None,
        sku: None,
    }
}

fn pizza((name, price_cents, ingredients): (&str, i64, &[&str])) -> NewPizza {
    NewPizza {
        name: name.into(),
        description: None,
        price: Price::from(price_cents),
        ingredients: ingredients.iter().map(ToString::to_string).collect(),
    }
}
