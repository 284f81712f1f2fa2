//! Errors as pages.

use axum::{
    body::Body,
    http::{HeaderMap, Response, Uri, header},
    response::IntoResponse,
};
use maud::html;

use super::layout;
use super::visit::{Visit, protected};
use crate::http::error::{ApiError, Problem};
use crate::http::headers::header_text;

/// Turns a problem into a page with the same status and headers.
pub fn page(visit: Option<&Visit>, mut response: Response<Body>) -> Response<Body> {
    let Some(problem) = response.extensions_mut().remove::<Problem>() else {
        return response;
    };
    let content = html! {
        h1 { (problem.title) }
        p.detail { (problem.detail) }
        @if let Some(faults) = problem.errors.as_ref().filter(|faults| faults.len() > 1) {
            ul { @for fault in faults { li { strong { (fault.field) } " " (fault.message) } } }
        }
        p { a.button href="/" { "Go to the updates" } }
    };
    let page = match visit {
        Some(visit) => layout::page(visit, problem.title, &content),
        None => layout::frame(problem.title, &html! {}, &content),
    };
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::WWW_AUTHENTICATE);
    parts.headers.remove(header::CONTENT_TYPE);
    (parts.status, parts.headers, page).into_response()
}

/// The response to an unknown path: a page for browsers, a problem for programs.
pub async fn not_found(uri: Uri, headers: HeaderMap) -> Response<Body> {
    let response = ApiError::NotFound.into_response();
    let accept = header_text(&headers, header::ACCEPT);
    let wants_page = accept.is_some_and(|types| types.contains("text/html"));
    if wants_page && !uri.path().starts_with("/api/") {
        protected(page(None, response))
    } else {
        response
    }
}
