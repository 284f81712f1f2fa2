//! An element of Chromium's accessibility tree.

use serde_json::Value;

use super::roles;

/// An element of the accessibility tree.
#[derive(Clone, Debug)]
pub struct Found {
    pub role: String,
    pub name: String,
    /// Its backend node id.
    pub node: i64,
    /// The frames around it, the innermost last.
    pub frames: Vec<String>,
    /// `checked`, `disabled`, ….
    properties: Value,
}

impl Found {
    pub(super) fn new(node: &Value, frames: &[String]) -> Option<Self> {
        if node["ignored"] == true {
            return None;
        }
        let mut found = Self {
            role: node["role"]["value"].as_str()?.to_owned(),
            name: tidy(node["name"]["value"].as_str().unwrap_or_default()),
            node: node["backendDOMNodeId"].as_i64()?,
            frames: frames.to_vec(),
            properties: node["properties"].clone(),
        };
        if found.role == "button" {
            let opens = found.property("hasPopup");
            let opens_list = opens.is_some_and(|opens| *opens == "listbox" || *opens == "menu");
            if found.property("pressed").is_some() {
                roles::PRESSED.clone_into(&mut found.role);
            } else if opens_list {
                roles::OPENS_A_LIST.clone_into(&mut found.role);
            }
        }
        Some(found)
    }

    pub fn property(&self, name: &str) -> Option<&Value> {
        let properties = self.properties.as_array()?;
        let found = properties
            .iter()
            .find(|property| property["name"] == name)?;
        Some(&found["value"]["value"])
    }

    /// `button "Save"`
    pub fn shown(&self) -> String {
        match self.name.as_str() {
            "" => roles::called(&self.role).to_owned(),
            name => format!("{} \"{name}\"", roles::called(&self.role)),
        }
    }
}

/// Collapses white space, as the browser does, and removes soft hyphens.
pub fn tidy(text: &str) -> String {
    let text = text.replace(['\u{ad}', '\u{200b}'], "");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
