//! Finds elements in Chromium's accessibility tree, by role and name, as a screen reader does.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{
    document::Object,
    found::{Found, tidy},
    page::{Look, Page},
    roles::{self, Roles},
};
use crate::failure::nearest_first;

/// How long to wait for a better match if only a part of the name matches.
const SECOND_LOOK: Duration = Duration::from_millis(250);
/// The maximum number of listed elements.
pub(super) const LISTED: usize = 8;
/// The maximum number of listed elements with similar names.
const NEAR: usize = 5;
/// The name of the browser's own buttons in date and time fields starts with this.
const INNER: &str = "Show ";

impl Page {
    /// The only element with this name and one of these roles, in the whole page or in a named part of it.
    pub(super) async fn find(
        &mut self,
        kind: &Roles,
        name: &str,
        within: Option<&str>,
    ) -> Result<Found, Look> {
        let name = tidy(name);
        if name.is_empty() {
            return Err(Look::Broken("the name is empty".into()));
        }
        let root = self.root(within).await?;
        let mut named = self.query(&root, json!({"accessibleName": name})).await?;
        named.retain(|node| !is_inner(node));
        let second = named.clone();
        named.retain(|node| kind.has(&node.role));
        if named.is_empty() {
            named = second;
            named.retain(|node| kind.second.contains(&node.role.as_str()));
        }
        let mut found = if named.is_empty() {
            self.by_part(&root, kind, &name).await?
        } else {
            named
        };
        prefer(&mut found);
        match <[Found; 1]>::try_from(found) {
            Ok([found]) => Ok(found),
            Err(found) if found.is_empty() => Err(Look::NotYet(
                self.nothing(&root, kind, &name, within).await?,
            )),
            Err(found) => Err(Look::NotYet(self.several(kind, &name, &found).await)),
        }
    }

    /// The page's document, or a named part of it.
    pub(super) async fn root(&mut self, within: Option<&str>) -> Result<Object, Look> {
        match within {
            None => self.document().await,
            Some(name) => self.container(&tidy(name)).await,
        }
    }

    /// The elements with one of these roles.
    pub(super) async fn count(&mut self, roles: &[&str]) -> Result<Vec<Found>, Look> {
        let root = self.document().await?;
        let mut found = self.of_roles(&root, roles).await?;
        found.retain(|found| !is_inner(found));
        Ok(found)
    }

    /// All nodes below this object, in the order of the page.
    pub(super) async fn all(&self, root: &Object) -> Result<Vec<Found>, Look> {
        self.query(root, json!({})).await
    }

    /// The focused element. The page itself doesn't count.
    pub(super) async fn focused(&self) -> Result<Option<Found>, Look> {
        let mut document = self.document().await?;
        while self.call(&document, "mark_focused", &[]).await? == true {
            let active = self.marked(&document).await?;
            match self.inside(&active).await? {
                Some(inner) => document = inner,
                None => return Ok(self.all(&active).await?.into_iter().next()),
            }
        }
        Ok(None)
    }

    /// The only option of this name inside a list or a group.
    pub(super) async fn find_in(
        &mut self,
        element: &Object,
        kind: &Roles,
        name: &str,
        of: &str,
    ) -> Result<Found, Look> {
        let name = tidy(name);
        let query = json!({"accessibleName": name});
        let mut found = self.nodes(element, query, kind).await?;
        if found.is_empty() {
            found = self.by_part(element, kind, &name).await?;
        }
        match &found[..] {
            [found] => Ok(found.clone()),
            [] => Err(Look::NotYet(
                self.nothing(element, kind, &name, Some(of)).await?,
            )),
            several => Err(Look::NotYet(self.several(kind, &name, several).await)),
        }
    }

    /// Elements with one of these roles. Chromium has one role for all kinds of buttons.
    pub(super) async fn of_roles(&self, root: &Object, roles: &[&str]) -> Result<Vec<Found>, Look> {
        let mut found = Vec::new();
        for role in roles {
            if roles::is_kind_of_button(role) && roles.contains(&"button") {
                continue;
            }
            let asked = if roles::is_kind_of_button(role) {
                "button"
            } else {
                role
            };
            found.extend(self.query(root, json!({"role": asked})).await?);
        }
        let has_role = |role: &str| {
            roles.contains(&role) || roles::is_kind_of_button(role) && roles.contains(&"button")
        };
        found.retain(|node| has_role(&node.role) && !is_inner(node));
        Ok(found)
    }

    pub(super) async fn nodes(
        &self,
        root: &Object,
        query: Value,
        kind: &Roles,
    ) -> Result<Vec<Found>, Look> {
        let mut found = self.query(root, query).await?;
        found.retain(|node| kind.has(&node.role) && !is_inner(node));
        Ok(found)
    }

