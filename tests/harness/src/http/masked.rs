//! What a report must not show.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

const MASK: &str = "***";

/// A header's value, without credentials.
pub(super) fn header(name: &str, value: &str) -> String {
    let secret = [
        "authorization",
        "proxy-authorization",
        "cookie",
        "set-cookie",
    ]
    .iter()
    .any(|known| name.eq_ignore_ascii_case(known))
        || is_secret(name);
    match (secret, value.split_once(' ')) {
        (false, _) => value.to_owned(),
        (true, Some((scheme, _))) if scheme.chars().all(char::is_alphabetic) => {
            format!("{scheme} {MASK}")
        }
        (true, _) => MASK.to_owned(),
    }
}

/// A body without secrets: JSON indented when asked for, a form or anything else as it is.
pub(super) fn body(text: &str, indented: bool) -> String {
    match serde_json::from_str::<Value>(text) {
        Ok(mut json) if json.is_object() || json.is_array() => {
            mask(&mut json);
            if indented {
                format!("{json:#}")
            } else {
                json.to_string()
            }
        }
        _ => in_text(text),
    }
}

fn mask(json: &mut Value) {
    match json {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(text) if is_secret(name) && !text.is_empty() => {
                        MASK.clone_into(text);
                    }
                    other => mask(other),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(mask),
        _ => {}
    }
}

/// `password`, `new_password`, `client_secret`, `access_token` and their like.
fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["password", "passwd", "secret", "api_key", "api-key"]
        .iter()
        .any(|part| name.contains(part))
        || name.ends_with("token")
}

/// Forms and broken JSON.
fn in_text(text: &str) -> String {
    const SECRETS: &str = r#"(?i)("?[a-z_]*(?:password|passwd|secret|token)"?\s*[=:]\s*)("(?:[^"\\]|\\.)*"?|[^&\s,}]+)"#;
    static PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(SECRETS).ok());
    match &*PATTERN {
        Some(pattern) => pattern
            .replace_all(text, format!("${{1}}{MASK}"))
            .into_owned(),
        None => MASK.to_owned(),
    }
}
