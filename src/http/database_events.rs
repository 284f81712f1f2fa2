//! Database events: every change of a managed database's status.

use std::time::{Duration, Instant};

use axum::{Extension, Json, extract::State};

use super::error::ApiError;
use super::input::{Format, Input, Number, PathId, fields};
use super::middleware::{InFlightPermit, principal::Reader};
use super::pagination::{Listed, Page};
use super::response::response;
use super::state::AppState;
use crate::config::Setting;
use crate::domain::{DatabaseStatus, Id, Time};
use crate::store::database_events::DatabaseEvent;

response! {
    DatabaseEventResponse from event: DatabaseEvent {
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
}

fields! {
    query struct EventFilter {
        /// Only events after the one with this id.
        after: optional_or(Number(0, i64::MAX), 0) as i64 = 0,
        /// How long to wait for an event if there is none yet, up to 60s.
        wait: optional(WAIT) as Option<Duration> = "30s",
    }
}

const WAIT: Format<Duration> = Format {
    parse: |text| {
        let wait = Duration::read(text).filter(|wait| *wait <= Duration::from_mins(1));
        wait.ok_or_else(|| "must be a duration such as 30s, up to 60s".into())
    },
    format: None,
    pattern: None,
    length: None,
};

/// List the events of all databases in order, including deleted databases. A client that always asks for the events
/// after the last one that it has received misses none.
#[utoipa::path(get, path = "/databases/events", tag = "databases", params(EventFilter, Page),
    responses((status = 200, body = Listed<DatabaseEventResponse>)), security(("bearer" = ["read"])))]
pub async fn list(
    State(state): State<AppState>,
    _: Reader,
    Extension(permit): Extension<InFlightPermit>,
    input: Input<(), (EventFilter, Page)>,
) -> Result<Json<Listed<DatabaseEventResponse>>, ApiError> {
    let (filter, page) = input.query;
    let wait = filter.wait.unwrap_or_default();
    permit.extend(wait);
    let until = Instant::now() + wait;
    let window = page.window();
    let events = permit.while_waiting(async {
        tokio::select! {
            events = state.store.wait_for_database_events(filter.after, window, until) => events,
            () = state.draining.cancelled() => Ok((Vec::new(), 0)),
        }
    });
    Ok(Json(page.response(events.await??)))
}

/// List the events of one database in order.
#[utoipa::path(get, path = "/databases/{id}/events", tag = "databases", params(PathId, Page),
    responses((status = 200, body = Listed<DatabaseEventResponse>)), security(("bearer" = ["read"])))]
pub async fn list_of_database(
    State(state): State<AppState>,
    _: Reader,
    input: Input<PathId, Page>,
) -> Result<Json<Listed<DatabaseEventResponse>>, ApiError> {
    let (id, window) = (input.path.id, input.query.window());
    let database = state.store.database(id).await?;
    database.ok_or(ApiError::NotFound)?;
    let events = state.store.database_events(Some(id), 0, window).await?;
    Ok(Json(input.query.response(events)))
}
