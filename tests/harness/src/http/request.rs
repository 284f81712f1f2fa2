//! One request, before it is sent.

use std::fmt::Write as _;

use http_body_util::Full;
use hyper::{
    Uri,
    body::Bytes,
    header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName, HeaderValue},
};

use crate::failure::Failure;

/// A request without the headers that the scenario sends with every request.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    /// `host:port`.
    authority: String,
    /// Path and query, exactly as they are sent.
    pub target: String,
    /// In the order of sending.
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
    is_anonymous: bool,
}

impl Request {
    /// `target` is a path below `base_url`, or an absolute `http://…` address. Fails if HTTP/1.1 can't send it as
    /// written.
    pub fn new(
        base_url: impl FnOnce() -> Result<String, Failure>,
        method: &str,
        target: &str,
    ) -> Result<Self, Failure> {
        let url = if target.contains("://") {
            target.to_owned()
        } else if target.starts_with(['/', '?']) {
            format!("{}{target}", base_url()?.trim_end_matches('/'))
        } else if target == "*" && method == "OPTIONS" {
            format!("{}*", base_url()?)
        } else {
            return Err(format!(
                "`{target}` isn't a path: write one that starts with / or an http:// address"
            )
            .into());
        };
        let (authority, target) = split_url(&url)?;
        check_target(&target)?;
        Ok(Self {
            method: method.to_owned(),
            authority,
            target,
            headers: Vec::new(),
            body: Bytes::new(),
            is_anonymous: false,
        })
    }

    /// A body without a content type.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// A body with a content type, unless the scenario has set another one.
    #[must_use]
    pub fn body_of(mut self, media_type: &str, body: impl Into<Bytes>) -> Self {
        self.headers
            .push((CONTENT_TYPE.to_string(), media_type.to_owned()));
        self.body(body)
    }

    /// Without the scenario's credentials.
    #[must_use]
    pub fn anonymous(mut self) -> Self {
        self.is_anonymous = true;
        self
    }

    /// With this bearer token instead of the scenario's.
    #[must_use]
    pub fn bearer(mut self, token: &str) -> Self {
        self.headers
            .push((AUTHORIZATION.to_string(), format!("Bearer {token}")));
        self
    }

    /// Adds pairs to the query, URL-encoded.
    #[must_use]
    pub fn query(mut self, pairs: &[(String, String)]) -> Self {
        if !pairs.is_empty() {
            let sign = match self.target.find('?') {
                None => "?",
                Some(_) if self.target.ends_with(['?', '&']) => "",
                Some(_) => "&",
            };
            self.target = format!("{}{sign}{}", self.target, encoded_pairs(pairs));
        }
        self
    }

    /// A form, encoded as browsers do.
    #[must_use]
    pub fn form(self, pairs: &[(String, String)]) -> Self {
        self.body_of("application/x-www-form-urlencoded", encoded_pairs(pairs))
    }

    pub fn url(&self) -> String {
        format!("http://{}{}", self.authority, self.target)
    }

    pub(super) fn authority(&self) -> &str {
        &self.authority
    }

    /// The scenario's headers replace the request's own of the same name, except credentials.
    pub(super) fn with_headers(mut self, staying: &[(String, String)]) -> Self {
        let is = |name: &str, other: &str| name.eq_ignore_ascii_case(other);
        let is_authorization = |name: &str| is(name, AUTHORIZATION.as_str());
        let mut own = self.headers.iter();
        let is_settled = self.is_anonymous || own.any(|(name, _)| is_authorization(name));
        let staying = staying
            .iter()
            .filter(|(name, _)| !(is_settled && is_authorization(name)));
        self.headers
            .retain(|(name, _)| !staying.clone().any(|(other, _)| is(name, other)));
        self.headers.extend(staying.cloned());
        self
    }

    pub(super) fn on_the_wire(&self) -> Result<hyper::Request<Full<Bytes>>, String> {
        let uri: Uri = self
            .target
            .parse()
            .map_err(|error| format!("{}: {error}", self.target))?;
        let mut request = hyper::Request::builder()
            .method(self.method.as_str())
            .uri(uri)
            .body(Full::new(self.body.clone()))
            .map_err(|error| error.to_string())?;
        for (name, value) in &self.headers {
            let (name, value) = header(name, value).map_err(|failure| failure.message)?;
            request.headers_mut().append(name, value);
        }
        if !request.headers().contains_key(HOST) {
            let (name, value) =
                header("host", &self.authority).map_err(|failure| failure.message)?;
            request.headers_mut().insert(name, value);
        }
        Ok(request)
    }
}

/// Fails if a header can't be sent.
pub(super) fn check_header(name: &str, value: &str) -> Result<(), Failure> {
    header(name, value).map(|_| ())
}

/// Fails if no header can have this name.
pub fn check_header_name(name: &str) -> Result<HeaderName, Failure> {
    HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| Failure::new(format!("`{name}` can't be the name of a header")))
}

fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), Failure> {
    let header = check_header_name(name)?;
    let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| {
        Failure::new(format!(
            "the header {name} can't contain `{}`",
            value.escape_debug()
        ))
    })?;
    Ok((header, value))
}

fn split_url(url: &str) -> Result<(String, String), Failure> {
    let Some(rest) = url.strip_prefix("http://") else {
        return Err(format!("`{url}` can't be called: only http:// addresses work").into());
    };
    let end = rest.find(['/', '?', '#', '*']).unwrap_or(rest.len());
    let (authority, target) = rest.split_at(end);
    if authority.is_empty() || authority.contains([' ', '@']) {
        return Err(format!("`{url}` has no host").into());
    }
    let port = authority.rsplit_once(':').map(|(_, port)| port);
    let authority = match port {
        Some(port) if port.parse::<u16>().is_ok() => authority.to_owned(),
        _ => format!("{authority}:80"),
    };
    let slash = if target.starts_with(['/', '*']) {
        ""
    } else {
        "/"
    };
    Ok((authority, format!("{slash}{target}")))
}

/// Refuses characters that aren't allowed in a request line, instead of cutting or changing the target.
fn check_target(target: &str) -> Result<(), Failure> {
    let wrong = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '#' | '<' | '>' | '`');
    let query = target.find('?').unwrap_or(target.len());
    let bad = target
        .char_indices()
        .find(|(at, c)| (wrong(*c) && !(*c == '`' && *at > query)) || (*c == '"' && *at > query));
    let Some((_, bad)) = bad else {
        return match target.parse::<Uri>() {
            Ok(_) => Ok(()),
            Err(error) => Err(format!("`{target}` can't be sent: {error}").into()),
        };
    };
    let mut bytes = [0; 4];
    let escaped = encoded(bad.encode_utf8(&mut bytes));
    let escaped = if bad == ' ' { "%20" } else { &escaped };
    Err(format!(
        "a path is sent as written, but `{target}` contains `{}`, which isn't allowed in a request line: \
         write {escaped} instead, or use `with query:`, which encodes it",
        bad.escape_debug()
    )
    .into())
}

fn encoded_pairs(pairs: &[(String, String)]) -> String {
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
        .collect();
    pairs.join("&")
}

/// Encodes as `application/x-www-form-urlencoded`, but a blank is `%20`, which every server understands.
fn encoded(text: &str) -> String {
    text.bytes()
        .fold(String::with_capacity(text.len()), |mut encoded, byte| {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
                encoded.push(char::from(byte));
            } else {
                // Writing to a string can't fail.
                let _ = write!(encoded, "%{byte:02X}");
            }
            encoded
        })
}
