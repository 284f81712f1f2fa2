//! Steps about a page in a real browser. Each step waits until it is possible or true, at most as long as
//! `--browser-patience`.

use bdd_harness::{given, then, when};
use serde_json::json;

use crate::{
    browser::DialogAnswer,
    failure::{Failure, Outcome},
    registry::Text,
    words::argument,
    world::World,
};

/// Opens a path of the service, or an `http://…` address of it, and waits until it is loaded.
#[when(expr = "I open {string}", tag = "browser")]
async fn open(world: &mut World, path: Text) -> Outcome {
    let base = world.slot.base_url()?;
    let url = address(&base, &path)?;
    world.page().await?.open(&url).await
}

/// Clicks the link, button or menu item with this accessible name. If there is none, clicks the one whose name contains
/// it.
#[when(expr = "I click {string}", tag = "browser")]
async fn click(world: &mut World, name: Text) -> Outcome {
    world.page().await?.click(&name, None).await
}

/// The same in the region, row or dialog with this name.
#[when(expr = "I click {string} in {string}", tag = "browser")]
async fn click_in(world: &mut World, name: Text, within: Text) -> Outcome {
    world.page().await?.click(&name, Some(&within)).await
}

/// Replaces the contents of the field with this label. A date is written `2031-05-24`, a time `18:30`.
#[when(expr = "I fill {string} with {string}", tag = "browser")]
async fn fill(world: &mut World, label: Text, text: Text) -> Outcome {
    world.page().await?.fill(&label, &text, None).await
}

/// The same in the region, row or dialog with this name.
#[when(expr = "I fill {string} in {string} with {string}", tag = "browser")]
async fn fill_in(world: &mut World, label: Text, within: Text, text: Text) -> Outcome {
    world.page().await?.fill(&label, &text, Some(&within)).await
}

/// Chooses an option of a list or a combobox, or a radio button of a group.
#[when(expr = "I choose {string} in {string}", tag = "browser")]
async fn choose(world: &mut World, option: Text, label: Text) -> Outcome {
    world.page().await?.choose(&option, &label).await
}

/// Checks a checkbox or a switch, or chooses a radio button. If it is already checked, nothing happens.
#[when(expr = "I check {string}", tag = "browser")]
async fn check(world: &mut World, name: Text) -> Outcome {
    world.page().await?.check(&name, true, None).await
}

/// The same in the region, row or dialog with this name.
#[when(expr = "I check {string} in {string}", tag = "browser")]
async fn check_in(world: &mut World, name: Text, within: Text) -> Outcome {
    world.page().await?.check(&name, true, Some(&within)).await
}

/// Unchecks a checkbox or a switch.
#[when(expr = "I uncheck {string}", tag = "browser")]
async fn uncheck(world: &mut World, name: Text) -> Outcome {
    world.page().await?.check(&name, false, None).await
}

/// The same in the region, row or dialog with this name.
#[when(expr = "I uncheck {string} in {string}", tag = "browser")]
async fn uncheck_in(world: &mut World, name: Text, within: Text) -> Outcome {
    world.page().await?.check(&name, false, Some(&within)).await
}

/// Presses a key, or several together: `Enter`, `Escape`, `Tab`, `ArrowDown`, `Control+A`, `Shift+Tab`, `x`.
#[when(expr = "I press {string}", tag = "browser")]
async fn press(world: &mut World, keys: Text) -> Outcome {
    world.page().await?.press(&keys).await
}

/// Types a text into the focused element, key by key.
#[when(expr = "I type {string}", tag = "browser")]
async fn type_text(world: &mut World, text: Text) -> Outcome {
    world.page().await?.type_text(&text).await
}

/// Drags an element onto another one with the mouse. Each is found by its accessible name, or by the heading or cell
/// that a row or region starts with.
#[when(expr = "I drag {string} to {string}", tag = "browser")]
async fn drag(world: &mut World, from: Text, to: Text) -> Outcome {
    world.page().await?.drag(&from, &to).await
}

