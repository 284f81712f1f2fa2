//! The visitor of a page. A cookie holds the token of a session, like a bearer token of the API. Only pages accept the
//! cookie.

use axum::{
    Extension,
    body::Body,
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, HeaderValue, Response, header, request::Parts},
    response::{IntoResponse, Redirect},
};

use super::notice::Notice;
use crate::auth::tokens::{random_token, token_hash};
use crate::domain::Scope;
use crate::http::client_address::Https;
use crate::http::error::ApiError;
use crate::http::headers::{header_parts, header_text};
use crate::http::middleware::principal::{self, Principal};
use crate::http::response::PageMarker;
use crate::http::state::AppState;

const SESSION: &str = "session";
/// The cookie of a visitor who is not logged in. It protects the log-in form against forgery.
pub const GUEST: &str = "guest";
pub const NOTICE: &str = "notice";

/// Only our own files run in a page, no site can frame it, and its forms are sent only to us.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// A request for a page.
#[derive(Clone)]
pub struct Visit {
    pub principal: Option<Principal>,
    /// The token against forgery that every form must send.
    pub form_token: String,
    pub notice: Option<Notice>,
    /// The public scheme and host, without a final slash.
    pub origin: String,
    /// Path and query.
    pub target: String,
    /// Path and query of the page that the visitor comes from, if it is one of ours.
    came_from: Option<String>,
    /// The page to show after a form was handled, if the form names one.
    pub back: Option<String>,
    is_https: bool,
    /// The value of the cookie for a new guest.
    pub new_guest: Option<String>,
}

impl Visit {
    pub async fn of(state: &AppState, parts: &Parts) -> Result<Self, ApiError> {
        let headers = &parts.headers;
        let public_url = state.public_url.as_ref();
        let is_https = match public_url {
            Some(url) => url.is_https(),
            None => parts.extensions.get::<Https>().is_some_and(|https| https.0),
        };
        let cookie = |name| cookie(headers, &cookie_name(name, is_https));
        let token = cookie(SESSION);
        let principal = match token {
            Some(token) => principal::of_session(state, token).await?,
            None => None,
        };
        let guest = cookie(GUEST).map(ToOwned::to_owned);
        let (secret, new_guest) = match (principal.is_some(), token, guest) {
            (true, Some(token), _) => (token.to_owned(), None),
            (_, _, Some(guest)) => (guest, None),
            _ => {
                let guest = random_token();
                (guest.clone(), Some(guest))
            }
        };
        let host = header_text(headers, header::HOST).unwrap_or_default();
        let scheme = if is_https { "https" } else { "http" };
        let target = parts.uri.path_and_query();
        let origin = public_url.map_or_else(
            || format!("{scheme}://{host}"),
            |url| url.as_str().to_owned(),
        );
        let referer = header_text(headers, header::REFERER);
        let came_from = referer.and_then(|referer| referer.strip_prefix(&origin));
        Ok(Self {
            principal,
            form_token: token_hash(&format!("form of {secret}")),
            notice: cookie(NOTICE).and_then(Notice::read),
            came_from: came_from.map(ToOwned::to_owned),
            back: None,
            origin,
            target: target.map_or("/", |target| target.as_str()).to_owned(),
            is_https,
            new_guest,
        })
    }

    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    pub fn may(&self, scope: Scope) -> bool {
        let principal = self.principal.as_ref();
        principal.is_some_and(|principal| principal.scopes.contains(scope))
    }

    /// The list that the visitor comes from, with its filter and page, or the whole list.
    pub fn list_before<'a>(&'a self, list: &'a str) -> &'a str {
        let came_from = self.came_from.as_deref();
        let is_list = |page: &&str| page.split('?').next() == Some(list);
        came_from.filter(is_list).unwrap_or(list)
    }

    /// 403 unless one of our pages sent the form. Browsers name the page in `Origin` and `Sec-Fetch-Site`; other
    /// programs may omit these headers.
    pub fn check_form(&self, headers: &HeaderMap, sent: &str) -> Result<(), ApiError> {
        let text = |name| {
            headers
                .get(name)
                .map(|value: &HeaderValue| value.to_str().unwrap_or_default())
        };
        let is_same_site = text("sec-fetch-site").is_none_or(|site| site == "same-origin");
        let hosts = [
            text("host"),
            self.origin.split_once("://").map(|(_, host)| host),
        ];
        let is_same_origin = text("origin").is_none_or(|origin| {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && hosts.contains(&host)
        });
        // Comparing hashes takes the same time for every token.
        let has_token = token_hash(sent) == token_hash(&self.form_token);
        if is_same_site && is_same_origin && has_token {
            Ok(())
        } else {
            Err(ApiError::Forbidden(
                "the form is not from this page, or it is out of date: go back, load the page again, and repeat it",
            ))
        }
    }

    pub fn set_cookie(&self, name: &str, value: &str, seconds: u64) -> HeaderValue {
        let secure = if self.is_https { "; Secure" } else { "" };
        let name = cookie_name(name, self.is_https);
        let text =
            format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
        HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""))
    }

    /// Redirects to another page, which shows the notice.
    pub fn go(&self, to: &str, notice: Option<Notice>) -> Response<Body> {
        let mut response = Redirect::to(to).into_response();
        if let Some(notice) = notice {
            let cookie = self.set_cookie(NOTICE, &notice.to_string(), 60);
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }

    /// Redirects to the page that a form names, or to this one.
    pub fn go_back(&self, page: &str, notice: Notice) -> Response<Body> {
        self.go(self.back.as_deref().unwrap_or(page), Some(notice))
    }

    /// Redirects with the token and the lifetime of a new session, or without a session.
    pub fn go_with_session(&self, to: &str, session: Option<(&str, u64)>) -> Response<Body> {
        let (token, seconds) = session.unwrap_or_default();
        let notice = session.is_none().then_some(Notice::LoggedOut);
        let mut response = self.go(to, notice);
        let cookie = self.set_cookie(SESSION, token, seconds);
        response.headers_mut().append(header::SET_COOKIE, cookie);
        response
    }
}

impl FromRequestParts<AppState> for Visit {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, ApiError> {
        parts.extensions.get().cloned().ok_or(ApiError::Internal)
    }
}

/// With the prefix, browsers accept the cookie only from this host over TLS.
fn cookie_name(name: &str, is_https: bool) -> String {
    let prefix = if is_https { "__Host-" } else { "" };
    format!("{prefix}{name}")
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let pairs = header_parts(headers, header::COOKIE, ';');
    let mut pairs = pairs.filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(key, _)| *key == name)?;
    Some(value).filter(|value| !value.is_empty())
}

/// Marks a response as a page, and adds its security headers.
pub fn protected(response: Response<Body>) -> Response<Body> {
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // With "no-referrer", browsers would send forms with `Origin: null`.
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
        (OPENER_POLICY, "same-origin"),
        (RESOURCE_POLICY, "same-origin"),
    ];
    (headers, Extension(PageMarker), response).into_response()
}
