//! OAuth clients, for admins.

use axum::{
    Json,
    body::Body,
    extract::State,
    http::{Response, StatusCode},
};
use maud::{Markup, html};

use super::form::{Form, hidden};
use super::layout::{self, ago, pages};
use super::notice::Notice;
use super::visit::Visit;
use crate::domain::Scope;
use crate::http::audit::Origin;
use crate::http::error::ApiError;
use crate::http::input::{Bool, Description, Fields, FromFields, Input, NAME, OptionalBody};
use crate::http::middleware::principal::Admin;
use crate::http::oauth_clients::{self, ClientPath, NewOauthClient, SecretRotation};
use crate::http::pagination::Page;
use crate::http::state::AppState;
use crate::store::oauth_clients::OauthClient;

/// How long the old secret still works, in seconds.
const OVERLAPS: [(i64, &str); 4] = [
    (0, "stops at once"),
    (3600, "works for 1 hour"),
    (86_400, "works for 1 day"),
    (604_800, "works for 7 days"),
];

pub async fn list(
    State(state): State<AppState>,
    _: Admin,
    visit: Visit,
    Input { query: page, .. }: Input<(), Page>,
) -> Result<Markup, ApiError> {
    let (clients, total) = state.store.oauth_clients(page.window()).await?;
    let content = html! {
        h1 { "OAuth clients" }
        p { "Programs that use the API. The secret of a client is shown once, when it is made." }
        (new_client(&visit))
        @if clients.is_empty() { p.none { "There is no client yet." } } @else {
            ul.list { @for client in &clients { li { (entry(&visit, client)) } } }
        }
        (pages("/clients?page=", page.page, page.limit, total))
    };
    Ok(layout::page(&visit, "OAuth clients", &content))
}

fn new_client(visit: &Visit) -> Markup {
    html! {
        form.filter method="post" action="/clients" {
            (hidden(visit))
            div {
                label for="client-name" { "Name of the new client" }
                input id="client-name" name="name" required maxlength="100" autocomplete="off";
            }
            fieldset {
                legend { "Scopes" }
                @for scope in Scope::ALL {
                    label {
                        input type="checkbox" name=(scope.as_str()) value="true" checked[scope == Scope::Read];
                        " " (scope.as_str())
                    }
                }
            }
            button.primary type="submit" { "Make client" }
        }
    }
}

fn entry(visit: &Visit, client: &OauthClient) -> Markup {
    let path = format!("/clients/{}", client.client_id);
    let name = client.name.as_str();
    html! {
        span.wide { strong { (name) } " " code { (client.client_id) } }
        span { (client.scopes) ", made " (ago(client.created_at)) }
        form.actions method="post" action={ (path) "/secret" } {
            (hidden(visit))
            label.hidden for={ "overlap-" (client.id) } { "The old secret of " (name) }
            select id={ "overlap-" (client.id) } name="overlap_seconds" {
                @for (seconds, text) in OVERLAPS { option value=(seconds) { "old secret " (text) } }
            }
            button type="submit" { "New secret" span.hidden { " for " (name) } }
            a href={ (path) "/delete" } { "Delete" span.hidden { " " (name) } }
        }
    }
}

/// A name, and a checkbox for each scope.
pub struct NewClient(NewOauthClient);

impl FromFields for NewClient {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let name = fields.required("name", &NAME);
        let mut scopes = Vec::new();
        for scope in Scope::ALL {
            let is_checked = fields.optional_or(scope.as_str(), &Bool, false)?;
            scopes.extend(Some(scope).filter(|_| is_checked));
        }
        if scopes.is_empty() {
            return fields.required("scopes", &Bool).and(None);
        }
        Some(Self(NewOauthClient {
            name: name?,
            scopes,
        }))
    }

    fn describe(_: &mut Description) {}
}

pub async fn create(
    state: State<AppState>,
    admin: Admin,
    origin: Origin,
    Form { visit, fields, .. }: Form<(), NewClient>,
) -> Result<(StatusCode, Markup), ApiError> {
    let name = fields.0.name.clone();
    let input = Input::new((), fields.0);
    let (_, _, Json(new)) = oauth_clients::create(state, admin, origin, input).await?;
    let page = secret_page(&visit, &name, &new.client.client_id, &new.client_secret);
    Ok((StatusCode::CREATED, page))
}

pub async fn update_secret(
    state: State<AppState>,
    admin: Admin,
    origin: Origin,
    form: Form<ClientPath, OptionalBody<SecretRotation>>,
) -> Result<Markup, ApiError> {
    let client = find(&state, &form.path.client_id).await?;
    let (visit, input) = form.into_input();
    let (_, _, Json(new)) = oauth_clients::update_secret(state, admin, origin, input).await?;
    let (id, secret) = (&new.client_id, &new.client_secret);
    Ok(secret_page(&visit, &client.name, id, secret))
}

/// The only page that shows a secret. The service stores only its hash.
fn secret_page(visit: &Visit, name: &str, client_id: &str, client_secret: &str) -> Markup {
    let content = html! {
        h1 { "The secret of " (name) }
        p { strong { "Copy it now: it is not shown again." } }
        dl {
            dt { "Client id" } dd { code data-copy="client id" { (client_id) } }
            dt { "Client secret" } dd { code data-copy="client secret" { (client_secret) } }
        }
        p { a.button href="/clients" { "Done" } }
    };
    layout::page(visit, "New secret", &content)
}

async fn find(state: &AppState, client_id: &str) -> Result<OauthClient, ApiError> {
    let client = state.store.oauth_client_by_client_id(client_id).await?;
    client.ok_or(ApiError::NotFound)
}

pub async fn confirm_delete(
    State(state): State<AppState>,
    _: Admin,
    visit: Visit,
    Input { path, .. }: Input<ClientPath>,
) -> Result<Markup, ApiError> {
    let client = find(&state, &path.client_id).await?;
    Ok(layout::confirm(
        &visit,
        &format!("Delete the client {}?", client.name),
        "Its tokens stop working at once. This can't be undone.",
        "/clients",
    ))
}

pub async fn delete(
    state: State<AppState>,
    admin: Admin,
    origin: Origin,
    form: Form<ClientPath>,
) -> Result<Response<Body>, ApiError> {
    let (visit, input) = form.into_input();
    oauth_clients::delete(state, admin, origin, input).await?;
    Ok(visit.go_back("/clients", Notice::ClientDeleted))
}
