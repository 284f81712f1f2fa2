//! The frame of all pages, and parts that several pages show.

use maud::{DOCTYPE, Markup, html};

use super::assets;
use super::form::hidden;
use super::notice::Notice;
pub use super::notice::plural;
use super::visit::Visit;
use crate::domain::{Scope, Time};

/// A page for a user or a guest.
pub fn page(visit: &Visit, title: &str, content: &Markup) -> Markup {
    let links = [
        ("/", "Updates", Scope::Read),
        ("/tags", "Tags", Scope::Read),
        ("/sessions", "Sessions", Scope::Read),
        ("/users", "Users", Scope::Admin),
        ("/clients", "Clients", Scope::Admin),
    ];
    let path = visit.path();
    let header = html! {
        @if let Some(principal) = &visit.principal {
            nav aria-label="Pages" {
                ul {
                    @for (target, name, scope) in links {
                        @if visit.may(scope) {
                            li { a href=(target) aria-current=[(path == target).then_some("page")] { (name) } }
                        }
                    }
                }
            }
            form.account method="post" action="/logout" {
                (hidden(visit))
                span { (principal.name) }
                button type="submit" { "Log out" }
            }
        }
    };
    frame(title, &header, &html! { (show_notice(visit)) (content) })
}

/// A complete page with this header and content.
pub fn frame(title: &str, header: &Markup, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" data-now=(Time::now()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · dance-lessons-coach" }
                link rel="icon" href=(assets::ICON.path()) type="image/svg+xml";
                link rel="stylesheet" href=(assets::STYLE.path());
                script src=(assets::SCRIPT.path()) defer {}
            }
            body {
                a.skip href="#content" { "Skip to the content" }
                header {
                    a.brand href="/" { "dance-lessons-coach" }
                    (header)
                }
                main #content tabindex="-1" { (content) }
                footer { p { a href="/docs" { "The API" } } }
            }
        }
    }
}

/// A page that asks before something of a list is deleted.
/// The form is sent to the path of the page itself.
pub fn confirm(visit: &Visit, question: &str, consequence: &str, list: &str) -> Markup {
    let back = visit.list_before(list);
    let content = html! {
        h1 { (question) }
        p { (consequence) }
        form.confirm method="post" action=(visit.path()) {
            input type="hidden" name="form_token" value=(visit.form_token);
            input type="hidden" name="back" value=(back);
            button.danger type="submit" { "Delete" }
            " "
            a.button href=(back) { "Cancel" }
        }
    };
    page(visit, question, &content)
}

/// The age of a time, with the exact time as its title.
pub fn ago(time: Time) -> Markup {
    let seconds = Time::now().since(time).map_or(0, |age| age.as_secs());
    let text = match seconds {
        0..60 => "just now".to_owned(),
        60..3600 => plural(seconds / 60, "minute") + " ago",
        3600..86_400 => plural(seconds / 3600, "hour") + " ago",
        _ => plural(seconds / 86_400, "day") + " ago",
    };
    html! { time datetime=(time) title=(time.human_readable()) { (text) } }
}

/// A time in full.
pub fn at(time: Time) -> Markup {
    html! { time datetime=(time) { (time.human_readable()) } }
}

/// Links to the other pages of a list. The number of the page is appended to `path`.
pub fn pages(path: &str, page: i64, limit: i64, total: i64) -> Markup {
    let last = (total + limit - 1) / limit;
    html! {
        @if last > 1 {
            nav.pages aria-label="Pages of the list" {
                @if page > 1 { a rel="prev" href={ (path) (page - 1) } { "Previous page" } }
                span { "Page " (page) " of " (last) }
                @if page < last { a rel="next" href={ (path) (page + 1) } { "Next page" } }
            }
        }
    }
}

/// The notice of a page. The element is always there, because scripts write into it.
fn show_notice(visit: &Visit) -> Markup {
    let undo = visit
        .notice
        .and_then(Notice::undo)
        .filter(|_| visit.may(Scope::Write));
    html! {
        // Somebody who has sent a form by keyboard continues here, unless the page's script restores the focus.
        div.notice role="status" id="notice" tabindex=[visit.notice.map(|_| "-1")] autofocus[visit.notice.is_some()] {
            @if let Some(notice) = visit.notice {
                p { (notice.text()) }
                @if let Some((action, at)) = undo {
                    form method="post" action=(action) {
                        (hidden(visit))
                        @if let Some(at) = at { input type="hidden" name="at" value=(at); }
                        button type="submit" { "Undo" }
                    }
                }
            }
        }
    }
}
