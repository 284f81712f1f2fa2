//! Image updates: the latest report of Diun, one row per image.

use sqlx::FromRow;

use super::query::{Filter, Sort, Window, search::fold_fields};
use super::{Store, StoreError};
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

macro_rules! columns {
    () => {
        "id, image, diun_version, hostname, status, provider, hub_link, mime_type, digest, created, platform,
         metadata, tag_id, (select t.name from tags t where t.id = tag_id) as tag_name, acknowledged_at,
         created_at, updated_at"
    };
}

const BY_ID: &str = concat!("select ", columns!(), " from image_updates where id = $1");

/// The expression that a search looks at; an index has the same. Rows inserted by hand have no `search_text`.
const SEARCHED: &str = "case when search_text = '' then lower(image || '\n' || coalesce(hostname, '')) else search_text end";

impl Store {
    /// A page of the image updates, and their total.
    pub async fn image_updates(
        &self,
        filter: &ImageUpdateFilter,
        sort: Sort,
        window: Window,
    ) -> Result<(Vec<ImageUpdate>, i64), StoreError> {
        let conditions = Filter::all()
            .only(
                "acknowledged_at is not null",
                filter.acknowledged == Some(true),
            )
            .only(
                "acknowledged_at is null",
                filter.acknowledged == Some(false),
            )
            .when(
                "tag_id = (select id from tags where name = ?)",
                filter.tag.as_deref(),
            )
            .when("hostname = ?", filter.hostname.as_deref());
        // The rows of one tag or host are few: reading them is faster than the index for the search.
        let is_indexed = self.is_postgres() && filter.tag.is_none() && filter.hostname.is_none();
        let conditions = conditions.search(SEARCHED, filter.q.as_deref(), is_indexed);
        let order = sort.columns("image");
        self.list(columns!(), "image_updates", &conditions, &order, window)
            .await
    }

    /// The image update with this id.
    pub async fn image_update(&self, id: Id) -> Result<Option<ImageUpdate>, StoreError> {
        on_db!(self.read, db => sqlx::query_as(BY_ID).bind(id).fetch_optional(db))
    }

    /// Stores a report. It replaces an earlier one of the same image, and is not acknowledged.
    pub async fn report_image(&self, report: ImageReport) -> Result<ImageUpdate, StoreError> {
        let hostname = report.hostname.as_deref().unwrap_or_default();
        let search_text = fold_fields([report.image.as_str(), hostname]);
        let id = on_db!(self.write, db => sqlx::query_scalar::<_, Id>(
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
        )
        .bind(Id::generate())
        .bind(&report.image)
        .bind(&report.diun_version)
        .bind(&report.hostname)
        .bind(&report.status)
        .bind(&report.provider)
        .bind(&report.hub_link)
        .bind(&report.mime_type)
        .bind(&report.digest)
        .bind(report.created)
        .bind(&report.platform)
        .bind(&report.metadata)
        .bind(&search_text)
        .bind(Time::now())
        .fetch_one(db))?;
        self.image_update(id).await?.ok_or(StoreError::Interrupted)
    }

    /// Deletes an image update; `false` if there is none.
    pub async fn delete_image_update(&self, id: Id) -> Result<bool, StoreError> {
        let deleted = affected!(self.write, db => sqlx::query("delete from image_updates where id = $1")
            .bind(id)
            .execute(db))?;
        Ok(deleted == 1)
    }

    /// Acknowledges an image update, unless it is acknowledged already.
    pub async fn acknowledge_image_update(
        &self,
        id: Id,
    ) -> Result<Option<ImageUpdate>, StoreError> {
        affected!(self.write, db => sqlx::query(
            "update image_updates
                set acknowledged_at = $2,
                    updated_at      = $2
              where id = $1
                and acknowledged_at is null",
        )
        .bind(id)
        .bind(Time::now())
        .execute(db))?;
        self.image_update(id).await
    }

    /// Acknowledges several image updates; the value is how many were not acknowledged before.
    pub async fn acknowledge_image_updates(&self, which: Acknowledged) -> Result<u64, StoreError> {
        let tag_id = match which {
            Acknowledged::All => None,
            Acknowledged::Tagged(name) => Some(self.tag_id(&name).await?),
        };
        affected!(self.write, db => sqlx::query(
            "update image_updates
                set acknowledged_at = $1,
                    updated_at      = $1
              where acknowledged_at is null
                and ($2 is null or tag_id = $2)",
        )
        .bind(Time::now())
        .bind(tag_id)
        .execute(db))
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
        affected!(self.write, db => sqlx::query("update image_updates set tag_id = $2, updated_at = $3 where id = $1")
            .bind(id)
            .bind(tag_id)
            .bind(Time::now())
            .execute(db))
        .map_err(|error| error.or_dangling("tag_id"))?;
        self.image_update(id).await
    }
}
