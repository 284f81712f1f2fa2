//! Masks secrets in reports.

use std::sync::LazyLock;

use regex::Regex;

use crate::json::member_strings;

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

/// A body with masked secrets, otherwise unchanged.
pub fn body(text: &str) -> String {
    let Some(strings) = member_strings(text) else {
        return in_text(text);
    };
    let mut masked = String::with_capacity(text.len());
    let mut end = 0;
    for (name, string) in strings {
        if is_secret(&name) && string != "\"\"" {
            let start = string.as_ptr() as usize - text.as_ptr() as usize;
            masked.push_str(&text[end..start]);
            masked.push_str(&format!("\"{MASK}\""));
            end = start + string.len();
        }
    }
    masked + &text[end..]
}

/// Names such as `password`, `new_password`, `client_secret`, `access_token`.
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
