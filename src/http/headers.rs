//! Texts of headers.

use axum::http::{HeaderMap, HeaderValue, header::AsHeaderName};

/// The text of a header; `None` if it is absent, or has other characters than visible ASCII.
pub fn header_text(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    headers.get(name).and_then(text)
}

/// The parts of all headers with a name, in their order.
pub fn header_parts(
    headers: &HeaderMap,
    name: impl AsHeaderName,
    separator: char,
) -> impl Iterator<Item = &str> {
    let texts = headers.get_all(name).into_iter().filter_map(text);
    texts.flat_map(move |text| text.split(separator))
}

fn text(value: &HeaderValue) -> Option<&str> {
    value.to_str().ok()
}
