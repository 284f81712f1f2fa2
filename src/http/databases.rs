//! Managed databases: what the platform runs for others.

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use serde_json::Value;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::AppState;
use super::answer::{Created, created, found};
use super::caller::{Provisioner, Reader, Writer};
use super::error::ApiError;
use super::extract::Input;
use super::fields::{Fields, Read};
use super::kinds::{self, Reading};
use super::page::{Listed, Sorted};
use crate::domain::{DatabaseStatus, Id, Time};
use crate::store::databases::{Database, DatabaseFilter, DatabasePatch, NewDatabase, Place, Step};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, update, delete))
        .routes(routes!(update_status))
}

/// A database as answers show it; where it is stands there only while it is ready.
#[derive(Serialize, utoipa::ToSchema)]
struct DatabaseAnswer {
    id: Id,
    #[schema(example = "ticket-shop")]
    name: String,
    #[schema(example = "box office")]
    owner_team: String,
    #[schema(example = "Who has bought which seat")]
    purpose: String,
    status: DatabaseStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "db-7.example.com")]
    host: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 5432)]
    port: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "ticket-shop-credentials")]
    secret_name: Option<String>,
    created_at: Time,
    updated_at: Time,
}

impl From<Database> for DatabaseAnswer {
    fn from(database: Database) -> Self {
        let ready = database.status == DatabaseStatus::Ready;
        Self {
            id: database.id,
            name: database.name,
            owner_team: database.owner_team,
            purpose: database.purpose,
            status: database.status,
            host: database.host.filter(|_| ready),
            port: database.port.filter(|_| ready),
            secret_name: database.secret_name.filter(|_| ready),
            created_at: database.created_at,
            updated_at: database.updated_at,
        }
    }
}

/// What a new database needs.
#[derive(utoipa::ToSchema)]
#[allow(
    dead_code,
    reason = "describes the body; `NewDatabase` is what is read"
)]
struct DatabaseBody {
    /// Unique among those that aren't deleted; without two hyphens in a row.
    #[schema(
        example = "ticket-shop",
        min_length = 3,
        max_length = 63,
        pattern = "^[a-z]([a-z0-9]|-[a-z0-9])+$"
    )]
    name: String,
    #[schema(
        example = "box office",
        min_length = 1,
        max_length = 200,
        pattern = "\\S"
    )]
    owner_team: String,
    #[schema(
        example = "Who has bought which seat",
        min_length = 1,
        max_length = 200,
        pattern = "\\S"
    )]
    purpose: String,
}

impl Read for NewDatabase {
    fn read(fields: &mut Fields) -> Option<Self> {
        let name = fields.required("name", kinds::text(name_rule));
        let owner_team = fields.required("owner_team", kinds::named_up_to(200));
        let purpose = fields.required("purpose", kinds::named_up_to(200));
        Some(Self {
            name: name?,
            owner_team: owner_team?,
            purpose: purpose?,
        })
    }
}

/// What a host may be called too.
fn name_rule(text: &str) -> Result<(), String> {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let good = (3..=63).contains(&text.len())
        && text.bytes().all(|byte| letter(byte) || byte == b'-')
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && !text.ends_with('-')
        && !text.contains("--");
    if good {
        Ok(())
    } else {
        Err(
            "must be 3 to 63 lower-case letters, digits and single hyphens, with a letter first and no hyphen last"
                .into(),
        )
    }
}

/// What may be changed; the name may not.
#[derive(utoipa::ToSchema)]
#[allow(
    dead_code,
    reason = "describes the body; `DatabasePatch` is what is read"
)]
struct DatabaseChange {
    #[schema(min_length = 1, max_length = 200, pattern = "\\S", nullable = false)]
    owner_team: Option<String>,
    #[schema(min_length = 1, max_length = 200, pattern = "\\S", nullable = false)]
    purpose: Option<String>,
}

impl Read for DatabasePatch {
    fn read(fields: &mut Fields) -> Option<Self> {
        fields.refused("name", "can't be changed");
        Some(Self {
            owner_team: fields.patch_required("owner_team", kinds::named_up_to(200)),
            purpose: fields.patch_required("purpose", kinds::named_up_to(200)),
        })
    }
}

/// A step that a database takes: to ready with the place where it is, anywhere else without.
#[derive(utoipa::ToSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "describes the body; `Step` is what is read")]
enum StatusChange {
    #[schema(title = "To ready")]
    Ready {
        #[schema(pattern = "^ready$", example = "ready")]
        status: String,
        #[schema(max_length = 200)]
        message: Option<String>,
        #[schema(
            example = "db-7.example.com",
            min_length = 1,
            max_length = 200,
            pattern = "\\S"
        )]
        host: String,
        #[schema(example = 5432, minimum = 1, maximum = 65535)]
        port: i64,
        #[schema(
            example = "ticket-shop-credentials",
            min_length = 1,
            max_length = 200,
            pattern = "\\S"
        )]
        secret_name: String,
    },
    #[schema(title = "Elsewhere")]
    Elsewhere {
        #[schema(
            pattern = "^(requested|provisioning|failed|deleting|deleted)$",
            example = "provisioning"
        )]
        status: String,
        #[schema(max_length = 200)]
        message: Option<String>,
    },
}

