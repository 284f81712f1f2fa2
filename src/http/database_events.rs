//! Events: the steps that databases took, for those who follow them.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::AppState;
use super::caller::Reader;
use super::error::ApiError;
use super::extract::Input;
use super::fields::{Fields, Read};
use super::kinds;
use super::page::{Listed, Page};
use crate::domain::{DatabaseStatus, Id, Time};
use crate::store::database_events::DatabaseEvent;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(list_of_database))
}

/// A step that a database took.
#[derive(Serialize, utoipa::ToSchema)]
struct DatabaseEventAnswer {
    #[schema(example = 1)]
    id: i64,
    database_id: Id,
    /// Where it came from; the first step came from nowhere.
    #[schema(value_type = Option<DatabaseStatus>)]
    from: Option<String>,
    to: DatabaseStatus,
    message: Option<String>,
    /// The user's or client's name.
    #[schema(example = "ada")]
    actor: String,
    created_at: Time,
}

impl From<DatabaseEvent> for DatabaseEventAnswer {
    fn from(event: DatabaseEvent) -> Self {
        Self {
            id: event.id,
            database_id: event.database_id,
            from: event.from,
            to: event.to,
            message: event.message,
            actor: event.actor,
            created_at: event.created_at,
        }
    }
}

/// After which event, and the page.
struct EventQuery {
    after: i64,
    page: Page,
}

impl Read for EventQuery {
    fn read(fields: &mut Fields) -> Option<Self> {
        let after = fields.parameter("after", kinds::digits(0, i64::MAX));
        let page = Page::read(fields)?;
        Some(Self {
            after: after.unwrap_or(0),
            page,
        })
    }
}

/// The steps of all databases in their order. Who asks again with the last id misses none, deleted databases' included.
#[utoipa::path(get, path = "/databases/events", tag = "databases", params(
    ("after" = Option<i64>, Query, description = "Only what comes after the event of this id", minimum = 0),
    Page,
), responses((status = 200, body = Listed<DatabaseEventAnswer>)), security(("bearer" = ["read"])))]
async fn list(
    State(state): State<AppState>,
    _: Reader,
    Input { query, .. }: Input<(), EventQuery>,
) -> Result<Json<Listed<DatabaseEventAnswer>>, ApiError> {
    let window = query.page.window();
    let events = state
        .store
        .database_events(None, query.after, window)
        .await?;
    Ok(Json(query.page.answer(events)))
}

/// The steps of one database in their order.
#[utoipa::path(get, path = "/databases/{id}/events", tag = "databases", params(("id" = Uuid, Path), Page),
    responses((status = 200, body = Listed<DatabaseEventAnswer>)), security(("bearer" = ["read"])))]
async fn list_of_database(
    State(state): State<AppState>,
    _: Reader,
    Input { path, query, .. }: Input<Id, Page>,
) -> Result<Json<Listed<DatabaseEventAnswer>>, ApiError> {
    let database = state.store.database(path).await?;
    let database = database.ok_or(ApiError::NotFound)?;
    let events = state
        .store
        .database_events(Some(database.id), 0, query.window())
        .await?;
    Ok(Json(query.answer(events)))
}
