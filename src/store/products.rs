//! Products: what the shop sells.

use sqlx::FromRow;

use super::query::{Sort, fold, page};
use super::{Store, StoreError, Window};
use crate::domain::{Id, Price, Time};

/// A row of `products`.
#[derive(Debug, Clone, FromRow)]
pub struct Product {
    /// The id.
    pub id: Id,
    /// What it is called.
    pub name: String,
    /// About it.
    pub description: Option<String>,
    #[sqlx(try_from = "i64", rename = "price_cents")]
    pub price: Price,
    /// How many there are.
    pub stock: i64,
    /// Where it hangs in the tree.
    pub category_id: Id,
    /// A picture of it.
    pub image_url: Option<String>,
    /// The number on its label, unique among the living.
    pub sku: Option<String>,
    /// When it was made.
    pub created_at: Time,
    /// When it was changed.
    pub updated_at: Time,
}

/// What a new product is made of.
#[derive(Debug, Clone)]
pub struct NewProduct {
    /// See [`Product`].
    pub name: String,
    /// See [`Product`].
    pub description: Option<String>,
    /// See [`Product`].
    pub price: Price,
    /// See [`Product`].
    pub stock: i64,
    /// See [`Product`].
    pub category_id: Id,
    /// See [`Product`].
    pub image_url: Option<String>,
    /// See [`Product`].
    pub sku: Option<String>,
}

/// What a change may set: `None` leaves a field, `Some(None)` clears it.
#[derive(Debug, Clone, Default)]
pub struct ProductPatch {
    /// See [`Product`].
    pub name: Option<String>,
    /// See [`Product`].
    pub description: Option<Option<String>>,
    /// See [`Product`].
    pub price: Option<Price>,
    /// See [`Product`].
    pub stock: Option<i64>,
    /// See [`Product`].
    pub category_id: Option<Id>,
    /// See [`Product`].
    pub image_url: Option<Option<String>>,
    /// See [`Product`].
    pub sku: Option<Option<String>>,
}

/// Which products a list holds.
#[derive(Debug, Clone, Default)]
pub struct ProductFilter {
    /// In this category.
    pub category_id: Option<Id>,
    /// In those below it too.
    pub include_descendants: bool,
    /// Not cheaper, in cents.
    pub min_price: Option<Price>,
    /// Not dearer, in cents.
    pub max_price: Option<Price>,
    /// Whether there are any.
    pub in_stock: Option<bool>,
    /// Any part of name or sku, in any case.
    pub q: Option<String>,
}

/// The largest stock.
pub const MOST_STOCK: i64 = i32::MAX as i64;

macro_rules! columns {
    () => {
        "id, name, description, price_cents, stock, category_id, image_url, sku, created_at, updated_at"
    };
}

/// What a search looks at: of a row that was put there by hand, what it has. An index holds the same expression.
macro_rules! searched {
    () => {
        "case when search_text = '' then lower(name || '\n' || coalesce(sku, '')) else search_text end"
    };
}

/// A category and all below it.
macro_rules! below {
    ($id:literal) => {
        concat!(
            "with recursive below (id) as (
                 select id from categories where id = ",
            $id,
            "
                 union
                 select c.id from categories c join below b on b.id = c.parent_id
             )
             select id from below"
        )
    };
}

const BY_ID: &str = concat!(
    "select ",
    columns!(),
    " from products where id = $1 and deleted_at is null"
);
const TAKEN: &str = "the sku is taken";

/// The statement that puts so many products there, each a row of parameters.
pub(super) fn insert_products(count: usize) -> String {
    let row = |number: usize| {
        let parameters: Vec<_> = (1..=11)
            .map(|column| format!("${}", number * 11 + column))
            .collect();
        format!("({})", parameters.join(", "))
    };
    let rows: Vec<_> = (0..count).map(row).collect();
    format!(
        "insert into products (id, name, description, price_cents, stock, category_id, image_url, sku, search_text,
                               created_at, updated_at)
         values {}",
        rows.join(",\n                ")
    )
}

/// Binds one such row.
macro_rules! bind_product {
    ($query:expr, $product:expr) => {
        $query
            .bind($product.id)
            .bind(&$product.name)
            .bind(&$product.description)
            .bind($product.price.cents())
            .bind($product.stock)
            .bind($product.category_id)
            .bind(&$product.image_url)
            .bind(&$product.sku)
            .bind($product.search_text())
            .bind($product.created_at)
            .bind($product.updated_at)
    };
}
pub(super) use bind_product;

