//! Actions of a person on a page. Each action waits until it is possible, and is done once.

use std::path::PathBuf;

use serde_json::Value;

use super::{
    found::{Found, tidy},
    page::{Look, Page},
    roles::{CHECKABLE, CHOICES, CLICKABLE, FILES, OPENS_A_LIST, OPTIONS, Roles, WRITABLE},
};
use crate::failure::{Failure, Outcome};

impl Page {
    /// Clicks the link, button or menu item of this name.
    pub async fn click(&mut self, name: &str, within: Option<&str>) -> Outcome {
        self.wait(async |page| page.click_once(&CLICKABLE, name, within).await)
            .await?;
        self.settle().await
    }

    async fn click_once(
        &mut self,
        kind: &Roles,
        name: &str,
        within: Option<&str>,
    ) -> Result<(), Look> {
        let found = self.find(kind, name, within).await?;
        self.click_found(&found).await
    }

    async fn click_found(&mut self, found: &Found) -> Result<(), Look> {
        let element = self.element(found).await?;
        let point = self.place(found, &element, false).await?;
        Ok(self.click_at(point).await?)
    }

    /// Replaces the contents of the field with this label.
    pub async fn fill(&mut self, label: &str, text: &str, within: Option<&str>) -> Outcome {
        self.wait(async |page| page.fill_once(label, text, within).await)
            .await?;
        self.settle().await
    }

    async fn fill_once(
        &mut self,
        label: &str,
        text: &str,
        within: Option<&str>,
    ) -> Result<(), Look> {
        let found = self.find(&WRITABLE, label, within).await?;
        let element = self.element(&found).await?;
        self.place(&found, &element, true).await?;
        let shown = found.shown();
        let broken = |why: String| Look::Broken(Failure::new(format!("{shown} {why}")));
        match self.call(&element, "prepare", &[]).await?.as_str() {
            Some(kind @ ("text" | "number")) => {
                if text.is_empty() {
                    self.press_keys("Delete").await?;
                } else {
                    self.insert(text).await?;
                }
                let values = self.call(&element, "values", &[]).await?;
                if kind == "number" && values[0].as_str().unwrap_or_default().is_empty() {
                    return match text {
                        "" => Ok(()),
                        text => Err(broken(format!("takes numbers, not \"{text}\""))),
                    };
                }
                Ok(())
            }
            Some("set") => match self.call(&element, "set", &[text.into()]).await? {
                Value::Null => Ok(()),
                found => Err(broken(format!(
                    "doesn't accept \"{text}\": it changed it to {found}. Write a date as 2031-05-24, a time as 18:30"
                ))),
            },
            Some("select") => Err(broken(format!(
                "is a list: write `I choose \"{text}\" in \"{label}\"`"
            ))),
            Some("file") => Err(broken(
                "takes a file: write `I attach the file \"…\" to \"…\"`".to_owned(),
            )),
            _ => Err(broken("can't be written to".to_owned())),
        }
    }

    /// Selects files in a file field.
    pub async fn attach(&mut self, label: &str, files: &[PathBuf]) -> Outcome {
        let paths: Vec<_> = files
            .iter()
            .map(|file| file.display().to_string())
            .collect();
        self.wait(async |page| {
            let found = page.find(&FILES, label, None).await?;
            let element = page.element(&found).await?;
            if page.call(&element, "prepare", &[]).await? != "file" {
                let shown = found.shown();
                return Err(Look::Broken(format!("{shown} accepts no file").into()));
            }
            page.give_files(&element, &paths).await
        })
        .await?;
        self.settle().await
    }

    /// Chooses an option of a list, a radio button of a group, or an entry of a combobox.
    pub async fn choose(&mut self, option: &str, label: &str) -> Outcome {
        let is_opened = self
            .wait(async |page| page.choose_once(option, label).await)
            .await?;
        if !is_opened {
            return self.settle().await;
        }
        // A custom combobox shows its entries only now, anywhere on the page.
        self.wait(async |page| page.click_once(&OPTIONS, option, None).await)
            .await?;
        self.settle().await
    }

    /// Returns whether the options aren't visible yet: the click has only opened the list.
    async fn choose_once(&mut self, option: &str, label: &str) -> Result<bool, Look> {
        let found = self.find(&CHOICES, label, None).await?;
        let element = self.element(&found).await?;
        let options = self.call(&element, "options", &[]).await?;
        if let Some(options) = options.as_array() {
            self.place(&found, &element, true).await?;
            let number = number_of(options, option, &found)?;
            self.call(&element, "choose", &[number.into()]).await?;
            return Ok(false);
        }
        if matches!(found.role.as_str(), "combobox" | OPENS_A_LIST) {
            self.click_found(&found).await?;
            return Ok(true);
        }
        let inside = self.find_in(&element, &OPTIONS, option, label).await?;
        self.click_found(&inside).await?;
        Ok(false)
    }

