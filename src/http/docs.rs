//! A page to browse the interface and try it; everything it needs is in the binary.

use std::sync::Arc;

use axum::{
    Extension, Router,
    http::{HeaderName, header},
    routing::get,
};
use utoipa_swagger_ui::{Config, serve};

use super::AppState;
use super::error::ApiError;
use super::extract::Input;
use super::fields::{Fields, Read};
use super::kinds;

type Page = ([(HeaderName, String); 1], Vec<u8>);

/// The name of a file beside the page.
struct File(String);

impl Read for File {
    fn read(fields: &mut Fields) -> Option<Self> {
        fields.parameter("file", kinds::any_text).map(Self)
    }
}

/// The page at `/docs` and the files beside it.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/docs", get(index))
        .route("/docs/", get(index))
        .route("/docs/{*file}", get(file))
        .layer(Extension(Arc::new(Config::from("/api/openapi.json"))))
}

async fn index(
    Extension(config): Extension<Arc<Config<'static>>>,
    _: Input,
) -> Result<Page, ApiError> {
    let (kind, page) = read("", config)?;
    // The page names its files relative to a folder, and is asked for without the slash as well.
    let page =
        String::from_utf8_lossy(&page).replacen("<head>", "<head>\n    <base href=\"/docs/\">", 1);
    Ok((kind, page.into_bytes()))
}

async fn file(
    Extension(config): Extension<Arc<Config<'static>>>,
    Input {
        path: File(file), ..
    }: Input<File>,
) -> Result<Page, ApiError> {
    read(&file, config)
}

fn read(file: &str, config: Arc<Config<'static>>) -> Result<Page, ApiError> {
    match serve(file, config) {
        Ok(Some(file)) => Ok((
            [(header::CONTENT_TYPE, file.content_type)],
            file.bytes.into_owned(),
        )),
        Ok(None) => Err(ApiError::NotFound),
        Err(error) => {
            tracing::error!("the page of the interface can't be made: {error}");
            Err(ApiError::Internal)
        }
    }
}
