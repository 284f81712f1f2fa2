//! The tags of image updates.

use axum::{Json, body::Body, extract::State, http::Response};
use maud::{Markup, html};

use super::form::{Form, hidden};
use super::layout::{self, plural};
use super::notice::Notice;
use super::update_rows::TagOptions;
use super::visit::Visit;
use crate::domain::{Id, Scope};
use crate::http::error::ApiError;
use crate::http::input::{Input, PathId};
use crate::http::middleware::principal::{Reader, Writer};
use crate::http::state::AppState;
use crate::http::tags::{self, NewTag};
use crate::store::image_update_groups::ImageUpdateGroup;
use crate::store::image_updates::ImageUpdateFilter;

pub async fn list(
    State(state): State<AppState>,
    _: Reader,
    visit: Visit,
    _: Input,
) -> Result<Markup, ApiError> {
    let TagOptions(tags) = TagOptions::read(&state).await?;
    let filter = ImageUpdateFilter::default();
    let groups = state.store.image_update_groups(&filter, false).await?;
    let may_write = visit.may(Scope::Write);
    let content = html! {
        h1 { "Tags" }
        @if may_write {
            form.filter method="post" action="/tags" {
                (hidden(&visit))
                div {
                    label for="tag-name" { "Name of the new tag" }
                    input id="tag-name" name="name" required maxlength="100" autocomplete="off";
                }
                button.primary type="submit" { "Make tag" }
            }
        }
        @if tags.is_empty() { p.none { "There is no tag yet." } } @else {
            ul.list {
                @for tag in &tags {
                    li {
                        a href={ "/?state=all&tag=" (encoded(&tag.name)) } { (tag.name) }
                        span { (plural(count(&groups, tag.id), "update")) }
                        @if may_write {
                            a href={ "/tags/" (tag.id) "/delete" } { "Delete" span.hidden { " " (tag.name) } }
                        }
                    }
                }
            }
        }
    };
    Ok(layout::page(&visit, "Tags", &content))
}

fn count(groups: &[ImageUpdateGroup], tag_id: Id) -> u64 {
    let group = groups.iter().find(|group| group.tag_id == Some(tag_id));
    group.map_or(0, |group| group.total.unsigned_abs())
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

pub async fn create(
    state: State<AppState>,
    writer: Writer,
    form: Form<(), NewTag>,
) -> Result<Response<Body>, ApiError> {
    let (visit, input) = form.into_input();
    let (_, Json(_)) = tags::create(state, writer, input).await?;
    Ok(visit.go_back("/tags", Notice::TagMade))
}

pub async fn confirm_delete(
    State(state): State<AppState>,
    _: Writer,
    visit: Visit,
    Input { path, .. }: Input<PathId>,
) -> Result<Markup, ApiError> {
    let TagOptions(tags) = TagOptions::read(&state).await?;
    let tag = tags.into_iter().find(|tag| tag.id == path.id);
    let tag = tag.ok_or(ApiError::NotFound)?;
    Ok(layout::confirm(
        &visit,
        &format!("Delete the tag {}?", tag.name),
        "It is removed from all updates that have it.",
        "/tags",
    ))
}

pub async fn delete(
    state: State<AppState>,
    writer: Writer,
    form: Form<PathId>,
) -> Result<Response<Body>, ApiError> {
    let (visit, input) = form.into_input();
    tags::delete(state, writer, input).await?;
    Ok(visit.go_back("/tags", Notice::TagDeleted))
}