/// Selects a file in the field with this label. The path is relative to the folder in which the suite runs.
#[when(expr = "I attach the file {string} to {string}", tag = "browser")]
async fn attach(world: &mut World, path: Text, label: Text) -> Outcome {
    let file = crate::process::project_root().join(&*path);
    if !file.is_file() {
        return Err(Failure::new(format!("there is no file {}", file.display())));
    }
    world.page().await?.attach(&label, &[file]).await
}

/// Goes back to the previous page, like the browser's button.
#[when(expr = "I go back", tag = "browser")]
async fn go_back(world: &mut World) -> Outcome {
    world.page().await?.back().await
}

/// Reloads the page.
#[when(expr = "I reload the page", tag = "browser")]
async fn reload(world: &mut World) -> Outcome {
    world.page().await?.reload().await
}

/// Answers the page's next dialog (`confirm`, `prompt`) with OK. A dialog without an answer is dismissed.
#[given(expr = "I accept the next dialog of the browser", tag = "browser")]
async fn accept_dialog(world: &mut World) -> Outcome {
    world.page().await?.answer_next_dialog(DialogAnswer::Accept);
    Ok(())
}

/// Answers the page's next dialog with Cancel.
#[given(expr = "I dismiss the next dialog of the browser", tag = "browser")]
async fn dismiss_dialog(world: &mut World) -> Outcome {
    world
        .page()
        .await?
        .answer_next_dialog(DialogAnswer::Dismiss);
    Ok(())
}

/// Answers the page's next dialog (`prompt`) with this text.
#[given(
    expr = "I answer the next dialog of the browser with {string}",
    tag = "browser"
)]
async fn answer_dialog(world: &mut World, text: Text) -> Outcome {
    let answer = DialogAnswer::Text(text.0);
    world.page().await?.answer_next_dialog(answer);
    Ok(())
}

/// A dialog of the browser (`alert`, `confirm`, `prompt`) had this message.
#[then(expr = "the browser's dialog said {string}", tag = "browser")]
async fn dialog_said(world: &mut World, message: Text) -> Outcome {
    world.page().await?.asked(&message).await
}

/// The page shows this text, or has it for a screen reader.
#[then(expr = "I see {string}", tag = "browser")]
async fn see(world: &mut World, text: Text) -> Outcome {
    let text = argument::part(text)?;
    world.page().await?.sees(&text, None).await
}

/// The page doesn't show this text. If it still does, waits until the text disappears.
#[then(expr = "I don't see {string}", tag = "browser")]
async fn do_not_see(world: &mut World, text: Text) -> Outcome {
    world.page().await?.does_not_see(&text, None).await
}

/// The region, row or dialog with this name shows this text. A part of the page without a name is found by the heading
/// or cell that it starts with.
#[then(expr = "I see {string} in {string}", tag = "browser")]
async fn see_in(world: &mut World, text: Text, within: Text) -> Outcome {
    let text = argument::part(text)?;
    world.page().await?.sees(&text, Some(&within)).await
}

/// The region, row or dialog with this name exists and doesn't show this text.
#[then(expr = "I don't see {string} in {string}", tag = "browser")]
async fn do_not_see_in(world: &mut World, text: Text, within: Text) -> Outcome {
    let page = world.page().await?;
    page.does_not_see(&text, Some(&within)).await
}

/// The title of the page, as in the browser's tab.
#[then(expr = "the page's title is {string}", tag = "browser")]
async fn title(world: &mut World, title: Text) -> Outcome {
    world.page().await?.has_title(&title).await
}

/// The address of the page: a path with its query, or a whole address.
#[then(expr = "the page's address is {string}", tag = "browser")]
async fn page_address(world: &mut World, expected: Text) -> Outcome {
    let base = world.slot.base_url()?;
    world.page().await?.has_address(&expected, &base).await
}

/// The number of elements of a kind, by their accessible role: `rows`, `buttons`, `links`, `headings`, `images`,
/// `checkboxes`, `list items`, or `main`. A table's heading is a row too.
#[then(expr = "the page has {int} {string}", tag = "browser")]
async fn has(world: &mut World, count: usize, kind: Text) -> Outcome {
    world.page().await?.has(count, &kind).await
}

/// The value of the field with this label. For a list it is the text or the value of the chosen option.
#[then(expr = "the field {string} has the value {string}", tag = "browser")]
async fn field(world: &mut World, label: Text, value: Text) -> Outcome {
    world.page().await?.field_has(&label, &value).await
}

