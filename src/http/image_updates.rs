//! Image updates: what there is to take note of, reported by Diun.

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use serde_json::Value;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::AppState;
use super::answer::{deleted, found};
use super::caller::{Reader, Writer};
use super::error::ApiError;
use super::extract::Input;
use super::fields::{Fields, Read};
use super::kinds;
use super::page::{Listed, Sorted};
use crate::domain::{Id, Time};
use crate::store::image_updates::{Acknowledged, ImageUpdate, ImageUpdateFilter};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get, delete))
        .routes(routes!(acknowledge))
        .routes(routes!(acknowledge_several))
        .routes(routes!(update_tag, delete_tag))
}

/// An image update as answers show it.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct ImageUpdateAnswer {
    id: Id,
    #[schema(example = "4.29.0")]
    diun_version: Option<String>,
    #[schema(example = "ballroom-1")]
    hostname: Option<String>,
    #[schema(example = "update")]
    status: Option<String>,
    #[schema(example = "docker")]
    provider: Option<String>,
    #[schema(example = "docker.io/library/postgres:16-alpine")]
    image: String,
    #[schema(example = "https://hub.docker.com/_/postgres")]
    hub_link: Option<String>,
    #[schema(example = "application/vnd.oci.image.index.v1+json")]
    mime_type: Option<String>,
    #[schema(example = "sha256:216e3ae7de4ca8b553eb11ef7abda00651e79e537e85c46108284e5e91673e01")]
    digest: Option<String>,
    /// When the image was built.
    created: Option<Time>,
    #[schema(example = "linux/amd64")]
    platform: Option<String>,
    /// What else Diun's provider knows.
    #[schema(value_type = Option<Object>)]
    metadata: Option<Value>,
    tag: Option<TagName>,
    /// When somebody took note of it.
    acknowledged_at: Option<Time>,
    created_at: Time,
    updated_at: Time,
}

/// A tag as image updates carry it.
#[derive(Serialize, utoipa::ToSchema)]
struct TagName {
    id: Id,
    #[schema(example = "production")]
    name: String,
}

impl From<ImageUpdate> for ImageUpdateAnswer {
    fn from(update: ImageUpdate) -> Self {
        let tag = update.tag_id.zip(update.tag_name);
        Self {
            id: update.id,
            diun_version: update.diun_version,
            hostname: update.hostname,
            status: update.status,
            provider: update.provider,
            image: update.image,
            hub_link: update.hub_link,
            mime_type: update.mime_type,
            digest: update.digest,
            created: update.created,
            platform: update.platform,
            metadata: update.metadata.map(|metadata| Value::Object(metadata.0)),
            tag: tag.map(|(id, name)| TagName { id, name }),
            acknowledged_at: update.acknowledged_at,
            created_at: update.created_at,
            updated_at: update.updated_at,
        }
    }
}

/// Which image updates are asked for, in which order.
struct ImageUpdateQuery {
    filter: ImageUpdateFilter,
    sorted: Sorted,
}

impl Read for ImageUpdateQuery {
    fn read(fields: &mut Fields) -> Option<Self> {
        let filter = ImageUpdateFilter {
            acknowledged: fields.parameter("acknowledged", kinds::yes_or_no),
            tag: fields.parameter("tag", kinds::short_text),
            hostname: fields.parameter("hostname", kinds::any_text),
            q: fields.parameter("q", kinds::short_text),
        };
        let sorted = Sorted::read(fields)?;
        Some(Self { filter, sorted })
    }
}

/// Which image updates are taken note of together.
#[derive(utoipa::ToSchema)]
#[serde(untagged)]
#[allow(
    dead_code,
    reason = "describes the body; `Acknowledged` is what is read"
)]
enum Acknowledgement {
    #[schema(title = "All of them")]
    All {
        /// `true`, and nothing else.
        #[schema(schema_with = only_true)]
        all: bool,
    },
    #[schema(title = "Those with a tag")]
    Tagged {
        /// The tag's name.
        #[schema(example = "production", max_length = 200)]
        tag: String,
    },
}

fn only_true() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::Boolean)
        .enum_values(Some([true]))
        .build()
}

impl Read for Acknowledged {
    fn read(fields: &mut Fields) -> Option<Self> {
        fields.either("all", "tag");
        let all = fields.patch_required("all", kinds::yes);
        let tag = fields.patch_required("tag", kinds::short_text);
        tag.map(Self::Tagged).or(all.map(|_| Self::All))
    }
}

/// How many were taken note of.
#[derive(Serialize, utoipa::ToSchema)]
struct AcknowledgedAnswer {
    #[schema(example = 7)]
    acknowledged: u64,
}

