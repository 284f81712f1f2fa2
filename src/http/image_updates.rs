//! Image updates, which Diun reports and users acknowledge.

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;

use super::error::ApiError;
use super::input::{ANY_TEXT, Bool, ID, Input, PathId, SHORT_TEXT, True, fields};
use super::middleware::principal::{Reader, Writer};
use super::pagination::{Listed, Sorted};
use super::response::{deleted, found, response};
use super::state::AppState;
use crate::domain::{Id, JsonText, Time};
use crate::store::image_updates::{Acknowledged, ImageUpdate, ImageUpdateFilter};

response! {
    ImageUpdateResponse from update: ImageUpdate {
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
        /// Data that Diun's provider adds.
        #[schema(value_type = Option<Map<String, Value>>, example = json!({ "os": "linux" }))]
        metadata: Option<JsonText>,
        tag: Option<TagOfUpdate> = update.tag_id.zip(update.tag_name).map(|(id, name)| TagOfUpdate { id, name }),
        acknowledged_at: Option<Time>,
        created_at: Time,
        updated_at: Time,
    }
}

#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = TagName)]
pub struct TagOfUpdate {
    id: Id,
    #[schema(example = "production")]
    name: String,
}

fields! {
    query ImageUpdateFilter {
        /// Whether it is acknowledged.
        acknowledged: optional(Bool) = false,
        /// With the tag of this name.
        tag: optional(SHORT_TEXT) = "production",
        /// Reported by this host.
        hostname: optional(ANY_TEXT) = "ballroom-1",
        /// Any part of image or hostname, in any case.
        q: optional(SHORT_TEXT) = "postgres",
    }
}

fields! {
    body struct Acknowledgement as "Acknowledgement", exactly_one_of(all, tag) {
        /// Must be `true`.
        all: not_null(True) as Option<()> = true,
        /// The name of a tag.
        tag: not_null(SHORT_TEXT) as Option<String> = "production",
    }
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct AcknowledgedResponse {
    /// How many were acknowledged.
    #[schema(example = 7)]
    acknowledged: u64,
}

fields! {
    body struct Tagging as "Tagging" {
        tag_id: required(ID) as Id = "0197a0a0-0000-7000-8000-000000000001",
    }
}

/// List image updates.
#[utoipa::path(get, path = "/image-updates", tag = "image updates", params(ImageUpdateFilter, Sorted),
    responses((status = 200, body = Listed<ImageUpdateResponse>)), security(("bearer" = ["read"])))]
pub async fn list(
    State(state): State<AppState>,
    _: Reader,
    input: Input<(), (ImageUpdateFilter, Sorted)>,
) -> Result<Json<Listed<ImageUpdateResponse>>, ApiError> {
    let (filter, page) = input.query;
    let updates = state.store.image_updates(&filter, false, page.window());
    Ok(Json(page.response(updates.await?)))
}

/// Get an image update.
#[utoipa::path(get, path = "/image-updates/{id}", tag = "image updates", params(PathId),
    responses((status = 200, body = ImageUpdateResponse)), security(("bearer" = ["read"])))]
pub async fn get(
    State(state): State<AppState>,
    _: Reader,
    Input { path, .. }: Input<PathId>,
) -> Result<Json<ImageUpdateResponse>, ApiError> {
    found(state.store.image_update(path.id).await?)
}

/// Delete an image update. The next report of the image creates it again.
#[utoipa::path(delete, path = "/image-updates/{id}", tag = "image updates", params(PathId),
    responses((status = 204)), security(("bearer" = ["write"])))]
pub async fn delete(
    State(state): State<AppState>,
    _: Writer,
    Input { path, .. }: Input<PathId>,
) -> Result<StatusCode, ApiError> {
    deleted(state.store.delete_image_update(path.id).await?)
}

/// Acknowledge an image update.
#[utoipa::path(post, path = "/image-updates/{id}/acknowledge", tag = "image updates", params(PathId),
    responses((status = 200, body = ImageUpdateResponse)), security(("bearer" = ["write"])))]
pub async fn acknowledge(
    State(state): State<AppState>,
    _: Writer,
    Input { path, .. }: Input<PathId>,
) -> Result<Json<ImageUpdateResponse>, ApiError> {
    found(state.store.acknowledge_image_update(path.id).await?)
}

/// Acknowledge all image updates, or those with a tag.
#[utoipa::path(post, path = "/image-updates/acknowledge", tag = "image updates", request_body = Acknowledgement,
    responses((status = 200, body = AcknowledgedResponse)), security(("bearer" = ["write"])))]
pub async fn acknowledge_several(
    State(state): State<AppState>,
    _: Writer,
    Input { body, .. }: Input<(), (), Acknowledgement>,
) -> Result<Json<AcknowledgedResponse>, ApiError> {
    let (acknowledged, _) = acknowledge_by(&state, body).await?;
    Ok(Json(AcknowledgedResponse { acknowledged }))
}

/// How many were acknowledged, and when.
pub async fn acknowledge_by(
    state: &AppState,
    body: Acknowledgement,
) -> Result<(u64, Time), ApiError> {
    let which = match body {
        Acknowledgement { all: Some(()), .. } => Acknowledged::All,
        Acknowledgement { tag, .. } => Acknowledged::Tagged(tag.unwrap_or_default()),
    };
    Ok(state.store.acknowledge_image_updates(which).await?)
}

/// Set the tag of an image update. It replaces the current one.
#[utoipa::path(put, path = "/image-updates/{id}/tag", tag = "image updates", params(PathId),
    request_body = Tagging, responses((status = 200, body = ImageUpdateResponse)), security(("bearer" = ["write"])))]
pub async fn update_tag(
    State(state): State<AppState>,
    _: Writer,
    Input { path, body, .. }: Input<PathId, (), Tagging>,
) -> Result<Json<ImageUpdateResponse>, ApiError> {
    let tag_id = Some(body.tag_id);
    found(state.store.tag_image_update(path.id, tag_id).await?)
}

/// Remove the tag of an image update.
#[utoipa::path(delete, path = "/image-updates/{id}/tag", tag = "image updates", params(PathId),
    responses((status = 200, body = ImageUpdateResponse)), security(("bearer" = ["write"])))]
pub async fn delete_tag(
    State(state): State<AppState>,
    _: Writer,
    Input { path, .. }: Input<PathId>,
) -> Result<Json<ImageUpdateResponse>, ApiError> {
    found(state.store.tag_image_update(path.id, None).await?)
}