    /// Elements whose name contains this name, ignoring case, once two looks have the same result.
    pub(super) async fn by_part(
        &mut self,
        root: &Object,
        kind: &Roles,
        name: &str,
    ) -> Result<Vec<Found>, Look> {
        let key = format!("{} {name}", kind.called);
        let part = name.to_lowercase();
        let mut found = self.of_roles(root, kind.roles).await?;
        found.retain(|node| node.name.to_lowercase().contains(&part));
        // The query by name misses some elements whose name has several parts.
        let is_exact = |found: &Found| found.name == name;
        if found.iter().any(is_exact) {
            found.retain(is_exact);
        }
        let known = self.partial.take_if(|(of, ..)| *of == key);
        if found.is_empty() || found.iter().all(is_exact) {
            return Ok(found);
        }
        let nodes: Vec<i64> = found.iter().map(|found| found.node).collect();
        let since = match known {
            Some((_, known, since)) if known == nodes => since,
            _ => Instant::now(),
        };
        if since.elapsed() >= SECOND_LOOK {
            return Ok(found);
        }
        self.partial = Some((key, nodes, since));
        let shown: Vec<_> = found.iter().map(Found::shown).collect();
        Err(Look::NotYet(format!(
            "there is no {} \"{name}\", only {}",
            kind.called,
            shown.join(", ")
        )))
    }

    /// Describes what exists instead: other elements with this name, and similar names.
    pub(super) async fn nothing(
        &self,
        root: &Object,
        kind: &Roles,
        name: &str,
        within: Option<&str>,
    ) -> Result<String, Look> {
        let place = within.map_or("on the page".to_owned(), |within| {
            format!("in \"{within}\"")
        });
        let mut text = format!("no {} \"{name}\" is {place}", kind.called);
        let others = self.query(root, json!({"accessibleName": name})).await?;
        let others: Vec<_> = others
            .iter()
            .filter(|node| node.role != "InlineTextBox")
            .map(Found::shown)
            .collect();
        if !others.is_empty() {
            text.push_str(&format!("\n  of this name: {}", others.join(", ")));
        }
        let hidden = self.call(root, "hidden", &[name.into()]).await?;
        for hidden in hidden.as_array().into_iter().flatten() {
            let hidden = hidden.as_str().unwrap_or_default();
            text.push_str(&format!("\n  {hidden}"));
        }
        let alike = self.of_roles(root, kind.roles).await?;
        let names = alike.iter().map(|found| found.name.as_str());
        let near = nearest_first(names.filter(|name| !name.is_empty()), name);
        if near.is_empty() {
            text.push_str(&format!("; there is no {} with a name", kind.called));
        }
        let mut shown: Vec<String> = Vec::new();
        for name in near {
            let of_name = alike.iter().find(|found| found.name == name);
            let line = of_name.map(Found::shown).unwrap_or_default();
            if shown.len() < NEAR && !shown.contains(&line) {
                shown.push(line);
            }
        }
        if !shown.is_empty() {
            text.push_str(&format!("\n  near: {}", shown.join(", ")));
        }
        Ok(text)
    }

    /// Describes several elements with the same name, and where each is.
    pub(super) async fn several(&self, kind: &Roles, name: &str, found: &[Found]) -> String {
        let mut text = format!(
            "{} elements are a {} \"{name}\"; choose one by `… in \"the name of a row or region\"`:",
            found.len(),
            kind.called
        );
        for found in &found[..found.len().min(LISTED)] {
            let place = match self.element(found).await {
                Ok(element) => self.call(&element, "where", &[]).await,
                Err(gone) => Err(gone),
            };
            let place = place
                .ok()
                .and_then(|place| place.as_str().map(str::to_owned));
            text.push_str(&format!(
                "\n  {} {}",
                found.shown(),
                place.unwrap_or_default()
            ));
        }
        text
    }
}

impl Roles {
    pub fn has(&self, role: &str) -> bool {
        self.roles.is_empty() || self.roles.contains(&role)
    }
}

/// Whether the browser itself added this element to a date or time field.
pub(super) fn is_inner(found: &Found) -> bool {
    match found.role.as_str() {
        "button" | roles::OPENS_A_LIST => {
            found.name.starts_with(INNER) && found.name.contains(" picker")
        }
        "spinbutton" => found
            .name
            .split_once(' ')
            .is_some_and(|(part, again)| part == again),
        _ => false,
    }
}

/// Prefers a link or button to an option of the same name, and an open list to the button that opens it.
fn prefer(found: &mut Vec<Found>) {
    if found.iter().any(|found| found.role != "option") {
        found.retain(|found| found.role != "option");
    }
    let is_open = |found: &Found| matches!(found.role.as_str(), "listbox" | "menu" | "tree");
    if found.iter().any(is_open) {
        found.retain(|found| !matches!(found.role.as_str(), "combobox" | roles::OPENS_A_LIST));
    }
}
