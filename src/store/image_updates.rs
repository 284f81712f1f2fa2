//! Image updates: the latest report of Diun, one row per image.

use sqlx::FromRow;

use super::engine::lock::{self, lock};
use super::query::{Filter, Window, search::fold_fields};
use super::{Paged, Store, StoreError};
use crate::domain::{Id, JsonText, Time};

/// A row of `image_updates`.
#[derive(Debug, Clone, FromRow)]
pub struct ImageUpdate {
    pub id: Id,
    /// Unique.
    pub image: String,
    pub diun_version: Option<String>,
    pub hostname: Option<String>,
    /// `new` or `update`.
    pub status: Option<String>,
    pub provider: Option<String>,
    pub hub_link: Option<String>,
    pub mime_type: Option<String>,
    pub digest: Option<String>,
    /// When the image was built.
    pub created: Option<Time>,
    pub platform: Option<String>,
    pub metadata: Option<JsonText>,
    pub tag_id: Option<Id>,
    pub tag_name: Option<String>,
    pub acknowledged_at: Option<Time>,
    /// When it was first reported.
    pub created_at: Time,
    /// When it was last reported or changed.
    pub updated_at: Time,
}

/// A report of Diun.
#[derive(Debug, Clone)]
pub struct ImageReport {
    pub image: String,
    pub diun_version: Option<String>,
    pub hostname: Option<String>,
    pub status: Option<String>,
    pub provider: Option<String>,
    pub hub_link: Option<String>,
    pub mime_type: Option<String>,
    pub digest: Option<String>,
    pub created: Option<Time>,
    pub platform: Option<String>,
    pub metadata: Option<JsonText>,
}

/// Conditions for a list of image updates.
#[derive(Debug, Clone, Default)]
pub struct ImageUpdateFilter {
    pub acknowledged: Option<bool>,
    /// The name of the tag.
    pub tag: Option<String>,
    pub hostname: Option<String>,
    /// Any part of image or hostname, in any case.
    pub q: Option<String>,
}

/// Which image updates to acknowledge together.
#[derive(Debug, Clone)]
pub enum Acknowledged {
    All,
    /// Those with the tag of this name.
    Tagged(String),
}

/// Which acknowledgements to undo.
#[derive(Debug, Clone, Copy)]
pub enum Unacknowledged {
    One(Id),
    /// Those that were acknowledged together at this time.
    At(Time),
}

/// Runs a transaction that changes image updates, and then notifies the event streams of this process.
macro_rules! change_image_updates {
    ($self:ident, $db:ident => $work:block) => {{
        let store = $self.clone();
        let done = in_transaction!($self, $db => {
            lock!(store, $db, lock::IMAGE_UPDATES);
            $work
        });
        $self.image_updates_changed.notify_one();
        done
    }};
}
pub(super) use change_image_updates;

macro_rules! columns {
    () => {
        "id, image, diun_version, hostname, status, provider, hub_link, mime_type, digest, created, platform,
         metadata, tag_id, (select t.name from tags t where t.id = tag_id) as tag_name, acknowledged_at,
         created_at, updated_at"
    };
}
pub(super) use columns;

macro_rules! unacknowledge {
    ($self:ident, $condition:literal, $value:expr) => {
        change_image_updates!($self, db => {
            record_changes!(db, "unacknowledged", concat!($condition, "$3"), $value);
            let done = sqlx::query(concat!(
                "update image_updates
                    set acknowledged_at = null,
                        updated_at      = $1
                  where ", $condition, "$2",
            ))
            .bind(Time::now())
            .bind($value)
            .execute(&mut *db)
            .await?;
            Ok(done.rows_affected())
        })
    };
}

const BY_ID: &str = concat!("select ", columns!(), " from image_updates where id = $1");

