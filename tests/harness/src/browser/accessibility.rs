//! Faults of a page that keep people out: those of the Web Content Accessibility Guidelines 2.2, level AA, that a
//! program can find.

use serde_json::{Value, json};

use super::{
    document::Object,
    page::{Look, Page},
    roles::{CHECKABLE, CLICKABLE, FIELDS},
};
use crate::failure::{Failure, Outcome};

/// The functions that run in the page.
const FUNCTIONS: &str = include_str!("accessibility.js");
/// The maximum number of faults that are shown.
const SHOWN: usize = 20;

const MEDIA: &str = "Emulation.setEmulatedMedia";

impl Page {
    /// The page has no fault. It is looked at until it has none; then the Tab key is pressed through all of it.
    pub async fn is_accessible(&mut self) -> Outcome {
        self.wait(async |page| none(&page.faults().await?).map_err(Look::NotYet))
            .await?;
        // Not repeated, because the keys have an effect on the page.
        let found = match self.faults_in_use().await {
            Ok(found) => found,
            Err(Look::Broken(failure)) => return Err(failure),
            Err(Look::NotYet(why)) => return Err(Failure::new(why)),
        };
        none(&found).map_err(Failure::new)
    }

    async fn faults(&self) -> Result<Vec<String>, Look> {
        let page = self.document().await?;
        let mut found = self.without_names(&page).await?;
        for document in self.with_frames(&page).await? {
            let is_frame = !document.frames.is_empty();
            found.extend(texts(
                &self.judge(&document, "faults", &[is_frame.into()]).await?,
            ));
        }
        Ok(found)
    }

    /// Controls, images and frames of which a screen reader says nothing but the role.
    async fn without_names(&self, page: &Object) -> Result<Vec<String>, Look> {
        let kinds = [CLICKABLE, FIELDS, CHECKABLE].map(|kind| kind.roles);
        let need_names = |role: &str| {
            let optional = matches!(role, "group" | "option" | "MenuListOption");
            let other = matches!(role, "image" | "Iframe" | "dialog" | "alertdialog");
            !optional && (other || kinds.iter().any(|roles| roles.contains(&role)))
        };
        let mut found = self.all(page).await?;
        found.retain(|found| found.name.is_empty() && need_names(&found.role));
        let mut faults = Vec::new();
        for nameless in found {
            let element = self.element(&nameless).await?;
            let place = self.call(&element, "where", &[]).await?;
            let (role, place) = (nameless.shown(), place.as_str().unwrap_or_default());
            faults.push(format!("{role} without a name: {place}"));
        }
        Ok(faults)
    }

    /// Faults that show when the keyboard is used, or less motion is preferred.
    async fn faults_in_use(&self) -> Result<Vec<String>, Look> {
        let page = self.document().await?;
        let expected = self.judge(&page, "walk", &[]).await?;
        let mut found = Vec::new();
        // A frame has stops of its own, which the page doesn't see.
        for _ in 0..expected.as_u64().unwrap_or_default() * 2 + 50 {
            self.press_keys("Tab").await?;
            let stop = self.judge(&page, "stop", &[]).await?;
            if stop.is_null() {
                break;
            }
            found.extend(texts(&stop));
        }
        found.extend(texts(&self.judge(&page, "missed", &[]).await?));
        let chosen = self.observed.seen().setting(MEDIA);
        let chosen = chosen.unwrap_or_else(|| json!({"features": []}));
        let mut features = chosen["features"].as_array().cloned().unwrap_or_default();
        features.push(json!({"name": "prefers-reduced-motion", "value": "reduce"}));
        self.command(MEDIA, json!({ "features": features })).await?;
        let moving = self.judge(&page, "moving", &[]).await;
        self.command(MEDIA, chosen).await?;
        found.extend(texts(&moving?));
        Ok(found)
    }

    async fn judge(&self, of: &Object, function: &str, given: &[Value]) -> Result<Value, Look> {
        let declaration =
            format!("function (...given) {{ return ({FUNCTIONS}).{function}(...given) }}");
        let answer = self.answer(of, declaration, given, true).await?;
        Ok(answer["value"].clone())
    }
}

fn texts(faults: &Value) -> Vec<String> {
    let faults = faults.as_array().into_iter().flatten();
    let texts = faults.filter_map(|fault| fault.as_str());
    texts.map(str::to_owned).collect()
}

fn none(faults: &[String]) -> Result<(), String> {
    if faults.is_empty() {
        return Ok(());
    }
    let shown = faults[..faults.len().min(SHOWN)].join("\n  ");
    let more = match faults.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!("\n  … and {more} more"),
    };
    let count = faults.len();
    Err(format!(
        "the page has {count} accessibility fault(s):\n  {shown}{more}"
    ))
}
