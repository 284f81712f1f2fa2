//! What a page shows, and whether it is what a step expects.

use serde_json::Value;

use super::{
    found::tidy,
    page::{Look, Page},
    roles::{ANY, CLICKABLE, FIELDS, FILES, Roles, called, countable, counted},
};
use crate::failure::{Failure, Outcome};

/// The maximum number of characters of a page's text that are shown.
const SHOWN: usize = 600;

/// The text of a part of a page.
#[derive(Default)]
struct Text {
    written: String,
    /// As `text-transform` shows it, for example with capital letters.
    shown: String,
    /// With what the style writes before and after elements.
    decorated: String,
}

impl Page {
    /// The text is visible somewhere, or in a named part of the page.
    pub async fn sees(&mut self, text: &str, within: Option<&str>) -> Outcome {
        let wanted = wanted(text)?;
        self.wait(async |page| {
            let found = page.text(within).await?;
            if found.has(&wanted) {
                return Ok(());
            }
            Err(Look::NotYet(found.without(&wanted, within)))
        })
        .await
    }

    /// The text isn't visible. An empty page proves nothing, so the page has to show something.
    pub async fn does_not_see(&mut self, text: &str, within: Option<&str>) -> Outcome {
        let wanted = wanted(text)?;
        self.wait(async |page| {
            let found = page.text(within).await?;
            if !found.has(&wanted) {
                return Ok(());
            }
            let place = within.map_or("the page".to_owned(), |within| format!("\"{within}\""));
            Err(Look::NotYet(format!("{place} still shows \"{wanted}\"")))
        })
        .await
    }

    async fn text(&mut self, within: Option<&str>) -> Result<Text, Look> {
        let root = self.root(within).await?;
        let mut shown = Text::default();
        for root in self.with_frames(&root).await? {
            let is_frame = !root.frames.is_empty();
            let text = match self.call(&root, "text", &[]).await {
                // A frame may be loading something else meanwhile.
                Err(Look::NotYet(_)) if is_frame => continue,
                text => text?,
            };
            shown.add(&text);
        }
        Ok(shown)
    }

    pub async fn has_title(&mut self, title: &str) -> Outcome {
        self.wait(async |page| {
            let found = page.title_and_url().await?.0;
            if found == tidy(title) {
                return Ok(());
            }
            Err(Look::NotYet(format!(
                "the page's title is \"{found}\", not \"{title}\""
            )))
        })
        .await
    }

    /// `expected` is a path with its query, or a whole address. `base` is the service's.
    pub async fn has_address(&mut self, expected: &str, base: &str) -> Outcome {
        self.wait(async |page| {
            let url = page.title_and_url().await?.1;
            let path = url.strip_prefix(base).unwrap_or(&url);
            if url == expected || path == expected {
                return Ok(());
            }
            Err(Look::NotYet(format!(
                "the page's address is {path}, not {expected}"
            )))
        })
        .await
    }

    pub(super) async fn title_and_url(&self) -> Result<(String, String), Look> {
        let visited = self.visited().await?;
        let current = visited.last();
        let url = current.map_or("", |entry| entry["url"].as_str().unwrap_or_default());
        let document = self.document().await?;
        let title = self.call(&document, "title", &[]).await?;
        Ok((tidy(title.as_str().unwrap_or_default()), url.to_owned()))
    }

    /// The page has this number of elements of this kind, such as rows.
    pub async fn has(&mut self, count: usize, kind: &str) -> Outcome {
        let Some(roles) = counted(kind) else {
            let known = countable();
            return Err(
                format!("\"{kind}\" is nothing that can be counted; there are {known}").into(),
            );
        };
        self.wait(async |page| {
            let found = page.count(roles).await?;
            if found.len() == count {
                return Ok(());
            }
            let mut text = format!("the page has {} {kind}, not {count}", found.len());
            for found in found.iter().take(20).filter(|found| !found.name.is_empty()) {
                text.push_str(&format!("\n  {}", found.shown()));
            }
            if roles == ["row"] && !found.is_empty() {
                text.push_str("\n(a table's heading is also a row)");
            }
            Err(Look::NotYet(text))
        })
        .await
    }

    /// The field with this label has this value.
    pub async fn field_has(&mut self, label: &str, value: &str) -> Outcome {
        self.wait(async |page| {
            let found = match page.find(&FIELDS, label, None).await {
                Err(Look::NotYet(why)) => match page.find(&FILES, label, None).await {
                    Ok(button) => button,
                    Err(_) => return Err(Look::NotYet(why)),
                },
                found => found?,
            };
            let element = page.element(&found).await?;
            let values = page.call(&element, "values", &[]).await?;
            let Some(values) = values.as_array() else {
                let why = format!(
                    "{} has a state, not a value: write `Then \"…\" is checked`",
                    found.shown()
                );
                return Err(Look::Broken(Failure::new(why)));
            };
            let values: Vec<_> = values.iter().filter_map(Value::as_str).collect();
            if values.contains(&value) {
                return Ok(());
            }
            Err(Look::NotYet(format!(
                "{} has the value \"{}\", not \"{value}\"",
                found.shown(),
                values.first().unwrap_or(&"")
            )))
        })
        .await
    }