/// Binds an id, the fields of a report and the text that is searched, as `$1` to `$13` in the order of the columns.
macro_rules! bind_report {
    ($query:expr, $id:expr, $report:expr) => {
        $query
            .bind($id)
            .bind(&$report.image)
            .bind(&$report.diun_version)
            .bind(&$report.hostname)
            .bind(&$report.status)
            .bind(&$report.provider)
            .bind(&$report.hub_link)
            .bind(&$report.mime_type)
            .bind(&$report.digest)
            .bind($report.created)
            .bind(&$report.platform)
            .bind(&$report.metadata)
            .bind($report.search_text())
    };
}
pub(super) use bind_report;

/// Records a change of the image updates that match a condition on `$3`. Only the latest changes are kept: a client
/// that has missed more has to reload.
macro_rules! record_changes {
    ($db:ident, $change:literal, $condition:expr, $value:expr) => {{
        sqlx::query(concat!(
            "insert into image_update_changes (image_update_id, change, created_at)
             select id, $1, $2 from image_updates where ", $condition, " order by id",
        ))
        .bind($change)
        .bind($crate::domain::Time::now())
        .bind($value)
        .execute(&mut *$db)
        .await?;
        sqlx::query("delete from image_update_changes where id <= (select max(id) from image_update_changes) - 10000")
            .execute(&mut *$db)
            .await?;
    }};
}
pub(super) use record_changes;

impl ImageReport {
    pub(super) fn search_text(&self) -> String {
        let hostname = self.hostname.as_deref().unwrap_or_default();
        fold_fields([self.image.as_str(), hostname])
    }
}

impl Store {
    /// A page of the image updates, or of those without a tag, and their total.
    pub async fn image_updates(
        &self,
        filter: &ImageUpdateFilter,
        untagged: bool,
        window: Window,
    ) -> Paged<ImageUpdate> {
        let conditions = self.image_update_conditions(filter, untagged);
        self.list(columns!(), "image_updates", &conditions, "image", window)
            .await
    }

    pub(super) fn image_update_conditions(
        &self,
        filter: &ImageUpdateFilter,
        untagged: bool,
    ) -> Filter {
        // A tag or a host has few rows: reading them is faster than the search index.
        let is_indexed = self.is_postgres() && filter.tag.is_none() && filter.hostname.is_none();
        let acknowledged = filter.acknowledged;
        Filter::all()
            .only("acknowledged_at is not null", acknowledged == Some(true))
            .only("acknowledged_at is null", acknowledged == Some(false))
            .only("tag_id is null", untagged)
            .when(
                "tag_id = (select id from tags where name = ?)",
                filter.tag.as_deref(),
            )
            .when("hostname = ?", filter.hostname.as_deref())
            .search("search_text", filter.q.as_deref(), is_indexed)
    }

    /// The image update with this id.
    pub async fn image_update(&self, id: Id) -> Result<Option<ImageUpdate>, StoreError> {
        read_db!(self, db => sqlx::query_as(BY_ID).bind(id).fetch_optional(db))
    }

