//! Managed databases, which the platform team runs for others.

use axum::{
    Json,
    body::Body,
    extract::State,
    http::{Response, StatusCode, header},
    response::IntoResponse,
};
use serde::Deserialize;

use super::error::ApiError;
use super::idempotency::{IdempotencyKey, created_text, json};
use super::input::{
    CommaSeparated, Description, Fields, Format, FromFields, Input, Number, OneOf, PathId,
    SHORT_TEXT, Text, fields,
};
use super::middleware::principal::{Provisioner, Reader, Writer};
use super::pagination::{Listed, Sorted};
use super::response::{found, response};
use super::state::AppState;
use crate::domain::{DatabaseStatus, Id, Time};
use crate::store::databases::{
    Database, DatabaseFilter, DatabasePatch, Endpoint, NewDatabase, Step,
};
use crate::store::idempotency::Outcome;

response! {
    DatabaseResponse from database: Database {
        id: Id,
        #[schema(example = "ticket-shop")]
        name: String,
        #[schema(example = "box office")]
        owner_team: String,
        #[schema(example = "Who has bought which seat")]
        purpose: String,
        status: DatabaseStatus,
        /// Only while the status is `ready`, like `port` and `secret_name`.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false, example = "db-7.example.com")]
        host: Option<String> = if_ready(database.status, database.host),
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false, example = 5432)]
        port: Option<i64> = if_ready(database.status, database.port),
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false, example = "ticket-shop-credentials")]
        secret_name: Option<String> = if_ready(database.status, database.secret_name),
        created_at: Time,
        updated_at: Time,
    }
}

fn if_ready<T>(status: DatabaseStatus, part: Option<T>) -> Option<T> {
    part.filter(|_| status == DatabaseStatus::Ready)
}

/// A valid label of a host name, because a database's host may be named after it.
const DATABASE_NAME: Format<String> = Format {
    parse: |text| {
        let is_valid = (3..=63).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && text.starts_with(|first: char| first.is_ascii_lowercase())
            && !text.ends_with('-')
            && !text.contains("--");
        is_valid.then(|| text.to_owned()).ok_or_else(|| {
            "must be 3 to 63 lower-case letters, digits and single hyphens, start with a letter and not end with a hyphen"
                .into()
        })
    },
    format: None,
    pattern: Some("^[a-z]([a-z0-9]|-[a-z0-9])+$"),
    length: Some((3, 63)),
};
const LABEL: Text = Text::not_blank(200);

fields! {
    body NewDatabase as "DatabaseBody" {
        /// Unique among databases that are not deleted.
        name: required(DATABASE_NAME) = "ticket-shop",
        owner_team: required(LABEL) = "box office",
        purpose: required(LABEL) = "Who has bought which seat",
    }
}

fields! {
    body DatabasePatch as "DatabaseChange", unchangeable(name) {
        owner_team: not_null(LABEL) = "box office",
        purpose: not_null(LABEL) = "Who has bought which seat",
    }
}

const STATUS: OneOf<DatabaseStatus> = OneOf(&DatabaseStatus::ALL, DatabaseStatus::as_str);

fields! {
    part struct NewStatus {
        status: required(STATUS) as DatabaseStatus = "provisioning",
        message: optional(SHORT_TEXT) as Option<String> = "taken on by the platform team",
    }
}

fields! {
    part Endpoint {
        host: required(LABEL) = "db-7.example.com",
        port: required(Number(1, 65535)) = 5432,
        secret_name: required(LABEL) = "ticket-shop-credentials",
    }
}

/// The endpoint is required for `ready`, and refused otherwise.
impl FromFields for Step {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let is_ready = fields.is("status", DatabaseStatus::Ready.as_str());
        let endpoint = if is_ready {
            Endpoint::from_fields(fields).map(Some)
        } else {
            fields.refused(&["host", "port", "secret_name"], "is for ready only");
            Some(None)
        };
        let NewStatus { status, message } = NewStatus::from_fields(fields)?;
        Some(Self {
            to: status,
            message,
            endpoint: endpoint?,
        })
    }

    fn describe(description: &mut Description) {
        let all = DatabaseStatus::ALL.map(DatabaseStatus::as_str);
        let (ready, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|word| *word == "ready");
        let to_ready = description.alternative();
        <(NewStatus, Endpoint)>::describe(to_ready);
        to_ready.restrict("status", ready);
        let to_others = description.alternative();
        NewStatus::describe(to_others);
        to_others.restrict("status", others);
    }
}

fields! { schema of Step as "StatusChange" }

