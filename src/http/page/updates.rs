//! The dashboard: image updates grouped by tag.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, Response},
};
use form_urlencoded::Serializer;
use maud::{Markup, html};

use super::form::hidden;
use super::layout::{self, pages, plural};
use super::update_rows::{self, TagOptions};
use super::visit::Visit;
use crate::domain::{Id, Scope};
use crate::http::error::ApiError;
use crate::http::image_update_stream;
use crate::http::input::{ANY_TEXT, Bool, Input, Number, OneOf, fields};
use crate::http::middleware::principal::Reader;
use crate::http::state::AppState;
use crate::store::image_update_groups::ImageUpdateGroup;
use crate::store::image_updates::{ImageUpdate, ImageUpdateFilter};
use crate::store::query::{Sort, Window};

/// The maximum number of rows of a group on the overview.
const ROWS_PER_GROUP: u8 = 10;
/// The maximum number of rows on the overview. Further groups show only their counts, so that the page stays small.
const MAX_ROWS: usize = 200;
/// The maximum number of rows on a page of one group.
const PAGE_SIZE: i64 = 50;

const UNTAGGED: &str = "Without a tag";

const STATES: [&str; 3] = ["new", "acknowledged", "all"];

fields! {
    part struct Filter {
        q: optional_or(ANY_TEXT, String::new()) as String,
        hostname: optional_or(ANY_TEXT, String::new()) as String,
        state: optional_or(OneOf(&STATES, |state| state), "new") as &'static str,
        /// Only the group with this tag.
        tag: optional_or(ANY_TEXT, String::new()) as String,
        /// Only updates without a tag.
        untagged: optional_or(Bool, false) as bool,
        page: optional_or(Number(1, i64::MAX), 1) as i64,
    }
}

impl Filter {
    /// Whether it leaves out updates that "acknowledge all" would include.
    fn is_narrow(&self) -> bool {
        !self.q.is_empty() || !self.hostname.is_empty()
    }

    fn is_one_group(&self) -> bool {
        self.untagged || !self.tag.is_empty()
    }

    fn for_store(&self) -> ImageUpdateFilter {
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        ImageUpdateFilter {
            acknowledged: (self.state != "all").then_some(self.state == "acknowledged"),
            tag: text(&self.tag),
            hostname: text(&self.hostname),
            q: text(&self.q),
        }
    }

    /// The path of the list of one group, up to the number of its page, which is appended.
    fn path_of(&self, tag: Option<&str>) -> String {
        let mut query = Serializer::for_suffix(String::from("/?"), 2);
        for (name, text) in [
            ("q", self.q.as_str()),
            ("hostname", &self.hostname),
            ("state", self.state),
        ] {
            if !text.is_empty() && (name, text) != ("state", "new") {
                query.append_pair(name, text);
            }
        }
        path_of_group(query, tag)
    }
}

fn path_of_group(mut query: Serializer<'_, String>, tag: Option<&str>) -> String {
    match tag {
        Some(tag) => query.append_pair("tag", tag),
        None => query.append_pair("untagged", "true"),
    };
    query.append_pair("page", "").finish()
}

/// The data of the page.
struct FoundUpdates {
    groups: Vec<ImageUpdateGroup>,
    updates: Vec<ImageUpdate>,
    /// The number of rows if only one group is shown.
    total: Option<i64>,
    hosts: Vec<String>,
    options: TagOptions,
}

