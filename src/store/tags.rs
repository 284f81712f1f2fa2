//! Tags of image updates.

use sqlx::FromRow;

use super::engine::lock::{self, lock};
use super::image_updates::change_image_updates;
use super::image_updates::record_changes;
use super::query::{Filter, Window};
use super::{Paged, Store, StoreError};
use crate::domain::{Id, Time};

/// A row of `tags`.
#[derive(Debug, Clone, FromRow)]
pub struct Tag {
    pub id: Id,
    pub name: String,
    pub created_at: Time,
}

impl Store {
    /// A page of the tags, and their total.
    pub async fn tags(&self, window: Window) -> Paged<Tag> {
        let columns = "id, name, created_at";
        self.list(columns, "tags", &Filter::all(), "name", window)
            .await
    }

    /// Creates a tag. A name that is taken is a conflict.
    pub async fn create_tag(&self, name: String) -> Result<Tag, StoreError> {
        let tag = Tag {
            id: Id::generate(),
            name,
            created_at: Time::now(),
        };
        affected!(self.write, db => sqlx::query("insert into tags (id, name, created_at) values ($1, $2, $3)")
            .bind(tag.id)
            .bind(&tag.name)
            .bind(tag.created_at)
            .execute(db))
        .map_err(|error| error.or_conflict("the name is taken"))?;
        Ok(tag)
    }

    /// Deletes a tag, and removes it from the image updates that have it; `false` if there is none.
    pub async fn delete_tag(&self, id: Id) -> Result<bool, StoreError> {
        change_image_updates!(self, db => {
            record_changes!(db, "tagged", "tag_id = $3", id);
            let deleted = sqlx::query("delete from tags where id = $1")
                .bind(id)
                .execute(&mut *db)
                .await?;
            Ok(deleted.rows_affected() == 1)
        })
    }
}
