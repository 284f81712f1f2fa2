//! Parts of a page that a scenario names: regions, rows, dialogs, frames, and parts with a heading or a cell of that name.

use serde_json::{Value, json};

use super::{
    document::Object,
    find::LISTED,
    found::{Found, tidy},
    page::{Look, Page},
    roles::CONTAINERS,
};

impl Page {
    /// Any element of this name, or a part of the page that starts with it, and its object.
    pub(super) async fn part(&mut self, name: &str) -> Result<(Found, Object), Look> {
        let wanted = tidy(name);
        let document = self.document().await?;
        let mut named = self
            .query(&document, json!({"accessibleName": wanted}))
            .await?;
        named.retain(|node| !matches!(node.role.as_str(), "StaticText" | "InlineTextBox"));
        if let [found] = &named[..] {
            return Ok((found.clone(), self.element(found).await?));
        }
        let element = self.container(&wanted).await?;
        let found = self.all(&element).await?.into_iter().next();
        let gone = || Look::NotYet(format!("\"{name}\" was removed from the page"));
        Ok((found.ok_or_else(gone)?, element))
    }

    /// A part of the page: found by its accessible name, or by the heading or cell that it starts with. The frames are
    /// searched if the page's own document has no such part.
    pub(super) async fn container(&mut self, name: &str) -> Result<Object, Look> {
        let document = self.document().await?;
        let mut known = Vec::new();
        for document in self.with_frames(&document).await? {
            if let Some(part) = self.container_of(&document, name).await? {
                return Ok(part);
            }
            known.push(document);
        }
        for document in &known {
            if self.call(document, "headed", &[name.into()]).await? == true {
                return self.marked(document).await;
            }
        }
        let partly = self.by_part(&document, &CONTAINERS, name).await?;
        match &partly[..] {
            [] => {}
            [found] => return self.part_of(found).await,
            several => {
                let shown = self.several(&CONTAINERS, name, several).await;
                return Err(Look::NotYet(shown));
            }
        }
        Err(Look::NotYet(
            self.nothing(&document, &CONTAINERS, name, None).await?,
        ))
    }

    /// The element, or the document inside it if it is a frame.
    async fn part_of(&self, found: &Found) -> Result<Object, Look> {
        let element = self.element(found).await?;
        Ok(self.inside(&element).await?.unwrap_or(element))
    }

    async fn container_of(
        &mut self,
        document: &Object,
        name: &str,
    ) -> Result<Option<Object>, Look> {
        let query = json!({"accessibleName": name});
        let mut named = self.nodes(document, query, &CONTAINERS).await?;
        named.retain(|found| found.frames == document.frames);
        if let [found] = &named[..] {
            return self.part_of(found).await.map(Some);
        }
        if named.len() > 1 {
            // A region and the table inside it may have the same name, because both use the same heading.
            for (number, found) in named.iter().enumerate() {
                let element = self.element(found).await?;
                self.call(&element, "put_aside", &[number.into()]).await?;
            }
            if self.call(document, "outermost", &[]).await? == 1 {
                return self.marked(document).await.map(Some);
            }
            let shown = self.several(&CONTAINERS, name, &named).await;
            return Err(Look::NotYet(shown));
        }
        let titled = self.call(document, "containers", &[name.into()]).await?;
        let titled = titled.as_array().cloned().unwrap_or_default();
        match titled.len() {
            0 => Ok(None),
            1 => self.marked(document).await.map(Some),
            count => {
                let lines: Vec<_> = titled.iter().filter_map(Value::as_str).collect();
                Err(Look::NotYet(format!(
                    "{count} parts of the page have \"{name}\":\n  {}",
                    lines[..count.min(LISTED)].join("\n  ")
                )))
            }
        }
    }
}
