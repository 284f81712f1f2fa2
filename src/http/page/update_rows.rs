//! The table of image updates, with the actions of each row.

use maud::{Markup, html};

use super::form::hidden;
use super::layout::ago;
use super::visit::Visit;
use crate::domain::{Id, Scope};
use crate::http::error::ApiError;
use crate::http::state::AppState;
use crate::store::image_updates::ImageUpdate;
use crate::store::query::{Sort, Window};
use crate::store::tags::Tag;

/// The tags that can be chosen.
pub struct TagOptions(pub Vec<Tag>);

/// With more tags, a row has a link to its details instead of a choice of tags.
const MAX_TAGS_IN_ROW: usize = 30;

impl TagOptions {
    pub async fn read(state: &AppState) -> Result<Self, ApiError> {
        let by_name = Window {
            sort: Sort::NAME,
            offset: 0,
            limit: 1000,
        };
        Ok(Self(state.store.tags(by_name).await?.0))
    }

    /// The choice of a tag, and the button that sets it.
    pub fn choice(&self, id: &str, image: &str, current: Option<Id>) -> Markup {
        html! {
            label.hidden for=(id) { "Tag of " (image) }
            select id=(id) name="tag_id" {
                option value="" { "No tag" }
                @for tag in &self.0 {
                    option value=(tag.id) selected[Some(tag.id) == current] { (tag.name) }
                }
            }
            button type="submit" { "Set tag" span.hidden { " of " (image) } }
        }
    }
}

pub fn table(visit: &Visit, options: &TagOptions, name: &str, updates: &[&ImageUpdate]) -> Markup {
    let may_write = visit.may(Scope::Write);
    html! {
        // In a narrow window the rows look like cards. With the roles, screen readers still read a table.
        table role="table" {
            caption.hidden { "Image updates: " (name) }
            thead role="rowgroup" {
                tr role="row" {
                    @for heading in ["Image", "Host", "State", "Last change"] { th role="columnheader" scope="col" { (heading) } }
                    @if may_write { th role="columnheader" scope="col" { "Actions" } }
                }
            }
            tbody role="rowgroup" {
                @for update in updates { (row(visit, options, update, may_write)) }
            }
        }
    }
}

fn row(visit: &Visit, options: &TagOptions, update: &ImageUpdate, may_write: bool) -> Markup {
    let path = format!("/updates/{}", update.id);
    html! {
        tr role="row" id={ "update-" (update.id) } draggable=[may_write.then_some("true")] {
            th role="rowheader" scope="row" { a href=(path) { (update.image) } }
            td role="cell" data-label="Host" { (reported(update.hostname.as_ref()).unwrap_or("–")) }
            td role="cell" data-label="State" { (badge(update)) }
            td role="cell" data-label="Last change" { (ago(update.updated_at)) }
            @if may_write {
                td role="cell" {
                    form.actions method="post" action={ (path) "/tag" } {
                        (hidden(visit))
                        @if update.acknowledged_at.is_none() {
                            button type="submit" formaction={ (path) "/acknowledge" } formnovalidate {
                                "Acknowledge" span.hidden { " " (update.image) }
                            }
                        } @else {
                            button type="submit" formaction={ (path) "/unacknowledge" } formnovalidate {
                                "Make new again" span.hidden { " " (update.image) }
                            }
                        }
                        @if options.0.is_empty() {
                        } @else if options.0.len() <= MAX_TAGS_IN_ROW {
                            (options.choice(&format!("tag-{}", update.id), &update.image, update.tag_id))
                        } @else {
                            a href={ (path) "#tag" } { "Set tag" span.hidden { " of " (update.image) } }
                        }
                        a href={ (path) "/delete" } { "Delete" span.hidden { " " (update.image) } }
                    }
                }
            }
        }
    }
}

/// A text of a report. Diun sends an empty one for what it doesn't know.
pub fn reported(text: Option<&String>) -> Option<&str> {
    text.map(String::as_str).filter(|text| !text.is_empty())
}

/// The state: acknowledged, or the status that Diun reported.
pub fn badge(update: &ImageUpdate) -> Markup {
    html! {
        @if update.acknowledged_at.is_some() {
            span.badge.done { "Acknowledged" }
        } @else if update.status.as_deref() == Some("new") {
            span.badge.new { "New image" }
        } @else {
            span.badge.new { "Updated" }
        }
    }
}
