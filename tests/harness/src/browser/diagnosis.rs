//! The state of a page when a scenario fails: a picture, the usable elements, console and requests.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;

use super::{
    find::is_inner,
    found::Found,
    observed::Seen,
    page::{Look, Page},
};
use crate::http::masked_url;

/// The maximum number of listed elements, and of the last lines of console and requests.
const ELEMENTS: usize = 60;
const LINES: usize = 30;
/// How long to wait for the page's description.
const LIMIT: Duration = Duration::from_secs(10);

/// A picture of the page, and its description as text.
pub struct Diagnosis {
    pub text: String,
    pub picture: Option<Vec<u8>>,
}

impl Page {
    /// Describes the page. A page that hangs can't describe itself; then only what was observed before is shown.
    pub async fn diagnosis(&mut self) -> Diagnosis {
        let described = tokio::time::timeout(LIMIT, self.described()).await;
        let mut text =
            described.unwrap_or_else(|_| "the page doesn't answer any more\n".to_owned());
        text.push_str(&self.observed.seen().shown());
        let picture = self.command("Page.captureScreenshot", json!({"format": "png"}));
        let picture = tokio::time::timeout(LIMIT, picture).await;
        let picture = picture.ok().and_then(Result::ok);
        let picture = picture.and_then(|picture| STANDARD.decode(picture["data"].as_str()?).ok());
        Diagnosis { text, picture }
    }

    async fn described(&self) -> String {
        let mut text = String::new();
        if let Ok((title, url)) = self.title_and_url().await {
            text.push_str(&format!("the page \"{title}\" at {}:\n", masked_url(&url)));
        }
        if let Ok(outline) = self.outline().await {
            text.push_str(&outline);
        }
        text
    }

    /// The page as a screen reader presents it: everything with a role and a name, in the order of the page.
    async fn outline(&self) -> Result<String, Look> {
        let document = self.document().await?;
        let nodes = self.all(&document).await?;
        let listed: Vec<_> = nodes
            .iter()
            .filter(|node| is_listed(node) && !is_inner(node))
            .collect();
        let mut text = String::new();
        for node in listed.iter().take(ELEMENTS) {
            text.push_str(&format!("  {}{}\n", node.shown(), state(node)));
        }
        if listed.len() > ELEMENTS {
            text.push_str(&format!("  … {} more\n", listed.len() - ELEMENTS));
        }
        Ok(text)
    }
}

/// Lists elements that have a name, and dialogs, tables and rows also without one. Plain text is left out.
fn is_listed(node: &Found) -> bool {
    !node.name.is_empty()
        && !matches!(
            node.role.as_str(),
            "RootWebArea" | "InlineTextBox" | "StaticText" | "ListMarker"
        )
        || matches!(
            node.role.as_str(),
            "dialog" | "alertdialog" | "table" | "row"
        )
}

fn state(node: &Found) -> String {
    let mut state = String::new();
    for (property, shown) in [
        ("disabled", "disabled"),
        ("focused", "has the focus"),
        ("checked", "checked"),
        ("pressed", "pressed"),
        ("selected", "selected"),
    ] {
        if node
            .property(property)
            .is_some_and(|value| *value == true || *value == "true")
        {
            state.push_str(&format!(", {shown}"));
        }
    }
    match node.property("expanded") {
        Some(value) if *value == true => state.push_str(", open"),
        Some(value) if *value == false => state.push_str(", closed"),
        _ => {}
    }
    state
}

impl Seen {
    fn shown(&self) -> String {
        let mut text = String::new();
        let mut list = |heading: &str, lines: Vec<String>| {
            if lines.is_empty() {
                return;
            }
            text.push_str(&format!("{heading}:\n"));
            if lines.len() > LINES {
                text.push_str(&format!("  … {} earlier\n", lines.len() - LINES));
            }
            for line in &lines[lines.len().saturating_sub(LINES)..] {
                text.push_str(&format!("  {}\n", line.replace('\n', "\n    ")));
            }
        };
        let console = self.console.iter();
        list(
            "the page's console",
            console
                .map(|line| format!("{}: {}", line.level, line.text))
                .collect(),
        );
        let requests = self.requests.iter().map(|request| {
            let outcome = match &request.outcome {
                Some(Ok(status)) => status.to_string(),
                Some(Err(why)) => why.clone(),
                None => "no answer yet".to_owned(),
            };
            let url = masked_url(&request.url);
            format!("{} {url} → {outcome}", request.method)
        });
        list("the page's requests", requests.collect());
        let dialogs = self.dialogs.iter().map(|dialog| {
            let answered = if dialog.is_accepted {
                "accepted"
            } else {
                "dismissed"
            };
            format!("{} \"{}\", {answered}", dialog.kind, dialog.message)
        });
        list("dialogs of the browser", dialogs.collect());
        text
    }
}