/// A checkbox, switch or radio button is checked.
#[then(expr = "{string} is checked", tag = "browser")]
async fn is_checked(world: &mut World, name: Text) -> Outcome {
    world.page().await?.is_checked(&name, true, None).await
}

/// A checkbox, switch or radio button isn't checked.
#[then(expr = "{string} is not checked", tag = "browser")]
async fn is_not_checked(world: &mut World, name: Text) -> Outcome {
    world.page().await?.is_checked(&name, false, None).await
}

/// A button, link or field is enabled.
#[then(expr = "{string} is enabled", tag = "browser")]
async fn is_enabled(world: &mut World, name: Text) -> Outcome {
    world.page().await?.is_enabled(&name, true).await
}

/// A button, link or field is disabled.
#[then(expr = "{string} is disabled", tag = "browser")]
async fn is_disabled(world: &mut World, name: Text) -> Outcome {
    world.page().await?.is_enabled(&name, false).await
}

/// The element with this accessible name has the keyboard focus.
#[then(expr = "{string} has the focus", tag = "browser")]
async fn has_focus(world: &mut World, name: Text) -> Outcome {
    world.page().await?.has_focus(&name).await
}

/// No page of this scenario has logged an error, thrown an uncaught error, or requested something that doesn't exist.
#[then(expr = "the page has no console errors", tag = "browser")]
async fn no_console_errors(world: &mut World) -> Outcome {
    world.page().await?.has_no_console_errors().await
}

/// The page has none of the faults against the Web Content Accessibility Guidelines 2.2 (level AA) that a program can
/// find: names, contrast, headings, landmarks, language, sizes, motion, and what the Tab key reaches and shows.
#[then(expr = "the page has no accessibility faults", tag = "browser")]
async fn no_accessibility_faults(world: &mut World) -> Outcome {
    world.page().await?.is_accessible().await
}

/// The size of the window in pixels, for this scenario. The default is 1280 by 720.
#[given(expr = "the window is {int} by {int}", tag = "browser")]
async fn window(world: &mut World, width: u32, height: u32) -> Outcome {
    if !(100..=8000).contains(&width) || !(100..=8000).contains(&height) {
        return Err("a window is 100 to 8000 pixels wide and high".into());
    }
    world.page().await?.resize(width, height).await
}

/// The colour scheme that the user prefers: `light` or `dark`.
#[given(expr = "the colour scheme is {string}", tag = "browser")]
async fn colour_scheme(world: &mut World, scheme: String) -> Outcome {
    if !matches!(scheme.as_str(), "light" | "dark") {
        return Err(format!("the colour scheme is light or dark, not \"{scheme}\"").into());
    }
    let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
    world
        .page()
        .await?
        .set("Emulation.setEmulatedMedia", media)
        .await
}

/// Pages of this scenario run no scripts.
#[given(expr = "JavaScript is off", tag = "browser")]
async fn javascript_is_off(world: &mut World) -> Outcome {
    let off = json!({"value": true});
    let page = world.page().await?;
    page.set("Emulation.setScriptExecutionDisabled", off).await
}

/// The page has no network until the scenario ends.
#[given(expr = "the browser is offline", tag = "browser")]
async fn offline(world: &mut World) -> Outcome {
    network(world, true).await
}

/// The page has a network again.
#[given(expr = "the browser is online again", tag = "browser")]
async fn online(world: &mut World) -> Outcome {
    network(world, false).await
}

async fn network(world: &mut World, offline: bool) -> Outcome {
    let conditions =
        json!({"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
    let page = world.page().await?;
    page.set("Network.emulateNetworkConditions", conditions)
        .await
}

/// The whole address of a path. Other servers are refused, because a scenario tests its own service.
fn address(base: &str, path: &str) -> Result<String, Failure> {
    if path.starts_with(['/', '?', '#']) {
        return Ok(format!("{}{path}", base.trim_end_matches('/')));
    }
    if path == base || path.starts_with(&format!("{base}/")) {
        return Ok(path.to_owned());
    }
    Err(Failure::new(format!(
        "`{path}` isn't an address of the service at {base}: write a path that starts with /"
    )))
}
