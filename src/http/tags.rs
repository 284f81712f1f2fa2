//! Tags of image updates.

use axum::{Json, extract::State, http::StatusCode};

use super::error::ApiError;
use super::input::{Input, NAME, PathId, fields};
use super::middleware::principal::{Reader, Writer};
use super::pagination::{Listed, Sorted};
use super::response::{deleted, response};
use super::state::AppState;
use crate::domain::{Id, Time};
use crate::store::tags::Tag;

response! {
    TagResponse from tag: Tag {
        id: Id,
        #[schema(example = "production")]
        name: String,
        created_at: Time,
    }
}

fields! {
    body struct NewTag as "NewTag" {
        /// Unique.
        name: required(NAME) as String = "production",
    }
}

/// List tags.
#[utoipa::path(get, path = "/tags", tag = "image updates", params(Sorted),
    responses((status = 200, body = Listed<TagResponse>)), security(("bearer" = ["read"])))]
pub async fn list(
    State(state): State<AppState>,
    _: Reader,
    Input { query: page, .. }: Input<(), Sorted>,
) -> Result<Json<Listed<TagResponse>>, ApiError> {
    let tags = state.store.tags(page.window()).await?;
    Ok(Json(page.response(tags)))
}

/// Create a tag.
#[utoipa::path(post, path = "/tags", tag = "image updates", request_body = NewTag, responses(
    (status = 201, body = TagResponse),
    (status = 409, description = "The name is taken"),
), security(("bearer" = ["write"])))]
pub async fn create(
    State(state): State<AppState>,
    _: Writer,
    Input { body, .. }: Input<(), (), NewTag>,
) -> Result<(StatusCode, Json<TagResponse>), ApiError> {
    let tag = state.store.create_tag(body.name).await?;
    Ok((StatusCode::CREATED, Json(tag.into())))
}

/// Delete a tag. Image updates with the tag lose it.
#[utoipa::path(delete, path = "/tags/{id}", tag = "image updates", params(PathId),
    responses((status = 204)), security(("bearer" = ["write"])))]
pub async fn delete(
    State(state): State<AppState>,
    _: Writer,
    Input { path, .. }: Input<PathId>,
) -> Result<StatusCode, ApiError> {
    deleted(state.store.delete_tag(path.id).await?)
}
