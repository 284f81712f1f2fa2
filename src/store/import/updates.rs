//! Image updates that another program has collected.

use crate::domain::{Id, Time};
use crate::store::engine::lock::{self, lock};
use crate::store::image_updates::{ImageReport, bind_report, change_image_updates, record_changes};
use crate::store::{Store, StoreError};

/// An image update with what people have done about it.
#[derive(Debug, Clone)]
pub struct ImportedUpdate {
    pub report: ImageReport,
    /// The name of its tag, one of the imported ones.
    pub tag: Option<String>,
    pub reported_at: Time,
    pub acknowledged_at: Option<Time>,
}

impl Store {
    /// Imports tags and image updates, all or nothing. A tag of the same name is used as it is; an image that was
    /// reported here stays as it is. Returns, for each update, whether it is new.
    pub async fn import_image_updates(
        &self,
        tags: Vec<String>,
        updates: Vec<ImportedUpdate>,
    ) -> Result<Vec<bool>, StoreError> {
        change_image_updates!(self, db => {
            for tag in &tags {
                sqlx::query(
                    "insert into tags (id, name, created_at) values ($1, $2, $3) on conflict (name) do nothing",
                )
                .bind(Id::generate())
                .bind(tag)
                .bind(Time::now())
                .execute(&mut *db)
                .await?;
            }
            let mut new = Vec::with_capacity(updates.len());
            for ImportedUpdate { report, tag, reported_at, acknowledged_at } in &updates {
                let id = Id::generate();
                let insert = sqlx::query(
                    "insert into image_updates (id, image, diun_version, hostname, status, provider, hub_link, mime_type,
                                                digest, created, platform, metadata, search_text, tag_id,
                                                acknowledged_at, created_at, updated_at)
                     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
                             (select t.id from tags t where t.name = $14), $15, $16, $17)
                     on conflict (image) do nothing",
                );
                let done = bind_report!(insert, id, report)
                .bind(tag)
                .bind(acknowledged_at)
                .bind(reported_at)
                .bind(acknowledged_at.map_or(*reported_at, |at| at.max(*reported_at)))
                .execute(&mut *db)
                .await?;
                if done.rows_affected() == 1 {
                    record_changes!(db, "reported", "id = $3", id);
                }
                new.push(done.rows_affected() == 1);
            }
            Ok(new)
        })
    }
}