impl Product {
    /// A product made now.
    pub(super) fn new(new: NewProduct) -> Self {
        let now = Time::now();
        Self {
            id: Id::generate(),
            name: new.name,
            description: new.description,
            price: new.price,
            stock: new.stock,
            category_id: new.category_id,
            image_url: new.image_url,
            sku: new.sku,
            created_at: now,
            updated_at: now,
        }
    }

    fn with(self, patch: ProductPatch) -> Self {
        Self {
            name: patch.name.unwrap_or(self.name),
            description: patch.description.unwrap_or(self.description),
            price: patch.price.unwrap_or(self.price),
            stock: patch.stock.unwrap_or(self.stock),
            category_id: patch.category_id.unwrap_or(self.category_id),
            image_url: patch.image_url.unwrap_or(self.image_url),
            sku: patch.sku.unwrap_or(self.sku),
            updated_at: Time::now(),
            ..self
        }
    }

    /// A line break, which no search text for one field holds, keeps the fields apart.
    pub(super) fn search_text(&self) -> String {
        fold(&format!(
            "{}\n{}",
            self.name,
            self.sku.as_deref().unwrap_or_default()
        ))
    }
}

impl Store {
    /// A page of the living products, and how many there are in all.
    pub async fn products(
        &self,
        filter: &ProductFilter,
        sort: Sort,
        window: Window,
    ) -> Result<(Vec<Product>, i64), StoreError> {
        let search = self.search(filter.q.as_deref());
        let category = filter.category_id;
        let itself = category.filter(|_| !filter.include_descendants);
        let above = category.filter(|_| filter.include_descendants);
        // PostgreSQL would read all products unless it sees an array; SQLite has none, and no need of one.
        let (as_array, as_set) = if self.is_postgres() {
            (above, None)
        } else {
            (None, above)
        };
        page!(
            self,
            columns!(),
            concat!(
                "from products
                where deleted_at is null
                  and category_id = $1
                  and category_id = any (array(",
                below!("$2"),
                "))
                  and category_id in (",
                below!("$3"),
                ")
                  and price_cents >= $4
                  and price_cents <= $5
                  and stock > 0 and $6
                  and stock = 0 and $7
                  and ",
                searched!(),
                " like $8 escape '\\'
                  and search_trigrams(",
                searched!(),
                ") @> search_trigrams($9)"
            ),
            sort.order("name"),
            window,
            [
                itself,
                as_array,
                as_set,
                filter.min_price.map(Price::cents),
                filter.max_price.map(Price::cents),
                filter.in_stock.filter(|there| *there),
                filter.in_stock.filter(|there| !there).map(|_| true),
            ],
            search
        )
    }

    /// The living product with this id.
    pub async fn product(&self, id: Id) -> Result<Option<Product>, StoreError> {
        on_db!(self.read, db => sqlx::query_as(BY_ID).bind(id).fetch_optional(db))
    }

    /// Makes products, all or none; a sku that is taken is a conflict.
    pub async fn create_products(&self, new: Vec<NewProduct>) -> Result<Vec<Product>, StoreError> {
        let products: Vec<_> = new.into_iter().map(Product::new).collect();
        let insert = insert_products(products.len());
        affected!(self.write, db => {
            let mut query = sqlx::query(sqlx::AssertSqlSafe(insert));
            for product in &products {
                query = bind_product!(query, product);
            }
            query.execute(db)
        })
        .map_err(|error| error.or_conflict(TAKEN).or_dangling("category_id"))?;
        Ok(products)
    }

    /// Changes a living product.
    pub async fn update_product(
        &self,
        id: Id,
        patch: ProductPatch,
    ) -> Result<Option<Product>, StoreError> {
        let locking = self.locking(BY_ID);
        in_transaction!(self, db => {
            let Some(before) = sqlx::query_as::<_, Product>(locking).bind(id).fetch_optional(&mut *db).await? else {
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

    /// Deletes a product softly; `false` when there is none.
    pub async fn delete_product(&self, id: Id) -> Result<bool, StoreError> {
        let deleted = affected!(self.write, db => sqlx::query(
            "update products
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

    /// Brings a deleted product back; a sku that was taken meanwhile is a conflict, a living one is left as it is.
    pub async fn restore_product(&self, id: Id) -> Result<Option<Product>, StoreError> {
        affected!(self.write, db => sqlx::query(
            "update products
                set deleted_at = null,
                    updated_at = $2
              where id = $1
                and deleted_at is not null",
        )
        .bind(id)
        .bind(Time::now())
        .execute(db))
        .map_err(|error| error.or_conflict("the sku is taken meanwhile"))?;
        self.product(id).await
    }

    /// Adds to a living product's stock, or takes from it, as one step; what it can't become is a conflict.
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
                "there isn't so much in stock, or no room for more",
            ));
        }
        Ok(changed)
    }
}
