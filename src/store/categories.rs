//! Categories: the tree that the shop's products are sorted into.

use sqlx::{AssertSqlSafe, FromRow};

use super::engine::lock::{self, lock};
use super::query::{Filter, Sort, Window};
use super::{Paged, Store, StoreError};
use crate::domain::{Id, Time};

/// A row of `categories`.
#[derive(Debug, Clone, FromRow)]
pub struct Category {
    pub id: Id,
    pub name: String,
    pub description: Option<String>,
    /// `None` for a root.
    pub parent_id: Option<Id>,
    pub created_at: Time,
    pub updated_at: Time,
}

/// The fields of a category to create.
#[derive(Debug, Clone)]
pub struct NewCategory {
    pub name: String,
    pub description: Option<String>,
    pub parent_id: Option<Id>,
}

/// A change of a category: `None` keeps a field, `Some(None)` clears it.
#[derive(Debug, Clone, Default)]
pub struct CategoryPatch {
    pub name: Option<String>,
    pub description: Option<Option<String>>,
    pub parent_id: Option<Option<Id>>,
}

macro_rules! columns {
    () => {
        "id, name, description, parent_id, created_at, updated_at"
    };
}

const BY_ID: &str = concat!("select ", columns!(), " from categories where id = $1");
const TAKEN: &str = "the name is taken";
const IN_USE: &str = "products are in the category, perhaps deleted ones";

/// Whether `$2` is `$1` or an ancestor of it.
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

/// Inserts a category, with an `on conflict` clause if one is given.
macro_rules! insert_category {
    ($db:ident, $category:expr $(, $on_conflict:literal)?) => {
        sqlx::query(concat!(
            "insert into categories (id, name, description, parent_id, created_at, updated_at)
             values ($1, $2, $3, $4, $5, $6)"
            $(, " ", $on_conflict)?
        ))
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
    pub(super) fn new(new: NewCategory) -> Self {
        new_row!(new; name, description, parent_id)
    }

    fn with(self, patch: CategoryPatch) -> Self {
        patched!(self, patch; name, description, parent_id)
    }
}

impl Store {
    /// A page of the categories, and their total.
    pub async fn categories(&self, window: Window) -> Paged<Category> {
        self.list(columns!(), "categories", &Filter::all(), "name", window)
            .await
    }

    /// All categories.
    pub async fn all_categories(&self, sort: Sort) -> Result<Vec<Category>, StoreError> {
        let query = format!(
            concat!("select ", columns!(), " from categories order by {}"),
            sort.columns("name")
        );
        read_db!(self, db => sqlx::query_as(AssertSqlSafe(query.clone())).fetch_all(db))
    }

    /// The category with this id.
    pub async fn category(&self, id: Id) -> Result<Option<Category>, StoreError> {
        read_db!(self, db => sqlx::query_as(BY_ID).bind(id).fetch_optional(db))
    }

    /// Creates a category. A name that is taken is a conflict.
    pub async fn create_category(&self, new: NewCategory) -> Result<Category, StoreError> {
        let category = Category::new(new);
        affected!(self.write, db => insert_category!(db, category))
            .map_err(|error| error.or_conflict(TAKEN).or_dangling("parent_id"))?;
        Ok(category)
    }

    /// Changes a category. A parent below the category itself is a conflict.
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
                return Err(StoreError::Conflict("the parent is below the category itself"));
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

    /// Deletes a category; its children become roots. A category that products use, even deleted ones, is a conflict.
    /// `false` if there is none.
    pub async fn delete_category(&self, id: Id) -> Result<bool, StoreError> {
        let store = self.clone();
        in_transaction!(self, db => {
            lock!(store, db, lock::CATEGORIES);
            sqlx::query("update categories set parent_id = null, updated_at = $2 where parent_id = $1")
                .bind(id)
                .bind(Time::now())
                .execute(&mut *db)
                .await?;
            let deleted = sqlx::query("delete from categories where id = $1")
                .bind(id)
                .execute(&mut *db)
                .await
                .map_err(|error| StoreError::from(error).or_in_use(IN_USE))?;
            Ok(deleted.rows_affected() == 1)
        })
    }
}
