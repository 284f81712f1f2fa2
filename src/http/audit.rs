//! The audit log: one line for each sensitive act, with who did it and from where, and never a secret.

use std::{convert::Infallible, fmt, net::IpAddr};

use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};

use super::client_address::ClientAddress;
use super::headers::header_text;
use super::state::AppState;

/// Where a request comes from.
pub struct Origin(pub Option<IpAddr>);

impl Origin {
    pub fn of(parts: &Parts) -> Self {
        let address = parts.extensions.get::<ClientAddress>();
        Self(address.map(|address| address.0))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(address) => address.fmt(f),
            None => f.write_str("unknown"),
        }
    }
}

impl FromRequestParts<AppState> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}

/// The `User-Agent` header, up to 200 characters.
pub struct UserAgent(pub Option<String>);

impl FromRequestParts<AppState> for UserAgent {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Infallible> {
        let text = header_text(&parts.headers, header::USER_AGENT);
        Ok(Self(text.map(|text| text.chars().take(200).collect())))
    }
}

/// The beginning of a name as it was typed, for the log. It may be anything, even a password in the wrong field.
pub fn typed_name(name: &str) -> String {
    let beginning: String = name.chars().take(50).collect();
    beginning.escape_debug().to_string()
}

/// Writes a line of the audit log.
macro_rules! audit {
    ($origin:expr, $act:literal, by $who:expr $(, $($field:tt)+)?) => {
        tracing::info!(target: "audit", act = $act, who = %$who, from = %$origin $(, $($field)+)?)
    };
}
pub(super) use audit;
