//! Image updates: what Diun reported, one row an image.

use serde_json::{Map, Value};
use sqlx::{FromRow, types::Json};

use super::query::{Sort, fold, page};
use super::{Store, StoreError, Window};
use crate::domain::{Id, Time};

/// A row of `image_updates`.
#[derive(Debug, Clone, FromRow)]
pub struct ImageUpdate {
    /// The id.
    pub id: Id,
    /// Which image it is, unique.
    pub image: String,
    /// Who reported it.
    pub diun_version: Option<String>,
    /// The host on which it was seen.
    pub hostname: Option<String>,
    /// `new` or `update`.
    pub status: Option<String>,
    /// What told Diun of the image.
    pub provider: Option<String>,
    /// Where to read about it.
    pub hub_link: Option<String>,
    /// What kind of manifest it has.
    pub mime_type: Option<String>,
    /// Which manifest it is.
    pub digest: Option<String>,
    /// When the image was built.
    pub created: Option<Time>,
    /// What it runs on.
    pub platform: Option<String>,
    /// What else the provider knows.
    pub metadata: Option<Json<Map<String, Value>>>,
    /// The tag that it carries.
    pub tag_id: Option<Id>,
    /// The tag's name.
    pub tag_name: Option<String>,
    /// When somebody took note of it.
    pub acknowledged_at: Option<Time>,
    /// When it was reported first.
    pub created_at: Time,
    /// When it was reported last, or changed.
    pub updated_at: Time,
}

/// What Diun reports.
#[derive(Debug, Clone)]
pub struct ImageReport {
    /// See [`ImageUpdate`].
    pub image: String,
    /// See [`ImageUpdate`].
    pub diun_version: Option<String>,
    /// See [`ImageUpdate`].
    pub hostname: Option<String>,
    /// See [`ImageUpdate`].
    pub status: Option<String>,
    /// See [`ImageUpdate`].
    pub provider: Option<String>,
    /// See [`ImageUpdate`].
    pub hub_link: Option<String>,
    /// See [`ImageUpdate`].
    pub mime_type: Option<String>,
    /// See [`ImageUpdate`].
    pub digest: Option<String>,
    /// See [`ImageUpdate`].
    pub created: Option<Time>,
    /// See [`ImageUpdate`].
    pub platform: Option<String>,
    /// See [`ImageUpdate`].
    pub metadata: Option<Map<String, Value>>,
}

/// Which image updates a list holds.
#[derive(Debug, Clone, Default)]
pub struct ImageUpdateFilter {
    /// Whether somebody took note.
    pub acknowledged: Option<bool>,
    /// With the tag of this name.
    pub tag: Option<String>,
    /// Seen on this host.
    pub hostname: Option<String>,
    /// Any part of image or hostname, in any case.
    pub q: Option<String>,
}

/// Which image updates are taken note of together.
#[derive(Debug, Clone)]
pub enum Acknowledged {
    /// All of them.
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

/// What a search looks at: of a row that was put there by hand, what it has. An index holds the same expression.
macro_rules! searched {
    () => {
        "case when search_text = '' then lower(image || '\n' || coalesce(hostname, '')) else search_text end"
    };
}

impl Store {
    /// A page of the image updates, and how many there are in all.
    pub async fn image_updates(
        &self,
        filter: &ImageUpdateFilter,
        sort: Sort,
        window: Window,
    ) -> Result<(Vec<ImageUpdate>, i64), StoreError> {
        let search = self
            .search(filter.q.as_deref())
            .among_few(filter.tag.is_some() || filter.hostname.is_some());
        page!(
            self,
            columns!(),
            concat!(
                "from image_updates
                where true
                  and acknowledged_at is not null and $1
                  and acknowledged_at is null and $2
                  and tag_id = (select id from tags where name = $3)
                  and hostname = $4
                  and ",
                searched!(),
                " like $5 escape '\\'
                  and search_trigrams(",
                searched!(),
                ") @> search_trigrams($6)"
            ),
            sort.order("image"),
            window,
            [
                filter.acknowledged.filter(|yes| *yes),
                filter.acknowledged.filter(|yes| !yes).map(|_| true),
                filter.tag.as_deref(),
                filter.hostname.as_deref(),
            ],
            search
        )
    }

    /// The image update with this id.
    pub async fn image_update(&self, id: Id) -> Result<Option<ImageUpdate>, StoreError> {
        on_db!(self.read, db => sqlx::query_as(BY_ID).bind(id).fetch_optional(db))
    }

    /// Takes a report in: an image that is known is updated, and is news again.
    pub async fn report_image(&self, report: ImageReport) -> Result<ImageUpdate, StoreError> {
        let hostname = report.hostname.as_deref().unwrap_or_default();
        let search_text = fold(&format!("{}\n{hostname}", report.image));
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
        .bind(report.metadata.as_ref().map(Json))
        .bind(&search_text)
        .bind(Time::now())
        .fetch_one(db))?;
        self.image_update(id).await?.ok_or(StoreError::Interrupted)
    }

    /// Removes an image update; `false` when there is none.
    pub async fn delete_image_update(&self, id: Id) -> Result<bool, StoreError> {
        let deleted = affected!(self.write, db => sqlx::query("delete from image_updates where id = $1")
            .bind(id)
            .execute(db))?;
        Ok(deleted == 1)
    }

    /// Takes note of an image update; the first time counts.
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

    /// Takes note of several that nobody took note of yet; the answer is how many.
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

    /// Hangs a tag on an image update, or takes it off.
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
