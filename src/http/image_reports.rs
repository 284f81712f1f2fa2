//! Reports of image updates by Diun's webhook. By default Diun sends GET with a body, with any content type, and with
//! fields that depend on its version.

use axum::{
    Json,
    extract::{FromRequest, Request, State},
    http::{header, request::Parts},
    response::IntoResponse,
};

use super::audit::{Origin, audit};
use super::error::ApiError;
use super::headers::header_text;
use super::image_updates::ImageUpdateResponse;
use super::input::{JsonObject, SHORT_TEXT, TIME, Text, fields, read_body, read_json};
use super::state::AppState;
use crate::auth::tokens;
use crate::store::image_updates::ImageReport;

fields! {
    body ImageReport as "ImageReportBody", open() {
        diun_version: optional(SHORT_TEXT) = "4.29.0",
        hostname: optional(SHORT_TEXT) = "ballroom-1",
        status: optional(SHORT_TEXT) = "update",
        provider: optional(SHORT_TEXT) = "docker",
        image: required(Text::not_blank(200)) = "docker.io/library/postgres:16-alpine",
        hub_link: optional(SHORT_TEXT) = "https://hub.docker.com/_/postgres",
        mime_type: optional(SHORT_TEXT) = "application/vnd.oci.image.index.v1+json",
        digest: optional(SHORT_TEXT) = "sha256:216e3ae7de4ca8b553eb11ef7abda00651e79e537e85c46108284e5e91673e01",
        created: optional(TIME) = "2026-01-31T18:30:00Z",
        platform: optional(SHORT_TEXT) = "linux/amd64",
        metadata: optional(JsonObject) = serde_json::json!({ "os": "linux" }),
    }
}

/// A report with the right secret. Without it, the request is refused before its body is read.
pub struct Report(ImageReport);

impl FromRequest<AppState> for Report {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        check_secret(&parts, state)?;
        let report = read_json(&read_body(&parts, body, state).await?)?;
        report.map(Self).map_err(ApiError::Validation)
    }
}

fn check_secret(parts: &Parts, state: &AppState) -> Result<(), ApiError> {
    let secret = state.webhook_secret.as_ref().ok_or(ApiError::Unavailable)?;
    let sent = header_text(&parts.headers, header::AUTHORIZATION).unwrap_or_default();
    // Comparing hashes takes the same time for every secret.
    if tokens::token_hash(sent) == tokens::token_hash(secret.expose()) {
        Ok(())
    } else {
        audit!(Origin::of(parts), "report refused", by "webhook");
        Err(ApiError::Unauthenticated(
            "the Authorization header isn't the webhook's",
        ))
    }
}

/// Report an image update. The report of a known image updates it and clears `acknowledged_at`.
#[utoipa::path(post, path = "/image-updates/webhook", tag = "image updates", request_body = ImageReport,
    responses(
        (status = 200, body = ImageUpdateResponse),
        (status = 401, description = "The Authorization header isn't the webhook's"),
    ), security(("webhook" = [])))]
pub async fn create(
    State(state): State<AppState>,
    Report(report): Report,
) -> Result<Json<ImageUpdateResponse>, ApiError> {
    let update = state.store.report_image(report).await?;
    Ok(Json(update.into()))
}

/// Report an image update by GET with a body, which is Diun's default.
#[utoipa::path(get, path = "/image-updates/webhook", tag = "image updates", request_body = ImageReport,
    responses(
        (status = 200, body = ImageUpdateResponse),
        (status = 401, description = "The Authorization header isn't the webhook's"),
    ), security(("webhook" = [])))]
pub async fn create_by_get(
    state: State<AppState>,
    report: Report,
) -> Result<Json<ImageUpdateResponse>, ApiError> {
    create(state, report).await
}

/// Refuses other methods. HEAD must not change anything (RFC 9110 §9.2.1), so it can't do what GET does here.
pub async fn refuse() -> impl IntoResponse {
    ([(header::ALLOW, "GET,POST")], ApiError::MethodNotAllowed)
}