/// The tag to carry.
#[derive(utoipa::ToSchema)]
struct Tagging {
    tag_id: Id,
}

impl Read for Tagging {
    fn read(fields: &mut Fields) -> Option<Self> {
        let tag_id = fields.required("tag_id", kinds::id)?;
        Some(Self { tag_id })
    }
}

/// The image updates.
#[utoipa::path(get, path = "/image-updates", tag = "image updates", params(
    ("acknowledged" = Option<bool>, Query, description = "Whether somebody took note"),
    ("tag" = Option<String>, Query, description = "With the tag of this name", max_length = 200),
    ("hostname" = Option<String>, Query, description = "Seen on this host"),
    ("q" = Option<String>, Query, description = "Any part of image or hostname, in any case", max_length = 200),
    Sorted,
), responses((status = 200, body = Listed<ImageUpdateAnswer>)), security(("bearer" = ["read"])))]
async fn list(
    State(state): State<AppState>,
    _: Reader,
    Input { query, .. }: Input<(), ImageUpdateQuery>,
) -> Result<Json<Listed<ImageUpdateAnswer>>, ApiError> {
    let Sorted { sort, page } = query.sorted;
    let updates = state
        .store
        .image_updates(&query.filter, sort, page.window())
        .await?;
    Ok(Json(page.answer(updates)))
}

/// One image update.
#[utoipa::path(get, path = "/image-updates/{id}", tag = "image updates", params(("id" = Uuid, Path)),
    responses((status = 200, body = ImageUpdateAnswer)), security(("bearer" = ["read"])))]
async fn get(
    State(state): State<AppState>,
    _: Reader,
    Input { path, .. }: Input<Id>,
) -> Result<Json<ImageUpdateAnswer>, ApiError> {
    found(state.store.image_update(path).await?)
}

/// Remove an image update; the next report brings it back.
#[utoipa::path(delete, path = "/image-updates/{id}", tag = "image updates", params(("id" = Uuid, Path)),
    responses((status = 204)), security(("bearer" = ["write"])))]
async fn delete(
    State(state): State<AppState>,
    _: Writer,
    Input { path, .. }: Input<Id>,
) -> Result<StatusCode, ApiError> {
    deleted(state.store.delete_image_update(path).await?)
}

/// Take note of an image update.
#[utoipa::path(post, path = "/image-updates/{id}/acknowledge", tag = "image updates", params(("id" = Uuid, Path)),
    responses((status = 200, body = ImageUpdateAnswer)), security(("bearer" = ["write"])))]
async fn acknowledge(
    State(state): State<AppState>,
    _: Writer,
    Input { path, .. }: Input<Id>,
) -> Result<Json<ImageUpdateAnswer>, ApiError> {
    found(state.store.acknowledge_image_update(path).await?)
}

/// Take note of all image updates, or of those with a tag.
#[utoipa::path(post, path = "/image-updates/acknowledge", tag = "image updates", request_body = Acknowledgement,
    responses((status = 200, body = AcknowledgedAnswer)), security(("bearer" = ["write"])))]
async fn acknowledge_several(
    State(state): State<AppState>,
    _: Writer,
    Input { body, .. }: Input<(), (), Acknowledged>,
) -> Result<Json<AcknowledgedAnswer>, ApiError> {
    let acknowledged = state.store.acknowledge_image_updates(body).await?;
    Ok(Json(AcknowledgedAnswer { acknowledged }))
}

/// Hang a tag on an image update, in place of the one that it has.
#[utoipa::path(put, path = "/image-updates/{id}/tag", tag = "image updates", params(("id" = Uuid, Path)),
    request_body = Tagging, responses((status = 200, body = ImageUpdateAnswer)), security(("bearer" = ["write"])))]
async fn update_tag(
    State(state): State<AppState>,
    _: Writer,
    Input { path, body, .. }: Input<Id, (), Tagging>,
) -> Result<Json<ImageUpdateAnswer>, ApiError> {
    found(
        state
            .store
            .tag_image_update(path, Some(body.tag_id))
            .await?,
    )
}

/// Take the tag off an image update.
#[utoipa::path(delete, path = "/image-updates/{id}/tag", tag = "image updates", params(("id" = Uuid, Path)),
    responses((status = 200, body = ImageUpdateAnswer)), security(("bearer" = ["write"])))]
async fn delete_tag(
    State(state): State<AppState>,
    _: Writer,
    Input { path, .. }: Input<Id>,
) -> Result<Json<ImageUpdateAnswer>, ApiError> {
    found(state.store.tag_image_update(path, None).await?)
}
