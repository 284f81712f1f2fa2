//! Files of the pages. Their names contain a hash of their content, so browsers may cache them forever.

use std::sync::LazyLock;

use axum::{extract::Path, http::header, response::IntoResponse};

use crate::auth::tokens::sha256;
use crate::http::error::ApiError;

pub struct Asset {
    name: String,
    content_type: &'static str,
    content: &'static str,
}

impl Asset {
    fn new(stem: &str, ending: &str, content_type: &'static str, content: &'static str) -> Self {
        let hash = sha256(content.as_bytes());
        Self {
            name: format!("{stem}.{}.{ending}", &hash[..16]),
            content_type,
            content,
        }
    }

    pub fn path(&self) -> String {
        format!("/assets/{}", self.name)
    }
}

macro_rules! assets {
    ($($name:ident: $stem:literal, $ending:literal, $content_type:literal;)+) => {
        $(pub static $name: LazyLock<Asset> = LazyLock::new(|| {
            Asset::new($stem, $ending, $content_type, include_str!(concat!("assets/", $stem, ".", $ending)))
        });)+

        fn all() -> impl Iterator<Item = &'static Asset> {
            [$(&*$name),+].into_iter()
        }
    };
}

assets! {
    STYLE: "page", "css", "text/css; charset=utf-8";
    SCRIPT: "page", "js", "text/javascript; charset=utf-8";
    ICON: "icon", "svg", "image/svg+xml";
}

pub async fn get(Path(file): Path<String>) -> Result<impl IntoResponse, ApiError> {
    let asset = all()
        .find(|asset| asset.name == file)
        .ok_or(ApiError::NotFound)?;
    let headers = [
        (header::CONTENT_TYPE, asset.content_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((headers, asset.content))
}
