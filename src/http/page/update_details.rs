//! All details of one image update.

use std::collections::BTreeMap;

use axum::extract::State;
use maud::{Markup, html};
use serde_json::value::RawValue;

use super::form::hidden;
use super::layout::{self, ago, at};
use super::update_rows::{TagOptions, badge, reported};
use super::visit::Visit;
use crate::domain::{JsonText, Scope};
use crate::http::error::ApiError;
use crate::http::input::{Input, PathId};
use crate::http::middleware::principal::{Reader, Writer};
use crate::http::state::AppState;
use crate::store::image_updates::ImageUpdate;

pub async fn get(
    State(state): State<AppState>,
    _: Reader,
    visit: Visit,
    Input { path, .. }: Input<PathId>,
) -> Result<Markup, ApiError> {
    let update = state.store.image_update(path.id).await?;
    let update = update.ok_or(ApiError::NotFound)?;
    let options = TagOptions::read(&state).await?;
    let content = html! {
        p { a href="/" { "All updates" } }
        h1 { (update.image) }
        @if visit.may(Scope::Write) { (actions(&visit, &options, &update)) }
        (facts(&update))
        @if let Some(metadata) = &update.metadata {
            h2 { "Metadata" }
            dl { @for (name, text) in members(metadata) { dt { (name) } dd { (text) } } }
        }
    };
    Ok(layout::page(&visit, &update.image, &content))
}

fn actions(visit: &Visit, options: &TagOptions, update: &ImageUpdate) -> Markup {
    let path = format!("/updates/{}", update.id);
    let (action, text) = match update.acknowledged_at {
        None => ("acknowledge", "Acknowledge"),
        Some(_) => ("unacknowledge", "Make new again"),
    };
    html! {
        div.toolbar {
            form method="post" action={ (path) "/" (action) } {
                (hidden(visit))
                button.primary type="submit" { (text) }
            }
            @if !options.0.is_empty() {
                form.actions method="post" action={ (path) "/tag" } {
                    (hidden(visit))
                    (options.choice("tag", &update.image, update.tag_id))
                }
            }
            a.button href={ (path) "/delete" } { "Delete" }
        }
    }
}

fn facts(update: &ImageUpdate) -> Markup {
    let texts = [
        ("Host", &update.hostname),
        ("Platform", &update.platform),
        ("Digest", &update.digest),
        ("Media type", &update.mime_type),
        ("Provider", &update.provider),
        ("Diun's version", &update.diun_version),
    ];
    let times = [
        ("First reported", Some(update.created_at)),
        ("Last change", Some(update.updated_at)),
        ("Acknowledged", update.acknowledged_at),
    ];
    html! {
        dl {
            dt { "State" } dd { (badge(update)) }
            dt { "Tag" } dd { (update.tag_name.as_deref().unwrap_or("–")) }
            @for (name, text) in texts {
                @if let Some(text) = reported(text.as_ref()) { dt { (name) } dd { (text) } }
            }
            @if let Some(link) = reported(update.hub_link.as_ref()) {
                dt { "Registry" } dd { (outside_link(link)) }
            }
            @if let Some(created) = update.created { dt { "Image built" } dd { (at(created)) } }
            @for (name, time) in times {
                @if let Some(time) = time { dt { (name) } dd { (ago(time)) ", " (at(time)) } }
            }
        }
    }
}

/// A link only if it is an http or https URL: a report could contain a script instead.
fn outside_link(link: &str) -> Markup {
    let is_web = link.starts_with("https://") || link.starts_with("http://");
    html! {
        @if is_web { a href=(link) rel="noopener noreferrer" { (link) } } @else { (link) }
    }
}

/// The members of the report's metadata. Numbers keep all their digits.
fn members(metadata: &JsonText) -> Vec<(String, String)> {
    let members: BTreeMap<String, Box<RawValue>> =
        serde_json::from_str(metadata.as_str()).unwrap_or_default();
    let text = |json: Box<RawValue>| {
        serde_json::from_str::<String>(json.get()).unwrap_or_else(|_| json.get().to_owned())
    };
    members
        .into_iter()
        .map(|(name, json)| (name, text(json)))
        .collect()
}

pub async fn confirm_delete(
    State(state): State<AppState>,
    _: Writer,
    visit: Visit,
    Input { path, .. }: Input<PathId>,
) -> Result<Markup, ApiError> {
    let update = state.store.image_update(path.id).await?;
    let update = update.ok_or(ApiError::NotFound)?;
    Ok(layout::confirm(
        &visit,
        &format!("Delete {}?", update.image),
        "The next report of the image brings it back, without its tag.",
        "/",
    ))
}
