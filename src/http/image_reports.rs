//! Reports of image updates, as Diun's webhook sends them: by GET with a body unless it is told otherwise, with
//! whatever content type, and with fields that come and go with its versions.

use axum::{
    Json,
    body::Body,
    extract::{FromRequest, Request, State},
    http::{HeaderValue, Response, header, request::Parts},
    response::IntoResponse,
};
use serde_json::{Map, Value};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::AppState;
use super::caller::{Origin, audit};
use super::error::ApiError;
use super::extract::{parse_json, read_body};
use super::fields::{Fields, Read};
use super::image_updates::ImageUpdateAnswer;
use super::kinds::{self, Reading};
use crate::auth::tokens;
use crate::domain::Time;
use crate::store::image_updates::ImageReport;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(create, create_by_get))
        .route(
            "/image-updates/webhook",
            axum::routing::head(nothing_to_look_at),
        )
}

/// What Diun sends; other fields are ignored.
#[derive(utoipa::ToSchema)]
#[allow(
    dead_code,
    reason = "describes the body; `ImageReport` is what is read"
)]
struct ImageReportBody {
    #[schema(example = "4.29.0", max_length = 200)]
    diun_version: Option<String>,
    #[schema(example = "ballroom-1", max_length = 200)]
    hostname: Option<String>,
    #[schema(example = "update", max_length = 200)]
    status: Option<String>,
    #[schema(example = "docker", max_length = 200)]
    provider: Option<String>,
    #[schema(
        example = "docker.io/library/postgres:16-alpine",
        min_length = 1,
        max_length = 200,
        pattern = "\\S"
    )]
    image: String,
    #[schema(example = "https://hub.docker.com/_/postgres", max_length = 200)]
    hub_link: Option<String>,
    #[schema(example = "application/vnd.oci.image.index.v1+json", max_length = 200)]
    mime_type: Option<String>,
    #[schema(
        example = "sha256:216e3ae7de4ca8b553eb11ef7abda00651e79e537e85c46108284e5e91673e01",
        max_length = 200
    )]
    digest: Option<String>,
    created: Option<Time>,
    #[schema(example = "linux/amd64", max_length = 200)]
    platform: Option<String>,
    #[schema(value_type = Option<Object>)]
    metadata: Option<Value>,
}

impl Read for ImageReport {
    fn read(fields: &mut Fields) -> Option<Self> {
        let image = fields.required("image", kinds::named_up_to(200));
        let mut text = |field| fields.optional(field, reported);
        let (diun_version, hostname) = (text("diun_version"), text("hostname"));
        let (status, provider) = (text("status"), text("provider"));
        let (hub_link, mime_type) = (text("hub_link"), text("mime_type"));
        let (digest, platform) = (text("digest"), text("platform"));
        let created = fields.optional("created", kinds::time);
        let metadata = fields.optional("metadata", kinds::object);
        Some(Self {
            image: image?,
            diun_version,
            hostname,
            status,
            provider,
            hub_link,
            mime_type,
            digest,
            created,
            platform,
            metadata,
        })
    }
}

fn reported(value: &Value) -> Reading<String> {
    kinds::text_up_to(200)(value)
}

/// A report by who knows the secret; others are refused before the body is looked at.
struct Report(ImageReport);

impl FromRequest<AppState> for Report {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        check_secret(&parts, state)?;
        let body = read_body(body, state).await?;
        let Value::Object(values) = parse_json(&body)? else {
            return Err(ApiError::invalid("body", "must be a JSON object"));
        };
        read_leniently(values).map(Self)
    }
}

fn check_secret(parts: &Parts, state: &AppState) -> Result<(), ApiError> {
    let secret = state.webhook_secret.as_ref().ok_or(ApiError::Unavailable)?;
    let sent = parts.headers.get(header::AUTHORIZATION);
    let sent = sent
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    // Hashes are compared, so that the time it takes tells nothing of the secret.
    if tokens::token_hash(sent) == tokens::token_hash(secret.expose()) {
        Ok(())
    } else {
        audit!(Origin::of(parts), "report refused", by "webhook");
        Err(ApiError::Unauthenticated(
            "the Authorization header isn't the webhook's",
        ))
    }
}

fn read_leniently(values: Map<String, Value>) -> Result<ImageReport, ApiError> {
    let mut fields = Fields::new(values);
    let report = ImageReport::read(&mut fields);
    match (report, fields.finish_leniently()) {
        (Some(report), errors) if errors.is_empty() => Ok(report),
        (_, errors) => Err(ApiError::Validation(errors)),
    }
}

/// Report an image update; an image that is known is updated, and is news again.
#[utoipa::path(post, path = "/image-updates/webhook", tag = "image updates", request_body = ImageReportBody,
    responses(
        (status = 200, body = ImageUpdateAnswer),
        (status = 401, description = "The Authorization header isn't the webhook's"),
    ), security(("webhook" = [])))]
async fn create(
    State(state): State<AppState>,
    Report(report): Report,
) -> Result<Json<ImageUpdateAnswer>, ApiError> {
    let update = state.store.report_image(report).await?;
    Ok(Json(update.into()))
}

/// The same by GET with a body, which is Diun's default.
#[utoipa::path(get, path = "/image-updates/webhook", tag = "image updates", request_body = ImageReportBody,
    responses(
        (status = 200, body = ImageUpdateAnswer),
        (status = 401, description = "The Authorization header isn't the webhook's"),
    ), security(("webhook" = [])))]
async fn create_by_get(
    state: State<AppState>,
    report: Report,
) -> Result<Json<ImageUpdateAnswer>, ApiError> {
    create(state, report).await
}

/// HEAD would do what GET does, and may not change anything (RFC 9110 §9.2.1).
async fn nothing_to_look_at() -> Response<Body> {
    let mut response = ApiError::MethodNotAllowed.into_response();
    response
        .headers_mut()
        .insert(header::ALLOW, HeaderValue::from_static("GET,POST"));
    response
}