    /// Checks a checkbox or a switch, or chooses a radio button. With `wanted = false`, unchecks it.
    pub async fn check(&mut self, name: &str, wanted: bool, within: Option<&str>) -> Outcome {
        self.wait(async |page| {
            let found = page.find(&CHECKABLE, name, within).await?;
            if is_checked(&found) == wanted {
                return Ok(());
            }
            if !wanted && found.role == "radio" {
                let shown = found.shown();
                let why = format!("{shown} can't be unchecked: choose another one of its group");
                return Err(Look::Broken(why.into()));
            }
            page.click_found(&found).await
        })
        .await?;
        self.settle().await?;
        self.is_checked(name, wanted, within).await
    }

    /// Fails unless the element is checked, or unchecked, as `wanted` says.
    pub async fn is_checked(&mut self, name: &str, wanted: bool, within: Option<&str>) -> Outcome {
        self.wait(async |page| {
            let found = page.find(&CHECKABLE, name, within).await?;
            if is_checked(&found) == wanted {
                return Ok(());
            }
            let is = if wanted { "isn't" } else { "is" };
            Err(Look::NotYet(format!("{} {is} checked", found.shown())))
        })
        .await
    }

    /// Presses a key, or several keys together.
    pub async fn press(&mut self, keys: &str) -> Outcome {
        self.wait(async |page| Ok(page.press_keys(keys).await?))
            .await?;
        self.settle().await
    }

    /// Types a text key by key into the focused element.
    pub async fn type_text(&mut self, text: &str) -> Outcome {
        self.must_be_open()?;
        for character in text.chars() {
            match character {
                '\n' => self.press_keys("Enter").await?,
                '\t' => self.press_keys("Tab").await?,
                ' ' => self.press_keys("Space").await?,
                character if character.is_ascii() => {
                    self.press_keys(&character.to_string()).await?;
                }
                character => self.insert(&character.to_string()).await?,
            }
        }
        self.settle().await
    }

    /// Drags one element onto another.
    pub async fn drag(&mut self, from: &str, to: &str) -> Outcome {
        self.wait(async |page| {
            let (from, to) = (page.part(from).await?, page.part(to).await?);
            // Looking at the second element may have scrolled the first one away.
            page.place(&from.0, &from.1, false).await?;
            let end = page.place(&to.0, &to.1, false).await?;
            let start = page.place(&from.0, &from.1, false).await?;
            if page.place(&to.0, &to.1, false).await? != end {
                return Err(Look::NotYet(
                    "the window is too small to show both: make it larger".to_owned(),
                ));
            }
            Ok(page.drag_between(start, end).await?)
        })
        .await?;
        self.settle().await
    }
}

fn is_checked(found: &Found) -> bool {
    let state = found.property("checked").or(found.property("pressed"));
    state.is_some_and(|state| *state == "true" || *state == true)
}

/// The index of a list's option with this text or value.
fn number_of(options: &[Value], wanted: &str, list: &Found) -> Result<usize, Look> {
    let wanted = tidy(wanted);
    let is = |option: &Value, key: &str| option[key] == wanted.as_str();
    let of_text: Vec<_> = options
        .iter()
        .enumerate()
        .filter(|(_, option)| is(option, "label"))
        .collect();
    let found = match of_text[..] {
        [] => options
            .iter()
            .enumerate()
            .find(|(_, option)| is(option, "value")),
        [found] => Some(found),
        [..] => {
            let count = of_text.len();
            let why = format!("{} has {count} options \"{wanted}\"", list.shown());
            return Err(Look::NotYet(why));
        }
    };
    match found {
        Some((_, option)) if option["disabled"] == true => Err(Look::NotYet(format!(
            "the option \"{wanted}\" of {} is disabled",
            list.shown()
        ))),
        Some((number, _)) => Ok(number),
        None => {
            let labels: Vec<_> = options
                .iter()
                .filter_map(|option| option["label"].as_str())
                .map(|label| format!("\"{label}\""))
                .collect();
            Err(Look::NotYet(format!(
                "{} has no option \"{wanted}\"; it has {}",
                list.shown(),
                labels.join(", ")
            )))
        }
    }
}
