//! Refuses requests that name no host, or several (RFC 9112 §3.2): a proxy could have read another one than we do.

use axum::{
    body::Body,
    extract::Request,
    http::{Response, Version, header::HOST},
    middleware::Next,
    response::IntoResponse,
};

use crate::http::error::ApiError;

pub async fn check(request: Request, next: Next) -> Response<Body> {
    let hosts = request.headers().get_all(HOST).iter().count();
    let is_missing = hosts == 0 && request.version() >= Version::HTTP_11;
    if is_missing || hosts > 1 {
        return ApiError::invalid("Host", "must be sent exactly once").into_response();
    }
    next.run(request).await
}
