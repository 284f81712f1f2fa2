//! What to show of a scenario that failed.

use crate::world::World;

/// So many lines of the service's log are shown, the last ones.
const LOG_LINES: usize = 40;
/// So many characters of a variable.
const VALUE: usize = 200;

/// The last exchange in full and as a `curl` line, earlier ones in brief, and the service's log.
pub fn diagnosis(world: &World) -> String {
    let mut text = String::new();
    if let Some((last, earlier)) = world.client.exchanges().split_last() {
        for exchange in earlier {
            text.push_str(&format!("earlier: {}\n", exchange.brief()));
        }
        text.push_str("the last exchange:\n");
        for line in last.shown().lines() {
            text.push_str(&format!("  {line}\n"));
        }
        text.push_str(&format!("  {}\n", last.curl()));
    }
    let variables: Vec<_> = world.variables.iter().collect();
    if !variables.is_empty() {
        text.push_str("the variables:\n");
        for (name, value) in variables {
            text.push_str(&format!("  {name} = {}\n", shown(name, value)));
        }
    }
    let lines = world.slot.log().lines();
    if !lines.is_empty() {
        text.push_str("the service's log:\n");
        if lines.len() > LOG_LINES {
            text.push_str(&format!("  … {} earlier lines\n", lines.len() - LOG_LINES));
        }
        for line in &lines[lines.len().saturating_sub(LOG_LINES)..] {
            text.push_str(&format!("  {}\n", line.text));
        }
    }
    text
}

/// A value on one line; what is named like a secret stays one.
fn shown(name: &str, value: &crate::json::Json) -> String {
    let lower = name.to_lowercase();
    if ["token", "password", "secret"]
        .iter()
        .any(|word| lower.contains(word))
    {
        return "***".to_owned();
    }
    let text = value.to_string();
    match text.char_indices().nth(VALUE) {
        Some((end, _)) => format!("{} … ({} bytes)", &text[..end], text.len()),
        None => text,
    }
}
