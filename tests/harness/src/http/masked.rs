//! Masks secrets in reports.

use std::sync::LazyLock;

use percent_encoding::percent_decode_str;
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
        (false, _) if name.to_ascii_lowercase().ends_with("location") => url(value),
        (false, _) if name.eq_ignore_ascii_case("referer") => url(value),
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

/// A URL, or the part of it after the authority, without the secrets of its query and without user and password. The
/// rest is unchanged.
pub fn url(text: &str) -> String {
    let (before, fragment) = text.split_at(text.find('#').unwrap_or(text.len()));
    let (place, query) = before.split_at(before.find('?').unwrap_or(before.len()));
    let pairs = query.split_inclusive(['?', '&']).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let end = &value[value.trim_end_matches(['?', '&']).len()..];
        if value.len() > end.len() && is_secret(&percent_decode_str(name).decode_utf8_lossy()) {
            return format!("{name}={MASK}{end}");
        }
        pair.to_owned()
    });
    without_user(place) + &pairs.collect::<String>() + fragment
}

/// `https://ada:secret@example.org/` becomes `https://***@example.org/`.
fn without_user(place: &str) -> String {
    let start = place.find("://").map_or(place.len(), |at| at + "://".len());
    let authority = place[start..].split('/').next().unwrap_or_default();
    match authority.rfind('@') {
        Some(at) => format!("{}{MASK}{}", &place[..start], &place[start + at..]),
        None => place.to_owned(),
    }
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
