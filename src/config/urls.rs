//! URLs as values of settings.

use std::fmt;

use super::settings::{Driver, Setting};

/// Scheme, host and port of a URL, without a final slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }
}

impl Setting for PublicUrl {
    const ALLOWED: &'static str =
        "a URL of scheme and host such as https://coach.example.org, without a path";

    fn read(text: &str) -> Option<Self> {
        let text = text.strip_suffix('/').unwrap_or(text).to_ascii_lowercase();
        let host = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"))?;
        let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
        (!host.is_empty() && host.bytes().all(is_host)).then_some(Self(text))
    }
}

/// The URL of a database, shown without its password.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// The URL with its password.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The driver that the scheme names.
    pub fn driver(&self) -> Driver {
        if self.0.starts_with("sqlite:") {
            Driver::Sqlite
        } else {
            Driver::Postgres
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Self::mask(&self.0))
    }
}

impl Setting for DatabaseUrl {
    const ALLOWED: &'static str = "a URL that begins with postgres://, postgresql:// or sqlite:";
    const MAY_BE_A_FILE: bool = true;

    fn read(text: &str) -> Option<Self> {
        let known = ["postgres://", "postgresql://", "sqlite:"];
        let scheme = known.iter().find(|scheme| text.starts_with(**scheme))?;
        (text.len() > scheme.len()).then(|| Self(text.into()))
    }

    fn mask(text: &str) -> String {
        let (location, query) = text.split_once('?').unwrap_or((text, ""));
        let mut shown = match location.rsplit_once('@') {
            Some((before, host)) => {
                let user_start = before.find("://").map_or(0, |at| at + 3);
                match before[user_start..].split_once(':') {
                    Some((user, _)) => format!("{}{user}:***@{host}", &before[..user_start]),
                    None => location.to_owned(),
                }
            }
            None => location.to_owned(),
        };
        for (index, parameter) in query
            .split('&')
            .filter(|parameter| !parameter.is_empty())
            .enumerate()
        {
            shown.push(if index == 0 { '?' } else { '&' });
            match parameter.split_once('=') {
                Some((name, _)) if name.to_ascii_lowercase().contains("password") => {
                    shown.push_str(name);
                    shown.push_str("=***");
                }
                _ => shown.push_str(parameter),
            }
        }
        shown
    }
}

/// The http or https URL of a collector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectorUrl(String);

impl CollectorUrl {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Setting for CollectorUrl {
    const ALLOWED: &'static str = "a URL that begins with http:// or https://, for OTLP over HTTP (port 4318 of collectors); gRPC (port 4317) \
         is not supported";

    fn read(text: &str) -> Option<Self> {
        let known = ["http://", "https://"];
        let scheme = known.iter().find(|scheme| text.starts_with(**scheme))?;
        let uri: hyper::Uri = text.parse().ok()?;
        let is_allowed = text.len() > scheme.len() && uri.port_u16() != Some(4317);
        is_allowed.then(|| Self(text.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shown_url_has_no_password() {
        let shown = [
            (
                "postgres://ada:secret@db:5432/school",
                "postgres://ada:***@db:5432/school",
            ),
            (
                "postgres://ada:s@cret@db/school",
                "postgres://ada:***@db/school",
            ),
            ("postgres://ada@db/school", "postgres://ada@db/school"),
            (
                "postgres://db/school?user=ada&password=secret",
                "postgres://db/school?user=ada&password=***",
            ),
            ("sqlite:school.db", "sqlite:school.db"),
        ];
        for (url, expected) in shown {
            assert_eq!(DatabaseUrl::mask(url), expected);
        }
    }
}
