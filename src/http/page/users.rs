//! All users, for admins.

use axum::{Json, body::Body, extract::State, http::Response};
use maud::{Markup, html};

use super::form::{Form, hidden};
use super::layout::{self, ago, pages};
use super::notice::Notice;
use super::visit::Visit;
use crate::domain::Role;
use crate::http::audit::Origin;
use crate::http::error::ApiError;
use crate::http::input::{ANY_TEXT, Bool, Input, OneOf, PathId, fields};
use crate::http::middleware::principal::Admin;
use crate::http::pagination::Page;
use crate::http::state::AppState;
use crate::http::users;
use crate::store::users::{User, UserFilter, UserPatch};

fields! {
    part struct Search {
        q: optional_or(ANY_TEXT, String::new()) as String,
        deleted: optional_or(Bool, false) as bool,
    }
}

pub async fn list(
    State(state): State<AppState>,
    Admin(admin): Admin,
    visit: Visit,
    Input {
        query: (search, page),
        ..
    }: Input<(), (Search, Page)>,
) -> Result<Markup, ApiError> {
    let filter = UserFilter {
        q: Some(search.q.clone()).filter(|q| !q.is_empty()),
        role: None,
        deleted: search.deleted,
    };
    let (users, total) = state.store.users(&filter, page.window()).await?;
    let q: String = form_urlencoded::byte_serialize(search.q.as_bytes()).collect();
    let path = format!("/users?q={q}&deleted={}&page=", search.deleted);
    let content = html! {
        h1 { "Users" }
        search {
            form.filter action="/users" {
                div {
                    label for="q" { "Search" }
                    input id="q" name="q" type="search" value=(search.q) placeholder="name or email" maxlength="200";
                }
                div {
                    label for="deleted" { "Which" }
                    select id="deleted" name="deleted" {
                        option value="false" { "Users" }
                        option value="true" selected[search.deleted] { "Deleted users" }
                    }
                }
                button type="submit" { "Filter" }
            }
        }
        @if users.is_empty() { p.none { "Nobody is found." } } @else {
            ul.list {
                @for user in &users {
                    li { (entry(&visit, user, search.deleted, user.id == admin.id)) }
                }
            }
        }
        (pages(&path, page.page, page.limit, total))
    };
    Ok(layout::page(&visit, "Users", &content))
}

fn entry(visit: &Visit, user: &User, deleted: bool, is_oneself: bool) -> Markup {
    let path = format!("/users/{}", user.id);
    let name = user.username.as_str();
    html! {
        span.wide {
            strong { (name) } @if is_oneself { " (you)" }
            @if let Some(full) = &user.name { " " (full) }
            @if let Some(email) = &user.email { " " (email) }
        }
        span {
            @match user.last_login {
                Some(time) => { "logged in " (ago(time)) }
                None => "never logged in",
            }
        }
        @if deleted {
            form method="post" action={ (path) "/restore" } {
                (hidden(visit))
                button type="submit" { "Restore" span.hidden { " " (name) } }
            }
        } @else {
            form.actions method="post" action={ (path) "/role" } {
                (hidden(visit))
                label.hidden for={ "role-" (user.id) } { "Role of " (name) }
                select id={ "role-" (user.id) } name="role" {
                    @for role in Role::ALL {
                        option value=(role.as_str()) selected[role == user.role] { (role.as_str()) }
                    }
                }
                button type="submit" { "Set role" span.hidden { " of " (name) } }
                a href={ (path) "/delete" } { "Delete" span.hidden { " " (name) } }
            }
        }
    }
}

fields! {
    part struct RoleChoice {
        role: required(OneOf(&Role::ALL, Role::as_str)) as Role,
    }
}

pub async fn update_role(
    state: State<AppState>,
    admin: Admin,
    origin: Origin,
    form: Form<PathId, RoleChoice>,
) -> Result<Response<Body>, ApiError> {
    let body = UserPatch {
        role: Some(form.fields.role),
        ..UserPatch::default()
    };
    let input = Input::new(form.path, body);
    let Json(_) = users::update(state, admin, origin, input).await?;
    Ok(form.visit.go_back("/users", Notice::RoleChanged))
}

pub async fn confirm_delete(
    State(state): State<AppState>,
    _: Admin,
    visit: Visit,
    Input { path, .. }: Input<PathId>,
) -> Result<Markup, ApiError> {
    let user = state.store.user(path.id).await?;
    let user = user.ok_or(ApiError::NotFound)?;
    Ok(layout::confirm(
        &visit,
        &format!("Delete the user {}?", user.username),
        "All sessions of the user end. A deleted user can be restored.",
        "/users",
    ))
}

pub async fn delete(
    state: State<AppState>,
    admin: Admin,
    origin: Origin,
    form: Form<PathId>,
) -> Result<Response<Body>, ApiError> {
    let (visit, input) = form.into_input();
    let notice = Notice::UserDeleted(input.path.id);
    users::delete(state, admin, origin, input).await?;
    Ok(visit.go_back("/users", notice))
}

pub async fn restore(
    state: State<AppState>,
    admin: Admin,
    origin: Origin,
    form: Form<PathId>,
) -> Result<Response<Body>, ApiError> {
    let (visit, input) = form.into_input();
    let Json(_) = users::restore(state, admin, origin, input).await?;
    Ok(visit.go_back("/users", Notice::UserRestored))
}
