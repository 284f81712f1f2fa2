//! The sessions of the user, in browsers and by the API.

use axum::{body::Body, extract::State, http::Response};
use maud::{Markup, html};

use super::form::{Form, hidden};
use super::layout::{self, ago, at, pages};
use super::notice::Notice;
use super::visit::Visit;
use crate::http::audit::{Origin, audit};
use crate::http::error::ApiError;
use crate::http::input::{Input, PathId};
use crate::http::middleware::principal::Reader;
use crate::http::pagination::Page;
use crate::http::sessions;
use crate::http::state::AppState;

/// The parts of user agents that name browsers. A browser also names those that it descends from, so the order matters.
const BROWSERS: [(&str, &str); 10] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("AppleWebKit/", "WebKit"),
];
const SYSTEMS: [(&str, &str); 7] = [
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

pub async fn list(
    State(state): State<AppState>,
    Reader(principal): Reader,
    visit: Visit,
    Input { query: page, .. }: Input<(), Page>,
) -> Result<Markup, ApiError> {
    let sessions = state.store.sessions(principal.id, page.window());
    let (sessions, total) = sessions.await?;
    let content = html! {
        h1 { "Sessions" }
        p { "Where you are logged in. Ending a session logs it out at once." }
        @if total > 1 {
            form method="post" action="/sessions/end-others" {
                (hidden(&visit))
                button type="submit" { "End all other sessions" }
            }
        }
        ul.list {
            @for session in &sessions {
                @let current = principal.session_id() == Some(session.id);
                @let user_agent = session.user_agent.as_deref();
                @let name = user_agent.map_or_else(|| "unknown program".into(), program);
                li {
                    span.wide title=[user_agent] { (name) }
                    span {
                        "since " (ago(session.created_at)) ", until " (at(session.expires_at))
                        @if current { " " strong { "(this one)" } }
                    }
                    form method="post" action={ "/sessions/" (session.id) "/end" } {
                        (hidden(&visit))
                        button type="submit" { "End" span.hidden { " the session of " (name) } }
                    }
                }
            }
        }
        (pages("/sessions?page=", page.page, page.limit, total))
    };
    Ok(layout::page(&visit, "Sessions", &content))
}

/// The browser and the system of a user agent, in words. Programs that aren't browsers are named as they name themselves.
fn program(user_agent: &str) -> String {
    let name_in = |names: &[(&str, &'static str)]| {
        let mut known = names.iter().filter(|(part, _)| user_agent.contains(part));
        known.next().map(|(_, name)| *name)
    };
    let is_browser = user_agent.starts_with("Mozilla/");
    match (name_in(&BROWSERS).filter(|_| is_browser), name_in(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.into(),
        (None, _) => user_agent.into(),
    }
}

pub async fn delete_others(
    State(state): State<AppState>,
    Reader(principal): Reader,
    origin: Origin,
    Form { visit, .. }: Form,
) -> Result<Response<Body>, ApiError> {
    let keep = principal.session_id().ok_or(ApiError::NotFound)?;
    let sessions_ended = state
        .store
        .delete_other_sessions(principal.id, keep)
        .await?;
    audit!(origin, "other sessions ended", by principal.name, session_id = %keep, sessions_ended);
    Ok(visit.go_back("/sessions", Notice::OthersEnded))
}

pub async fn delete(
    state: State<AppState>,
    reader: Reader,
    origin: Origin,
    form: Form<PathId>,
) -> Result<Response<Body>, ApiError> {
    let (visit, input) = form.into_input();
    let is_current = reader.0.session_id() == Some(input.path.id);
    sessions::delete(state, reader, origin, input).await?;
    if is_current {
        return Ok(visit.go_with_session("/login", None));
    }
    Ok(visit.go_back("/sessions", Notice::SessionEnded))
}
