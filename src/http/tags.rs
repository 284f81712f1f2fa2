//! Tags that image updates can carry.

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::AppState;
use super::answer::deleted;
use super::caller::{Reader, Writer};
use super::error::ApiError;
use super::extract::Input;
use super::fields::{Fields, Read};
use super::kinds;
use super::page::{Listed, Sorted};
use crate::domain::{Id, Time};
use crate::store::tags::Tag;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(delete))
}

/// A tag as answers show it.
#[derive(Serialize, utoipa::ToSchema)]
struct TagAnswer {
    id: Id,
    #[schema(example = "production")]
    name: String,
    created_at: Time,
}

impl From<Tag> for TagAnswer {
    fn from(tag: Tag) -> Self {
        Self {
            id: tag.id,
            name: tag.name,
            created_at: tag.created_at,
        }
    }
}

/// What a new tag needs.
#[derive(utoipa::ToSchema)]
struct NewTag {
    /// Unique.
    #[schema(
        example = "production",
        min_length = 1,
        max_length = 100,
        pattern = "\\S"
    )]
    name: String,
}

impl Read for NewTag {
    fn read(fields: &mut Fields) -> Option<Self> {
        let name = fields.required("name", kinds::name)?;
        Some(Self { name })
    }
}

/// The tags.
#[utoipa::path(get, path = "/tags", tag = "image updates", params(Sorted),
    responses((status = 200, body = Listed<TagAnswer>)), security(("bearer" = ["read"])))]
async fn list(
    State(state): State<AppState>,
    _: Reader,
    Input { query, .. }: Input<(), Sorted>,
) -> Result<Json<Listed<TagAnswer>>, ApiError> {
    let tags = state.store.tags(query.sort, query.page.window()).await?;
    Ok(Json(query.page.answer(tags)))
}

/// Make a tag.
#[utoipa::path(post, path = "/tags", tag = "image updates", request_body = NewTag, responses(
    (status = 201, body = TagAnswer),
    (status = 409, description = "The name is taken"),
), security(("bearer" = ["write"])))]
async fn create(
    State(state): State<AppState>,
    _: Writer,
    Input { body, .. }: Input<(), (), NewTag>,
) -> Result<(StatusCode, Json<TagAnswer>), ApiError> {
    let tag = state.store.create_tag(body.name).await?;
    Ok((StatusCode::CREATED, Json(tag.into())))
}

/// Remove a tag, from every update that has it too.
#[utoipa::path(delete, path = "/tags/{id}", tag = "image updates", params(("id" = Uuid, Path)),
    responses((status = 204)), security(("bearer" = ["write"])))]
async fn delete(
    State(state): State<AppState>,
    _: Writer,
    Input { path, .. }: Input<Id>,
) -> Result<StatusCode, ApiError> {
    deleted(state.store.delete_tag(path).await?)
}
