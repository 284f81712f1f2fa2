//! Products: what the shop sells.

use sqlx::{AssertSqlSafe, FromRow};

use super::idempotency::{Once, Outcome, earlier_answer, keep_answer};
use super::query::{Filter, Window, search::fold_fields};
use super::{Paged, Store, StoreError};
use crate::domain::{Id, Price, Time};

/// A row of `products`.
#[derive(Debug, Clone, FromRow)]
pub struct Product {
    pub id: Id,
    pub name: String,
    pub description: Option<String>,
    #[sqlx(try_from = "i64", rename = "price_cents")]
    pub price: Price,
    pub stock: i64,
    pub category_id: Id,
    pub image_url: Option<String>,
    /// Unique among products that are not deleted.
    pub sku: Option<String>,
    pub created_at: Time,
    pub updated_at: Time,
}

/// The fields of a product to create.
#[derive(Debug, Clone)]
pub struct NewProduct {
    pub name: String,
    pub description: Option<String>,
    pub price: Price,
    pub stock: i64,
    pub category_id: Id,
    pub image_url: Option<String>,
    pub sku: Option<String>,
}

/// A change of a product: `None` keeps a field, `Some(None)` clears it.
#[derive(Debug, Clone, Default)]
pub struct ProductPatch {
    pub name: Option<String>,
    pub description: Option<Option<String>>,
    pub price: Option<Price>,
    pub stock: Option<i64>,
    pub category_id: Option<Id>,
    pub image_url: Option<Option<String>>,
    pub sku: Option<Option<String>>,
}

/// Conditions for a list of products.
#[derive(Debug, Clone, Default)]
pub struct ProductFilter {
    pub category_id: Option<Id>,
    /// Also the products of all categories below that one.
    pub include_descendants: bool,
    /// Inclusive.
    pub min_price: Option<Price>,
    /// Inclusive.
    pub max_price: Option<Price>,
    pub in_stock: Option<bool>,
    /// Any part of name or sku, in any case.
    pub q: Option<String>,
    /// Only deleted products.
    pub deleted: bool,
}

/// The maximum stock.
pub const MOST_STOCK: i64 = i32::MAX as i64;

macro_rules! columns {
    () => {
        "id, name, description, price_cents, stock, category_id, image_url, sku, created_at, updated_at"
    };
}

const BY_ID: &str = concat!(
    "select ",
    columns!(),
    " from products where id = $1 and deleted_at is null"
);

/// A category and its descendants.
const WITH_DESCENDANTS: &str = "with recursive below (id) as (
         select id from categories where id = ?
         union
         select c.id from categories c join below b on b.id = c.parent_id
     )
     select id from below";

const TAKEN: &str = "the sku is taken";

/// The statement that inserts this number of products.
pub(super) fn insert_text(count: usize) -> AssertSqlSafe<String> {
    let row = |number: usize| {
        let parameters: Vec<_> = (1..=11)
            .map(|column| format!("${}", number * 11 + column))
            .collect();
        format!("({})", parameters.join(", "))
    };
    let rows: Vec<_> = (0..count).map(row).collect();
    AssertSqlSafe(format!(
        "insert into products (id, name, description, price_cents, stock, category_id, image_url, sku, search_text,
                               created_at, updated_at)
         values {}",
        rows.join(",\n                ")
    ))
}

/// Inserts several products with one statement.
macro_rules! insert_products {
    ($db:ident, $products:expr) => {{
        let insert = sqlx::query($crate::store::products::insert_text($products.len()));
        let insert = $products.iter().fold(insert, |insert, product| {
            insert
                .bind(product.id)
                .bind(&product.name)
                .bind(&product.description)
                .bind(product.price.cents())
                .bind(product.stock)
                .bind(product.category_id)
                .bind(&product.image_url)
                .bind(&product.sku)
                .bind(product.search_text())
                .bind(product.created_at)
                .bind(product.updated_at)
        });
        insert.execute(&mut *$db)
    }};
}
pub(super) use insert_products;

impl Product {
    pub(super) fn new(new: NewProduct) -> Self {
        new_row!(new; name, description, price, stock, category_id, image_url, sku)
    }

    fn with(self, patch: ProductPatch) -> Self {
        patched!(self, patch; name, description, price, stock, category_id, image_url, sku)
    }

    pub(super) fn search_text(&self) -> String {
        fold_fields([self.name.as_str(), self.sku.as_deref().unwrap_or_default()])
    }
}

