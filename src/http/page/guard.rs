//! The layer around every page.

use axum::{
    body::Body,
    extract::{Request, State},
    http::{Method, Response, StatusCode, header},
    middleware::Next,
    response::IntoResponse,
};

use super::notice::Notice;
use super::visit::{GUEST, NOTICE, Visit, protected};
use super::{errors, login};
use crate::http::error::{ApiError, Problem};
use crate::http::middleware::principal::Principal;
use crate::http::state::AppState;

/// Identifies the visitor, turns problems into pages, and adds security headers.
pub async fn guard(State(state): State<AppState>, request: Request, next: Next) -> Response<Body> {
    let (mut parts, body) = request.into_parts();
    let visit = match Visit::of(&state, &parts).await {
        Ok(visit) => visit,
        Err(error) => return protected(errors::page(None, error.into_response())),
    };
    // The extractors of the API take the principal from the extensions. On pages only the cookie counts.
    parts.extensions.remove::<Principal>();
    if let Some(principal) = visit.principal.clone() {
        parts.extensions.insert(principal);
    }
    parts.extensions.insert(visit.clone());
    let is_get = matches!(parts.method, Method::GET | Method::HEAD);
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        let problem = ApiError::MethodNotAllowed.into_problem();
        response.extensions_mut().insert(problem);
    }
    let is_problem = response.extensions().get::<Problem>().is_some();
    if is_problem && response.status() == StatusCode::UNAUTHORIZED {
        let target = if is_get { visit.target.as_str() } else { "/" };
        let login = login::path(target);
        response = visit.go(&login, (!is_get).then_some(Notice::Expired));
    } else if is_problem {
        response = errors::page(Some(&visit), response);
    }
    if let Some(guest) = &visit.new_guest {
        let cookie = visit.set_cookie(GUEST, guest, 24 * 60 * 60);
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    if visit.notice.is_some() && response.status().is_success() && is_html(&response) {
        let cookie = visit.set_cookie(NOTICE, "", 0);
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    protected(response)
}

fn is_html(response: &Response<Body>) -> bool {
    let content_type = response.headers().get(header::CONTENT_TYPE);
    content_type.is_some_and(|value| value.as_bytes().starts_with(b"text/html"))
}