fields! {
    query DatabaseFilter {
        /// Of this team.
        owner_team: optional(SHORT_TEXT) = "box office",
        /// With one of these statuses, separated by commas.
        status: optional(CommaSeparated(STATUS)) = ["ready", "failed"],
        /// Any part of the name, in any case.
        name: optional(SHORT_TEXT) = "ticket",
    }
}

/// List databases.
#[utoipa::path(get, path = "/databases", tag = "databases", params(DatabaseFilter, Sorted),
    responses((status = 200, body = Listed<DatabaseResponse>)), security(("bearer" = ["read"])))]
pub async fn list(
    State(state): State<AppState>,
    _: Reader,
    input: Input<(), (DatabaseFilter, Sorted)>,
) -> Result<Json<Listed<DatabaseResponse>>, ApiError> {
    let (filter, page) = input.query;
    let databases = state.store.databases(&filter, page.window()).await?;
    Ok(Json(page.response(databases)))
}

/// Get a database.
#[utoipa::path(get, path = "/databases/{id}", tag = "databases", params(PathId),
    responses((status = 200, body = DatabaseResponse)), security(("bearer" = ["read"])))]
pub async fn get(
    State(state): State<AppState>,
    _: Reader,
    Input { path, .. }: Input<PathId>,
) -> Result<Json<DatabaseResponse>, ApiError> {
    found(state.store.database(path.id).await?)
}

/// Request a database.
#[utoipa::path(post, path = "/databases", tag = "databases", request_body = NewDatabase,
    params(IdempotencyKey), responses(
    (status = 201, body = DatabaseResponse, headers(("Location", description = "The path of the database"))),
    (status = 409, description = "The name is taken, or the key was used with another body"),
), security(("bearer" = ["write"])))]
pub async fn create(
    State(state): State<AppState>,
    Writer(principal): Writer,
    key: IdempotencyKey,
    Input { body, .. }: Input<(), (), NewDatabase>,
) -> Result<Response<Body>, ApiError> {
    let once = key.with_body(&body);
    let created = state
        .store
        .create_database(body, principal.name, once, database_json)
        .await?;
    let answer = match created {
        Outcome::Created(database) => database_json(&database),
        Outcome::Earlier(answer) => answer,
    };
    let id = serde_json::from_str::<Created>(&answer)
        .map_err(|_| ApiError::Internal)?
        .id;
    let location = format!("/api/v1/databases/{id}");
    Ok(([(header::LOCATION, location)], created_text(answer)).into_response())
}

/// The part of the response that the path of the new database needs.
#[derive(Deserialize)]
struct Created {
    id: String,
}

fn database_json(database: &Database) -> String {
    json(&DatabaseResponse::from(database.clone()))
}

/// Change a database. The name can't be changed.
#[utoipa::path(patch, path = "/databases/{id}", tag = "databases", params(PathId),
    request_body = DatabasePatch, responses((status = 200, body = DatabaseResponse)),
    security(("bearer" = ["write"])))]
pub async fn update(
    State(state): State<AppState>,
    _: Writer,
    Input { path, body, .. }: Input<PathId, (), DatabasePatch>,
) -> Result<Json<DatabaseResponse>, ApiError> {
    found(state.store.update_database(path.id, body).await?)
}

/// Request the deletion of a database.
#[utoipa::path(delete, path = "/databases/{id}", tag = "databases", params(PathId), responses(
    (status = 202, body = DatabaseResponse, description = "The database will be deleted"),
    (status = 409, description = "The deletion is already requested"),
), security(("bearer" = ["write"])))]
pub async fn delete(
    State(state): State<AppState>,
    Writer(principal): Writer,
    Input { path, .. }: Input<PathId>,
) -> Result<(StatusCode, Json<DatabaseResponse>), ApiError> {
    let step = Step {
        to: DatabaseStatus::Deleting,
        message: None,
        endpoint: None,
    };
    let database = state
        .store
        .step_database(path.id, step, principal.name)
        .await?;
    Ok((StatusCode::ACCEPTED, found(database)?))
}

/// Change the status of a database.
#[utoipa::path(post, path = "/databases/{id}/status", tag = "databases", params(PathId),
    request_body = Step, responses(
        (status = 200, body = DatabaseResponse),
        (status = 409, description = "The current status can't change to the new one"),
    ), security(("bearer" = ["provision"])))]
pub async fn update_status(
    State(state): State<AppState>,
    Provisioner(principal): Provisioner,
    Input { path, body, .. }: Input<PathId, (), Step>,
) -> Result<Json<DatabaseResponse>, ApiError> {
    found(
        state
            .store
            .step_database(path.id, body, principal.name)
            .await?,
    )
}
