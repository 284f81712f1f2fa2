//! Categories: a tree in which the shop's products hang.

use sqlx::{AssertSqlSafe, FromRow};

use super::engine::lock::{self, lock};
use super::query::{Sort, page};
use super::{Store, StoreError, Window};
use crate::domain::{Id, Time};

/// A row of `categories`.
#[derive(Debug, Clone, FromRow)]
pub struct Category {
    /// The id.
    pub id: Id,
    /// Unique.
    pub name: String,
    /// About what hangs in it.
    pub description: Option<String>,
    /// The category it is part of; a root has none.
    pub parent_id: Option<Id>,
    /// When it was made.
    pub created_at: Time,
    /// When it was changed.
    pub updated_at: Time,
}

/// What a new category is made of.
#[derive(Debug, Clone)]
pub struct NewCategory {
    /// See [`Category`].
    pub name: String,
    /// See [`Category`].
    pub description: Option<String>,
    /// See [`Category`].
    pub parent_id: Option<Id>,
}

/// What a change may set: `None` leaves a field, `Some(None)` clears it.
#[derive(Debug, Clone, Default)]
pub struct CategoryPatch {
    /// See [`Category`].
    pub name: Option<String>,
    /// See [`Category`].
    pub description: Option<Option<String>>,
    /// See [`Category`].
    pub parent_id: Option<Option<Id>>,
}

macro_rules! columns {
    () => {
        "id, name, description, parent_id, created_at, updated_at"
    };
}

const BY_ID: &str = concat!("select ", columns!(), " from categories where id = $1");
const TAKEN: &str = "the name is taken";
const IN_USE: &str = "products are in the category";

/// Whether `$2` is `$1` or above it.
const IS_ABOVE: &str = "with recursive above (id, parent_id) as (
                            select id, parent_id
                              from categories
                             where id = $1
                            union
                            select c.id, c.parent_id
                              from categories c
                              join above a on a.parent_id = c.id
                        )
                        select exists (select 1 from above where id = $2)";

/// Puts a category there.
macro_rules! insert_category {
    ($db:ident, $category:expr) => {
        sqlx::query(
            "insert into categories (id, name, description, parent_id, created_at, updated_at)
             values ($1, $2, $3, $4, $5, $6)",
        )
        .bind($category.id)
        .bind(&$category.name)
        .bind(&$category.description)
        .bind($category.parent_id)
        .bind($category.created_at)
        .bind($category.updated_at)
        .execute(&mut *$db)
    };
}
pub(super) use insert_category;

impl Category {
    /// A category made now.
    pub(super) fn new(new: NewCategory) -> Self {
        let now = Time::now();
        Self {
            id: Id::generate(),
            name: new.name,
            description: new.description,
            parent_id: new.parent_id,
            created_at: now,
            updated_at: now,
        }
    }

    fn with(self, patch: CategoryPatch) -> Self {
        Self {
            name: patch.name.unwrap_or(self.name),
            description: patch.description.unwrap_or(self.description),
            parent_id: patch.parent_id.unwrap_or(self.parent_id),
            updated_at: Time::now(),
            ..self
        }
    }
}

impl Store {
    /// A page of the categories, and how many there are in all.
    pub async fn categories(
        &self,
        sort: Sort,
        window: Window,
    ) -> Result<(Vec<Category>, i64), StoreError> {
        page!(
            self,
            columns!(),
            "from categories",
            sort.order("name"),
            window,
            []
        )
    }

    /// All categories, for the tree of them.
    pub async fn all_categories(&self, sort: Sort) -> Result<Vec<Category>, StoreError> {
        let query = format!(
            concat!("select ", columns!(), " from categories order by {}"),
            sort.order("name")
        );
        on_db!(self.read, db => sqlx::query_as(AssertSqlSafe(query)).fetch_all(db))
    }

    /// The category with this id.
    pub async fn category(&self, id: Id) -> Result<Option<Category>, StoreError> {
        on_db!(self.read, db => sqlx::query_as(BY_ID).bind(id).fetch_optional(db))
    }

    /// Makes a category; a name that is taken is a conflict.
    pub async fn create_category(&self, new: NewCategory) -> Result<Category, StoreError> {
        let category = Category::new(new);
        affected!(self.write, db => insert_category!(db, category))
            .map_err(|error| error.or_conflict(TAKEN).or_dangling("parent_id"))?;
        Ok(category)
    }

    /// Changes a category; a parent that hangs below it is a conflict.
    pub async fn update_category(
        &self,
        id: Id,
        patch: CategoryPatch,
    ) -> Result<Option<Category>, StoreError> {
        let store = self.clone();
        in_transaction!(self, db => {
            lock!(store, db, lock::CATEGORIES);
            let Some(before) = sqlx::query_as::<_, Category>(BY_ID).bind(id).fetch_optional(&mut *db).await? else {
                return Ok(None);
            };
            let category = before.with(patch);
            let cycle = sqlx::query_scalar(IS_ABOVE).bind(category.parent_id).bind(id).fetch_one(&mut *db).await?;
            if cycle {
                return Err(StoreError::Conflict("the parent would hang below its own child"));
            }
            sqlx::query(
                "update categories
                    set name        = $2,
                        description = $3,
                        parent_id   = $4,
                        updated_at  = $5
                  where id = $1",
            )
            .bind(id)
            .bind(&category.name)
            .bind(&category.description)
            .bind(category.parent_id)
            .bind(category.updated_at)
            .execute(&mut *db)
            .await
            .map_err(|error| StoreError::from(error).or_conflict(TAKEN).or_dangling("parent_id"))?;
            Ok(Some(category))
        })
    }

    /// Removes a category that no product hangs in; its children become roots. Deleted products go with it, as there
    /// is nowhere to bring them back to. `false` when there is none.
    pub async fn delete_category(&self, id: Id) -> Result<bool, StoreError> {
        let store = self.clone();
        in_transaction!(self, db => {
            lock!(store, db, lock::CATEGORIES);
            let in_use = sqlx::query_scalar(
                "select exists (select 1 from products where category_id = $1 and deleted_at is null)",
            )
            .bind(id)
            .fetch_one(&mut *db)
            .await?;
            if in_use {
                return Err(StoreError::Conflict(IN_USE));
            }
            sqlx::query("delete from products where category_id = $1 and deleted_at is not null")
                .bind(id)
                .execute(&mut *db)
                .await?;
            sqlx::query("update categories set parent_id = null, updated_at = $2 where parent_id = $1")
                .bind(id)
                .bind(Time::now())
                .execute(&mut *db)
                .await?;
            let deleted = sqlx::query("delete from categories where id = $1")
                .bind(id)
                .execute(&mut *db)
                .await
                // A product was hung in it just now.
                .map_err(|error| StoreError::from(error).or_in_use(IN_USE))?;
            Ok(deleted.rows_affected() == 1)
        })
    }
}
