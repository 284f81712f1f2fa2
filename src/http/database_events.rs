//! Database events: every change of a managed database's status.

use axum::{Json, extract::State};
use serde::Serialize;

use super::error::ApiError;
use super::input::{Input, Number, PathId, fields};
use super::middleware::principal::Reader;
use super::pagination::{Listed, Page};
use super::state::AppState;
use crate::domain::{DatabaseStatus, Id, Time};
use crate::store::database_events::DatabaseEvent;

#[derive(Serialize, utoipa::ToSchema)]
pub struct DatabaseEventResponse {
    /// Sequence number, starting at 1.
    #[schema(example = 1)]
    id: i64,
    database_id: Id,
    /// Null in the first event of a database.
    #[schema(value_type = Option<DatabaseStatus>)]
    from: Option<String>,
    to: DatabaseStatus,
    #[schema(example = "taken on by the platform team")]
    message: Option<String>,
    /// The username or the `client_id`.
    #[schema(example = "ada")]
    actor: String,
    created_at: Time,
}

impl From<DatabaseEvent> for DatabaseEventResponse {
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

fields! {
    query struct EventFilter {
        /// Only events after the one with this id.
        after: optional_or(Number(0, i64::MAX), 0) as i64 = 0,
    }
}

/// List the events of all databases in order, including deleted databases. A client that always asks for the events
/// after the last one that it has got misses none.
#[utoipa::path(get, path = "/databases/events", tag = "databases", params(EventFilter, Page),
    responses((status = 200, body = Listed<DatabaseEventResponse>)), security(("bearer" = ["read"])))]
pub async fn list(
    State(state): State<AppState>,
    _: Reader,
    Input {
        query: (filter, page),
        ..
    }: Input<(), (EventFilter, Page)>,
) -> Result<Json<Listed<DatabaseEventResponse>>, ApiError> {
    let events = state
        .store
        .database_events(None, filter.after, page.window())
        .await?;
    Ok(Json(page.response(events)))
}

/// List the events of one database in order.
#[utoipa::path(get, path = "/databases/{id}/events", tag = "databases", params(PathId, Page),
    responses((status = 200, body = Listed<DatabaseEventResponse>)), security(("bearer" = ["read"])))]
pub async fn list_of_database(
    State(state): State<AppState>,
    _: Reader,
    Input {
        path, query: page, ..
    }: Input<PathId, Page>,
) -> Result<Json<Listed<DatabaseEventResponse>>, ApiError> {
    let database = state.store.database(path.id).await?;
    let database = database.ok_or(ApiError::NotFound)?;
    let events = state
        .store
        .database_events(Some(database.id), 0, page.window())
        .await?;
    Ok(Json(page.response(events)))
}
