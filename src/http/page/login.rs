//! Logging in and out.

use axum::{
    body::Body,
    extract::State,
    http::{Response, StatusCode, header},
    response::IntoResponse,
};
use maud::{Markup, html};

use super::form::{Form, hidden, is_page};
use super::layout;
use super::visit::Visit;
use crate::http::audit::{Origin, UserAgent};
use crate::http::error::ApiError;
use crate::http::input::{ANY_TEXT, Input, SECRET, fields};
use crate::http::middleware::principal::Principal;
use crate::http::sessions;
use crate::http::state::AppState;

fields! {
    part struct Next {
        /// The page after the log-in.
        next: optional(ANY_TEXT) as Option<String>,
    }
}

fields! {
    part struct Credentials {
        name: required(ANY_TEXT) as String,
        password: required(SECRET) as String,
        next: optional(ANY_TEXT) as Option<String>,
    }
}

/// The path of the log-in page that leads to the page `next`.
pub fn path(next: &str) -> String {
    if next == "/" {
        return "/login".into();
    }
    let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
    format!("/login?next={next}")
}

/// The page, if it is on this site and not the log-in itself; otherwise the dashboard.
fn allowed(next: Option<String>) -> String {
    let is_allowed = |next: &String| is_page(next) && !next.starts_with("/log");
    next.filter(is_allowed).unwrap_or_else(|| "/".into())
}

pub async fn get(visit: Visit, Input { query, .. }: Input<(), Next>) -> Response<Body> {
    let next = allowed(query.next);
    if visit.principal.is_some() {
        return visit.go(&next, None);
    }
    show(&visit, &next, "", None).into_response()
}

pub async fn create(
    State(state): State<AppState>,
    origin: Origin,
    UserAgent(user_agent): UserAgent,
    Form { visit, fields, .. }: Form<(), Credentials>,
) -> Result<Response<Body>, ApiError> {
    let Credentials {
        name,
        password,
        next,
    } = fields;
    let next = allowed(next);
    let login = sessions::Login {
        username: Some(name.clone()),
        email: None,
        password,
    };
    match sessions::log_in(&state, &origin, user_agent, login).await {
        Ok(token) => {
            let session = (token.access_token.as_str(), token.expires_in);
            Ok(visit.go_with_session(&next, Some(session)))
        }
        Err(ApiError::Unauthenticated(_)) => {
            let error = "The name or the password is wrong.";
            let page = show(&visit, &next, &name, Some(error));
            Ok((StatusCode::UNAUTHORIZED, page).into_response())
        }
        Err(ApiError::TooManyRequests(wait)) => {
            let seconds = wait.as_secs() + 1;
            let error = format!("Too many attempts. Try again in {seconds} s.");
            let page = show(&visit, &next, &name, Some(&error));
            let wait = [(header::RETRY_AFTER, seconds.to_string())];
            Ok((StatusCode::TOO_MANY_REQUESTS, wait, page).into_response())
        }
        Err(other) => Err(other),
    }
}

pub async fn delete(
    state: State<AppState>,
    principal: Principal,
    origin: Origin,
    form: Form,
) -> Result<Response<Body>, ApiError> {
    let (visit, input) = form.into_input();
    sessions::delete_current(state, principal, origin, input).await?;
    Ok(visit.go_with_session("/login", None))
}

fn show(visit: &Visit, next: &str, name: &str, error: Option<&str>) -> Markup {
    let content = html! {
        h1 { "Log in" }
        form.login method="post" action="/login" {
            (hidden(visit))
            input type="hidden" name="next" value=(next);
            @if let Some(error) = error { p.error role="alert" id="login-error" { (error) } }
            label for="name" { "Username or email" }
            input id="name" name="name" value=(name) required autocomplete="username" autocapitalize="none"
                spellcheck="false" autofocus aria-describedby=[error.map(|_| "login-error")];
            label for="password" { "Password" }
            input id="password" name="password" type="password" required autocomplete="current-password";
            button.primary type="submit" { "Log in" }
        }
    };
    layout::page(visit, "Log in", &content)
}
