//! The page at `/docs` that shows the OpenAPI description. The binary contains all of its files.

use std::sync::Arc;

use axum::{
    Extension, Router,
    http::{HeaderName, header},
    middleware::map_response,
    response::{IntoResponse, Response},
    routing::get,
};
use utoipa_swagger_ui::{Config, serve};

use crate::http::error::ApiError;
use crate::http::input::{ANY_TEXT, Input, fields};
use crate::http::state::AppState;

type File = ([(HeaderName, String); 1], Vec<u8>);

fields! {
    path struct FilePath {
        file: required(ANY_TEXT) as String = "swagger-ui.css",
    }
}

pub fn router() -> Router<AppState> {
    Router::new()
        .route("/docs", get(page))
        .route("/docs/", get(page))
        .route("/docs/{*file}", get(file))
        .layer(Extension(Arc::new(Config::from("/api/openapi.json"))))
        .layer(map_response(secured))
}

/// The page may send requests with a bearer token, so it allows no foreign scripts and no framing. `unsafe-inline`:
/// its scripts set styles of elements.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; \
                      base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

async fn secured(response: Response) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, response)
}

async fn page(
    Extension(config): Extension<Arc<Config<'static>>>,
    _: Input,
) -> Result<File, ApiError> {
    let (content_type, page) = find("", config)?;
    // The page names its files relative to a folder, but is also served without the final slash.
    let base = "<head>\n    <base href=\"/docs/\">";
    let page = String::from_utf8_lossy(&page).replacen("<head>", base, 1);
    Ok((content_type, page.into_bytes()))
}

async fn file(
    Extension(config): Extension<Arc<Config<'static>>>,
    Input { path, .. }: Input<FilePath>,
) -> Result<File, ApiError> {
    find(&path.file, config)
}

fn find(file: &str, config: Arc<Config<'static>>) -> Result<File, ApiError> {
    match serve(file, config) {
        Ok(Some(file)) => {
            let content_type = [(header::CONTENT_TYPE, file.content_type)];
            Ok((content_type, file.bytes.into_owned()))
        }
        Ok(None) => Err(ApiError::NotFound),
        Err(error) => {
            tracing::error!("the documentation page can't be served: {error}");
            Err(ApiError::Internal)
        }
    }
}