impl Store {
    /// A page of the products, and their total.
    pub async fn products(&self, filter: &ProductFilter, window: Window) -> Paged<Product> {
        // With an array, PostgreSQL uses the index on the category; with `in` it reads all products. SQLite has no
        // arrays.
        let in_tree = if self.is_postgres() {
            format!("category_id = any (array({WITH_DESCENDANTS}))")
        } else {
            format!("category_id in ({WITH_DESCENDANTS})")
        };
        let in_category = if filter.include_descendants {
            in_tree.as_str()
        } else {
            "category_id = ?"
        };
        let conditions = Filter::all()
            .deleted(filter.deleted)
            .when(in_category, filter.category_id)
            .when("price_cents >= ?", filter.min_price.map(Price::cents))
            .when("price_cents <= ?", filter.max_price.map(Price::cents))
            .only("stock > 0", filter.in_stock == Some(true))
            .only("stock = 0", filter.in_stock == Some(false))
            .search("search_text", filter.q.as_deref(), self.is_postgres());
        self.list(columns!(), "products", &conditions, "name", window)
            .await
    }

    /// The product with this id, unless it is deleted.
    pub async fn product(&self, id: Id) -> Result<Option<Product>, StoreError> {
        read_db!(self, db => sqlx::query_as(BY_ID).bind(id).fetch_optional(db))
    }

    /// Creates all of the products or none. A sku that is taken is a conflict.
    pub async fn create_products(&self, new: Vec<NewProduct>) -> Result<Vec<Product>, StoreError> {
        let products: Vec<_> = new.into_iter().map(Product::new).collect();
        affected!(self.write, db => insert_products!(db, products))
            .map_err(|error| error.or_conflict(TAKEN).or_dangling("category_id"))?;
        Ok(products)
    }

    /// Like [`Self::create_products`], but only once for requests with a key. `answer` serializes the response, which
    /// is stored for later requests.
    pub async fn create_product_batch(
        &self,
        new: Vec<NewProduct>,
        once: Option<Once>,
        answer: impl Fn(&[Product]) -> String + Send + Sync + 'static,
    ) -> Result<Outcome<Vec<Product>>, StoreError> {
        let products: Vec<_> = new.into_iter().map(Product::new).collect();
        in_transaction!(self, db => {
            earlier_answer!(db, once);
            insert_products!(db, products)
                .await
                .map_err(|error| StoreError::from(error).or_conflict(TAKEN).or_dangling("category_id"))?;
            keep_answer!(db, once, answer(&products));
            Ok(Outcome::Created(products))
        })
    }

    /// Changes a product that is not deleted.
    pub async fn update_product(
        &self,
        id: Id,
        patch: ProductPatch,
    ) -> Result<Option<Product>, StoreError> {
        let by_id = self.for_update(BY_ID);
        in_transaction!(self, db => {
            let Some(before) = sqlx::query_as::<_, Product>(by_id).bind(id).fetch_optional(&mut *db).await? else {
                return Ok(None);
            };
            let product = before.with(patch);
            sqlx::query(
                "update products
                    set name        = $2,
                        description = $3,
                        price_cents = $4,
                        stock       = $5,
                        category_id = $6,
                        image_url   = $7,
                        sku         = $8,
                        search_text = $9,
                        updated_at  = $10
                  where id = $1",
            )
            .bind(id)
            .bind(&product.name)
            .bind(&product.description)
            .bind(product.price.cents())
            .bind(product.stock)
            .bind(product.category_id)
            .bind(&product.image_url)
            .bind(&product.sku)
            .bind(product.search_text())
            .bind(product.updated_at)
            .execute(&mut *db)
            .await
            .map_err(|error| StoreError::from(error).or_conflict(TAKEN).or_dangling("category_id"))?;
            Ok(Some(product))
        })
    }

    /// Soft-deletes a product; `false` if there is none.
    pub async fn delete_product(&self, id: Id) -> Result<bool, StoreError> {
        Ok(soft_delete!(self.write, "products", id)? == 1)
    }

    /// Restores a product if it is deleted. A sku that is now taken is a conflict.
    pub async fn restore_product(&self, id: Id) -> Result<Option<Product>, StoreError> {
        restore!(self.write, "products", id)
            .map_err(|error| error.or_conflict("the sku is now taken"))?;
        self.product(id).await
    }

    /// Adds to a product's stock, or subtracts from it, atomically. A stock out of range is a conflict.
    pub async fn update_stock(&self, id: Id, delta: i64) -> Result<Option<Product>, StoreError> {
        let changed: Option<Product> = on_db!(self.write, db => sqlx::query_as(concat!(
            "update products
                set stock      = stock + $2,
                    updated_at = $3
              where id = $1
                and deleted_at is null
                and stock + $2 between 0 and 2147483647
              returning ", columns!()
        ))
        .bind(id)
        .bind(delta)
        .bind(Time::now())
        .fetch_optional(db))?;
        if changed.is_none() && self.product(id).await?.is_some() {
            return Err(StoreError::Conflict(
                "the stock would be below 0 or above 2147483647",
            ));
        }
        Ok(changed)
    }
}