impl Read for Step {
    fn read(fields: &mut Fields) -> Option<Self> {
        let to = fields.required("status", status_kind);
        let message = fields.optional("message", kinds::short_text);
        if to != Some(DatabaseStatus::Ready) {
            for field in ["host", "port", "secret_name"] {
                fields.refused(field, "is for ready only");
            }
            let place = None;
            return Some(Self {
                to: to?,
                message,
                place,
            });
        }
        let host = fields.required("host", kinds::named_up_to(200));
        let port = fields.required("port", kinds::number(1, 65535));
        let secret_name = fields.required("secret_name", kinds::named_up_to(200));
        let place = Place {
            host: host?,
            port: port?,
            secret_name: secret_name?,
        };
        Some(Self {
            to: to?,
            message,
            place: Some(place),
        })
    }
}

fn status_kind(value: &Value) -> Reading<DatabaseStatus> {
    kinds::one_of(&DatabaseStatus::ALL.map(|status| (status.as_str(), status)))(value)
}

/// Several states with commas between them.
fn statuses_kind(value: &Value) -> Reading<Vec<DatabaseStatus>> {
    let text = value.as_str().unwrap_or_default();
    let mut statuses = Vec::new();
    for word in text.split(',') {
        let status = status_kind(&word.into())?;
        if !statuses.contains(&status) {
            statuses.push(status);
        }
    }
    Ok(statuses)
}

/// Which databases are asked for, in which order.
struct DatabaseQuery {
    filter: DatabaseFilter,
    sorted: Sorted,
}

impl Read for DatabaseQuery {
    fn read(fields: &mut Fields) -> Option<Self> {
        let filter = DatabaseFilter {
            owner_team: fields.parameter("owner_team", kinds::short_text),
            statuses: fields.parameter("status", statuses_kind),
            name: fields.parameter("name", kinds::short_text),
        };
        let sorted = Sorted::read(fields)?;
        Some(Self { filter, sorted })
    }
}

/// The databases.
#[utoipa::path(get, path = "/databases", tag = "databases", params(
    ("owner_team" = Option<String>, Query, description = "Of this team", max_length = 200),
    ("status" = Option<Vec<DatabaseStatus>>, Query, description = "In one of these states", style = Form, explode = false,
        min_items = 1),
    ("name" = Option<String>, Query, description = "Any part of the name, in any case", max_length = 200),
    Sorted,
), responses((status = 200, body = Listed<DatabaseAnswer>)), security(("bearer" = ["read"])))]
async fn list(
    State(state): State<AppState>,
    _: Reader,
    Input { query, .. }: Input<(), DatabaseQuery>,
) -> Result<Json<Listed<DatabaseAnswer>>, ApiError> {
    let Sorted { sort, page } = query.sorted;
    let databases = state
        .store
        .databases(&query.filter, sort, page.window())
        .await?;
    Ok(Json(page.answer(databases)))
}

/// One database.
#[utoipa::path(get, path = "/databases/{id}", tag = "databases", params(("id" = Uuid, Path)),
    responses((status = 200, body = DatabaseAnswer)), security(("bearer" = ["read"])))]
async fn get(
    State(state): State<AppState>,
    _: Reader,
    Input { path, .. }: Input<Id>,
) -> Result<Json<DatabaseAnswer>, ApiError> {
    found(state.store.database(path).await?)
}

/// Ask for a database.
#[utoipa::path(post, path = "/databases", tag = "databases", request_body = DatabaseBody, responses(
    (status = 201, body = DatabaseAnswer, headers(("Location", description = "The database's path"))),
    (status = 409, description = "The name is taken"),
), security(("bearer" = ["write"])))]
async fn create(
    State(state): State<AppState>,
    Writer(caller): Writer,
    Input { body, .. }: Input<(), (), NewDatabase>,
) -> Result<Created<DatabaseAnswer>, ApiError> {
    let database = state.store.create_database(body, caller.name).await?;
    Ok(created(
        &format!("/databases/{}", database.id),
        database.into(),
    ))
}

/// Change what is said about a database.
#[utoipa::path(patch, path = "/databases/{id}", tag = "databases", params(("id" = Uuid, Path)),
    request_body = DatabaseChange, responses((status = 200, body = DatabaseAnswer)),
    security(("bearer" = ["write"])))]
async fn update(
    State(state): State<AppState>,
    _: Writer,
    Input { path, body, .. }: Input<Id, (), DatabasePatch>,
) -> Result<Json<DatabaseAnswer>, ApiError> {
    found(state.store.update_database(path, body).await?)
}

/// Ask for the end of a database.
#[utoipa::path(delete, path = "/databases/{id}", tag = "databases", params(("id" = Uuid, Path)), responses(
    (status = 202, body = DatabaseAnswer, description = "It is being removed"),
    (status = 409, description = "It is being removed already"),
), security(("bearer" = ["write"])))]
async fn delete(
    State(state): State<AppState>,
    Writer(caller): Writer,
    Input { path, .. }: Input<Id>,
) -> Result<(StatusCode, Json<DatabaseAnswer>), ApiError> {
    let step = Step {
        to: DatabaseStatus::Deleting,
        message: None,
        place: None,
    };
    let database = state.store.step_database(path, step, caller.name).await?;
    let database = database.ok_or(ApiError::NotFound)?;
    Ok((StatusCode::ACCEPTED, Json(database.into())))
}

/// Say how far a database is.
#[utoipa::path(post, path = "/databases/{id}/status", tag = "databases", params(("id" = Uuid, Path)),
    request_body = StatusChange, responses(
        (status = 200, body = DatabaseAnswer),
        (status = 409, description = "The database's status doesn't lead there"),
    ), security(("bearer" = ["provision"])))]
async fn update_status(
    State(state): State<AppState>,
    Provisioner(caller): Provisioner,
    Input { path, body, .. }: Input<Id, (), Step>,
) -> Result<Json<DatabaseAnswer>, ApiError> {
    found(state.store.step_database(path, body, caller.name).await?)
}