pub async fn list(
    State(state): State<AppState>,
    _: Reader,
    visit: Visit,
    Input { query, .. }: Input<(), Filter>,
) -> Result<Markup, ApiError> {
    // Read before the updates, so that the stream reports every change that happens meanwhile.
    let (shown, _) = state.store.image_update_changes_kept().await?;
    let found = find(&state, &query).await?;
    let is_empty = found.groups.is_empty() && !query.is_narrow() && !query.is_one_group();
    let (new, total) = counts(&found.groups);
    let content = html! {
        div.heading {
            h1 { "Image updates" }
            p #count { strong { (new) " new" } " of " (total) }
            @if visit.may(Scope::Write) && new > 0 && !query.is_narrow() && !query.is_one_group() {
                (acknowledge_all(&visit, new))
            }
        }
        p.offline role="status" id="offline" hidden { "Not connected: the page does not show changes until it is again." }
        @if is_empty {
            (how_to_begin(&state, &visit))
        } @else {
            (search(&query, &found.hosts))
            (groups(&visit, &query, &found))
        }
    };
    Ok(layout::page(
        &visit,
        "Image updates",
        &html! { div #updates data-stream={ "/updates/stream?after=" (shown) } { (content) } },
    ))
}

async fn find(state: &AppState, query: &Filter) -> Result<FoundUpdates, ApiError> {
    let store = &state.store;
    let filter = query.for_store();
    let everything = ImageUpdateFilter {
        acknowledged: None,
        ..filter.clone()
    };
    let groups = store
        .image_update_groups(&everything, query.untagged)
        .await?;
    let window = Window {
        sort: Sort::CHANGED,
        offset: (query.page - 1).saturating_mul(PAGE_SIZE),
        limit: PAGE_SIZE,
    };
    let (updates, total) = if query.is_one_group() {
        let found = store.image_updates(&filter, query.untagged, window);
        let (updates, total) = found.await?;
        (updates, Some(total))
    } else {
        (store.latest_of_groups(&filter, ROWS_PER_GROUP).await?, None)
    };
    Ok(FoundUpdates {
        groups,
        updates,
        total,
        hosts: store.reporting_hosts().await?,
        options: TagOptions::read(state).await?,
    })
}

/// The number of new updates, and of all.
fn counts(groups: &[ImageUpdateGroup]) -> (i64, i64) {
    let total: i64 = groups.iter().map(|group| group.total).sum();
    let acknowledged: i64 = groups.iter().map(|group| group.acknowledged).sum();
    (total - acknowledged, total)
}

fn search(query: &Filter, hosts: &[String]) -> Markup {
    html! {
        search {
            form.filter action="/" {
                div {
                    label for="q" { "Search" }
                    input id="q" name="q" type="search" value=(query.q) placeholder="image or host" maxlength="200";
                }
                div {
                    label for="hostname" { "Host" }
                    select id="hostname" name="hostname" {
                        option value="" { "All hosts" }
                        @for host in hosts { option value=(host) selected[*host == query.hostname] { (host) } }
                    }
                }
                div {
                    label for="state" { "State" }
                    select id="state" name="state" {
                        @for (state, text) in STATES.into_iter().zip(["New", "Acknowledged", "All"]) {
                            option value=(state) selected[state == query.state] { (text) }
                        }
                    }
                }
                @if !query.tag.is_empty() { input type="hidden" name="tag" value=(query.tag); }
                @if query.untagged { input type="hidden" name="untagged" value="true"; }
                button type="submit" { "Filter" }
                @if query.is_narrow() || query.is_one_group() || query.state != "new" { a href="/" { "Clear the filter" } }
            }
        }
    }
}

fn groups(visit: &Visit, query: &Filter, found: &FoundUpdates) -> Markup {
    let mut rows_left = MAX_ROWS;
    let groups: Vec<_> = found
        .groups
        .iter()
        .filter_map(|group| {
            let shown = match query.state {
                "new" => group.total - group.acknowledged,
                "acknowledged" => group.acknowledged,
                _ => group.total,
            };
            let rows: Vec<_> = found
                .updates
                .iter()
                .filter(|update| update.tag_id == group.tag_id)
                .take(rows_left)
                .collect();
            rows_left -= rows.len();
            (shown > 0 || query.is_one_group()).then_some((group, shown, rows))
        })
        .collect();
    html! {
        @if groups.is_empty() {
            p.none {
                @if query.is_narrow() || query.state != "new" { "Nothing is found." } @else { "Nothing is new." }
            }
        }
        @for (group, shown, rows) in &groups { (section(visit, query, found, group, *shown, rows)) }
        @if !query.is_narrow() && !query.is_one_group() {
            (other_tags(found, |tag_id| groups.iter().any(|(group, ..)| group.tag_id == tag_id)))
        }
    }
}

fn section(
    visit: &Visit,
    query: &Filter,
    found: &FoundUpdates,
    group: &ImageUpdateGroup,
    shown: i64,
    rows: &[&ImageUpdate],
) -> Markup {
    let name = group.tag_name.as_deref().unwrap_or(UNTAGGED);
    let key = group
        .tag_id
        .map_or_else(|| "untagged".into(), |id| id.to_string());
    let new = group.total - group.acknowledged;
    let path = query.path_of(group.tag_name.as_deref());
    let more = shown - i64::try_from(rows.len()).unwrap_or_default();
    html! {
        section.group aria-labelledby={ "group-" (key) } data-tag=[group.tag_id] data-group {
            div.heading {
                h2 id={ "group-" (key) } { (name) }
                p { (new) " new of " (group.total) }
                @if let Some(tag) = group.tag_name.as_deref().filter(|_| new > 0 && !query.is_narrow() && visit.may(Scope::Write)) {
                    form method="post" action="/updates/acknowledge" {
                        (hidden(visit))
                        input type="hidden" name="tag" value=(tag);
                        button type="submit" { "Acknowledge all of " (tag) }
                    }
                }
            }
            @if !rows.is_empty() { (update_rows::table(visit, &found.options, name, rows)) }
            @match found.total {
                Some(total) => (pages(&path, query.page, PAGE_SIZE, total)),
                None if more > 0 => p { a href={ (path) "1" } { "Show all " (shown) " of " (name) } },
                None => {},
            }
        }
    }
}

/// The tags whose groups are not shown. A row can be dropped on them too.
fn other_tags(found: &FoundUpdates, is_shown: impl Fn(Option<Id>) -> bool) -> Markup {
    let tags = found
        .options
        .0
        .iter()
        .map(|tag| (Some(tag.id), tag.name.as_str()));
    let others: Vec<_> = tags
        .chain([(None, UNTAGGED)])
        .filter(|(tag_id, _)| !is_shown(*tag_id))
        .collect();
    let total = |tag_id| {
        let group = found.groups.iter().find(|group| group.tag_id == tag_id);
        group.map_or(0, |group| group.total)
    };
    html! {
        @if !found.options.0.is_empty() && !others.is_empty() {
            section.group aria-labelledby="other-tags" {
                h2 #other-tags { "Other tags" }
                ul.tags {
                    @for (tag_id, name) in others {
                        @let query = Serializer::for_suffix(String::from("/?state=all"), 2);
                        li data-group data-tag=[tag_id] {
                            a href={ (path_of_group(query, tag_id.map(|_| name))) "1" } { (name) }
                            " " (plural(total(tag_id).unsigned_abs(), "update"))
                        }
                    }
                }
            }
        }
    }
}

fn acknowledge_all(visit: &Visit, new: i64) -> Markup {
    html! {
        form method="post" action="/updates/acknowledge" {
            (hidden(visit))
            input type="hidden" name="all" value="true";
            button #acknowledge-all .primary type="submit" { "Acknowledge all " (new) }
        }
    }
}

/// Shown until the first report arrives.
fn how_to_begin(state: &AppState, visit: &Visit) -> Markup {
    let address = format!("{}/api/v1/image-updates/webhook", visit.origin);
    let diun = format!(
        "notif:\n  webhook:\n    endpoint: {address}\n    method: POST\n    headers:\n      \
         content-type: application/json\n      authorization: \"the value of WEBHOOK_SECRET\"\n"
    );
    html! {
        p { "Nothing has been reported yet. Diun, the Docker image update notifier, reports to this address:" }
        p { code data-copy="address" { (address) } }
        @if state.webhook_secret.is_none() {
            p.error { "The webhook is off. Set WEBHOOK_SECRET and restart the service to switch it on." }
        }
        section aria-labelledby="diun" {
            h2 #diun { "Diun's configuration" }
            pre role="group" tabindex="0" aria-labelledby="diun" data-copy="configuration" { (diun) }
        }
    }
}

fields! {
    part struct After {
        /// The last change that the page shows.
        after: optional(Number(0, i64::MAX)) as Option<i64>,
    }
}

pub async fn stream(
    State(state): State<AppState>,
    Reader(principal): Reader,
    headers: HeaderMap,
    Input { query, .. }: Input<(), After>,
) -> Result<Response<Body>, ApiError> {
    let last = image_update_stream::last_event_id(&headers)?.or(query.after);
    image_update_stream::open(state, principal, last).await
}