    /// Stores a report. It replaces an earlier one of the same image, and is not acknowledged.
    pub async fn report_image(&self, report: ImageReport) -> Result<ImageUpdate, StoreError> {
        change_image_updates!(self, db => {
            let insert = sqlx::query_scalar(
                "insert into image_updates (id, image, diun_version, hostname, status, provider, hub_link, mime_type,
                                            digest, created, platform, metadata, search_text, created_at, updated_at)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14)
                 on conflict (image) do update
                    set diun_version    = excluded.diun_version,
                        hostname        = excluded.hostname,
                        status          = excluded.status,
                        provider        = excluded.provider,
                        hub_link        = excluded.hub_link,
                        mime_type       = excluded.mime_type,
                        digest          = excluded.digest,
                        created         = excluded.created,
                        platform        = excluded.platform,
                        metadata        = excluded.metadata,
                        search_text     = excluded.search_text,
                        acknowledged_at = null,
                        updated_at      = excluded.updated_at
                 returning id",
            );
            let id: Id = bind_report!(insert, Id::generate(), report)
                .bind(Time::now())
            .fetch_one(&mut *db)
            .await?;
            record_changes!(db, "reported", "id = $3", id);
            Ok(sqlx::query_as(BY_ID).bind(id).fetch_one(&mut *db).await?)
        })
    }

    /// Deletes an image update; `false` if there is none.
    pub async fn delete_image_update(&self, id: Id) -> Result<bool, StoreError> {
        change_image_updates!(self, db => {
            record_changes!(db, "deleted", "id = $3", id);
            let deleted = sqlx::query("delete from image_updates where id = $1")
                .bind(id)
                .execute(&mut *db)
                .await?;
            Ok(deleted.rows_affected() == 1)
        })
    }

    /// Acknowledges an image update, unless it is acknowledged already.
    pub async fn acknowledge_image_update(
        &self,
        id: Id,
    ) -> Result<Option<ImageUpdate>, StoreError> {
        change_image_updates!(self, db => {
            record_changes!(db, "acknowledged", "id = $3 and acknowledged_at is null", id);
            sqlx::query(
                "update image_updates
                    set acknowledged_at = $2,
                        updated_at      = $2
                  where id = $1
                    and acknowledged_at is null",
            )
            .bind(id)
            .bind(Time::now())
            .execute(&mut *db)
            .await?;
            Ok(sqlx::query_as(BY_ID).bind(id).fetch_optional(&mut *db).await?)
        })
    }

    /// Acknowledges several image updates. Returns how many were not acknowledged before, and the time that identifies
    /// these acknowledgements to undo them.
    pub async fn acknowledge_image_updates(
        &self,
        which: Acknowledged,
    ) -> Result<(u64, Time), StoreError> {
        let tag_id = match which {
            Acknowledged::All => None,
            Acknowledged::Tagged(name) => Some(self.tag_id(&name).await?),
        };
        let now = Time::now();
        let acknowledged = change_image_updates!(self, db => {
            record_changes!(db, "acknowledged", "acknowledged_at is null and ($3 is null or tag_id = $3)", tag_id);
            let done = sqlx::query(
                "update image_updates
                    set acknowledged_at = $1,
                        updated_at      = $1
                  where acknowledged_at is null
                    and ($2 is null or tag_id = $2)",
            )
            .bind(now)
            .bind(tag_id)
            .execute(&mut *db)
            .await?;
            Ok(done.rows_affected())
        })?;
        Ok((acknowledged, now))
    }

    /// Undoes acknowledgements, and returns their number.
    pub async fn unacknowledge_image_updates(
        &self,
        which: Unacknowledged,
    ) -> Result<u64, StoreError> {
        match which {
            Unacknowledged::One(id) => {
                unacknowledge!(self, "acknowledged_at is not null and id = ", id)
            }
            Unacknowledged::At(time) => unacknowledge!(self, "acknowledged_at = ", time),
        }
    }

    async fn tag_id(&self, name: &str) -> Result<Id, StoreError> {
        let id: Option<Id> = on_db!(self.read, db => sqlx::query_scalar("select id from tags where name = $1")
            .bind(name)
            .fetch_optional(db))?;
        id.ok_or(StoreError::Dangling("tag"))
    }

    /// Sets or removes the tag of an image update.
    pub async fn tag_image_update(
        &self,
        id: Id,
        tag_id: Option<Id>,
    ) -> Result<Option<ImageUpdate>, StoreError> {
        change_image_updates!(self, db => {
            record_changes!(db, "tagged", "id = $3", id);
            sqlx::query("update image_updates set tag_id = $2, updated_at = $3 where id = $1")
                .bind(id)
                .bind(tag_id)
                .bind(Time::now())
                .execute(&mut *db)
                .await?;
            Ok(sqlx::query_as(BY_ID).bind(id).fetch_optional(&mut *db).await?)
        })
        .map_err(|error| error.or_dangling("tag_id"))
    }
}
