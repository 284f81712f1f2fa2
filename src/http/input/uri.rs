//! Reads the parameters of paths and queries.

use std::borrow::Cow;

use axum::{
    extract::{FromRequestParts, Query, RawPathParams},
    http::{Uri, request::Parts},
};

use super::field_type::Faults;
use super::fields::{Fields, FromFields};
use crate::http::error::FieldError;

/// The values that a query has for a parameter, before it is validated. Authorization comes first.
pub fn query_values<'a>(uri: &'a Uri, name: &'a str) -> impl Iterator<Item = Cow<'a, str>> {
    let query = uri.query().unwrap_or_default();
    // The name may be percent-encoded: `user%5Fid`.
    form_urlencoded::parse(query.as_bytes())
        .filter(move |(found, _)| found == name)
        .map(|(_, value)| value)
}

/// Whether a query asks for deleted rows.
pub fn asks_for_deleted(uri: &Uri) -> bool {
    query_values(uri, "deleted").any(|value| value == "true")
}

/// Reads the parameters of a path.
pub async fn read_path<T: FromFields>(parts: &mut Parts) -> Result<T, Faults> {
    let is_broken = has_broken_escape(parts.uri.path());
    match RawPathParams::from_request_parts(parts, &()).await {
        Ok(parameters) if !is_broken => Fields::of_parameters(
            parameters
                .iter()
                .map(|(name, text)| (name.to_owned(), text.to_owned())),
        )
        .read(),
        _ => Err(vec![FieldError::new(
            "path",
            "has a broken percent encoding",
        )]),
    }
}

/// Reads the parameters of a query.
pub fn read_query<T: FromFields>(uri: &Uri) -> Result<T, Faults> {
    let is_broken = has_broken_escape(uri.query().unwrap_or_default());
    let Ok(Query(parameters)) = Query::<Vec<(String, String)>>::try_from_uri(uri) else {
        return Err(vec![broken_query()]);
    };
    if is_broken {
        return Err(vec![broken_query()]);
    }
    check_utf8(&parameters)?;
    Fields::of_parameters(parameters).read()
}

/// Refuses the first parameter or form field that isn't UTF-8.
pub fn check_utf8(pairs: &[(String, String)]) -> Result<(), Faults> {
    // Bytes that are not UTF-8 are decoded as this character.
    let is_lossy = |text: &str| text.contains(char::REPLACEMENT_CHARACTER);
    match pairs
        .iter()
        .find(|(name, text)| is_lossy(name) || is_lossy(text))
    {
        Some((name, _)) => Err(vec![FieldError::new(name, "isn't UTF-8")]),
        None => Ok(()),
    }
}

/// Reads the fields of a form.
pub fn read_form<T: FromFields>(pairs: Vec<(String, String)>) -> Result<T, Faults> {
    Fields::of_parameters(pairs).read()
}

fn broken_query() -> FieldError {
    FieldError::new("query", "has a broken percent encoding")
}

/// Whether a `%` isn't followed by two hexadecimal digits.
fn has_broken_escape(text: &str) -> bool {
    let is_escape =
        |rest: &str| rest.len() >= 2 && rest.bytes().take(2).all(|byte| byte.is_ascii_hexdigit());
    text.split('%').skip(1).any(|rest| !is_escape(rest))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_percent_sign_needs_two_digits() {
        for (path, is_broken) in [
            ("/a%20b", false),
            ("/a%2", true),
            ("/a%zz", true),
            ("/%", true),
            ("/%C3%A9", false),
        ] {
            assert_eq!(super::has_broken_escape(path), is_broken, "{path}");
        }
    }
}