    /// Whether a button, a link or a field is enabled.
    pub async fn is_enabled(&mut self, name: &str, wanted: bool) -> Outcome {
        const USABLE: Roles = Roles {
            called: "button, link or field",
            roles: &[],
            second: &[],
        };
        self.wait(async |page| {
            let found = page.find_usable(&USABLE, name).await?;
            let disabled = found.property("disabled").is_some_and(|is| *is == true);
            if disabled != wanted {
                return Ok(());
            }
            let is = if disabled { "is" } else { "isn't" };
            Err(Look::NotYet(format!("{} {is} disabled", found.shown())))
        })
        .await
    }

    /// The element of this name is focused.
    pub async fn has_focus(&mut self, name: &str) -> Outcome {
        let name = tidy(name);
        self.wait(async |page| {
            let focused = page.focused().await?;
            match focused {
                Some(found) if found.name == name => Ok(()),
                Some(found) => Err(Look::NotYet(format!(
                    "{} has the focus, not \"{name}\"",
                    found.shown()
                ))),
                None => Err(Look::NotYet(format!(
                    "nothing has the focus, not \"{name}\""
                ))),
            }
        })
        .await
    }

    /// No page of the scenario has logged an error so far.
    pub async fn has_no_console_errors(&mut self) -> Outcome {
        self.must_be_open()?;
        self.settle().await?;
        self.requests_answered().await;
        // The browser logs a failed request right after its answer.
        self.settle().await?;
        let seen = self.observed.seen();
        let errors: Vec<_> = seen
            .console
            .iter()
            .filter(|line| line.is_error())
            .map(|line| line.text.as_str())
            .collect();
        if errors.is_empty() {
            return Ok(());
        }
        Err(format!(
            "the console has {} error(s):\n  {}",
            errors.len(),
            errors.join("\n  ")
        )
        .into())
    }

    /// A dialog of the browser, such as `confirm()`, had this message.
    pub async fn asked(&mut self, message: &str) -> Outcome {
        self.wait(async |page| {
            let seen = page.observed.seen();
            let dialogs = seen.dialogs.iter();
            if dialogs.clone().any(|dialog| dialog.message == message) {
                return Ok(());
            }
            let asked: Vec<_> = dialogs
                .map(|dialog| format!("{} \"{}\"", dialog.kind, dialog.message))
                .collect();
            Err(Look::NotYet(match asked.len() {
                0 => "the page opened no dialog of the browser".to_owned(),
                _ => format!("the page opened other dialogs: {}", asked.join(", ")),
            }))
        })
        .await
    }

    async fn find_usable(&mut self, all: &Roles, name: &str) -> Result<super::found::Found, Look> {
        for kind in [&CLICKABLE, &FIELDS] {
            if let Ok(found) = self.find(kind, name, None).await {
                return Ok(found);
            }
        }
        let all = Roles {
            called: all.called,
            ..ANY
        };
        let found = self.find(&all, name, None).await?;
        let role = called(&found.role).to_owned();
        Err(Look::NotYet(format!(
            "\"{name}\" is a {role}, which can't be used"
        )))
    }
}

impl Text {
    fn add(&mut self, text: &Value) {
        let parts = [
            (&mut self.written, "written"),
            (&mut self.shown, "shown"),
            (&mut self.decorated, "decorated"),
        ];
        for (part, name) in parts {
            let text = tidy(text[name].as_str().unwrap_or_default());
            if !part.is_empty() && !text.is_empty() {
                part.push(' ');
            }
            part.push_str(&text);
        }
    }

    fn has(&self, wanted: &str) -> bool {
        let texts = [&self.written, &self.shown, &self.decorated];
        texts.iter().any(|text| text.contains(wanted))
    }

    /// Describes what the page shows instead.
    fn without(&self, wanted: &str, within: Option<&str>) -> String {
        let place = within.map_or("the page".to_owned(), |within| format!("\"{within}\""));
        if self.shown.is_empty() {
            return format!("{place} doesn't show \"{wanted}\": it is empty");
        }
        let lower = self.written.to_lowercase();
        let mut text = format!("{place} doesn't show \"{wanted}\"");
        if let Some(at) = lower.find(&wanted.to_lowercase())
            && let Some(written) = self.written.get(at..at + wanted.len())
        {
            text.push_str(&format!(", but \"{written}\""));
        }
        let start: String = self.shown.chars().take(SHOWN).collect();
        let more = if start.len() < self.shown.len() {
            " …"
        } else {
            ""
        };
        format!("{text}; it shows:\n  {start}{more}")
    }
}

fn wanted(text: &str) -> Result<String, Failure> {
    let wanted = tidy(text);
    if wanted.is_empty() {
        return Err("the text is empty: this would always be true".into());
    }
    Ok(wanted)
}
