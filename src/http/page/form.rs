//! Reads forms. A form without the form token of the visitor's page is refused before its fields are read.

use axum::extract::{FromRequest, FromRequestParts, Request};
use maud::{Markup, html};

use super::visit::Visit;
use crate::http::error::ApiError;
use crate::http::input::{
    FromFields, Input, check_utf8, media_type, read_body, read_form, read_path,
};
use crate::http::state::AppState;

/// A form that a visitor has sent: its path and its fields.
pub struct Form<P = (), B = ()> {
    pub visit: Visit,
    pub path: P,
    pub fields: B,
}

impl<P, B> Form<P, B> {
    /// The visit, and the form as the API's handlers take their input.
    pub fn into_input(self) -> (Visit, Input<P, (), B>) {
        (self.visit, Input::new(self.path, self.fields))
    }
}

impl<P: FromFields, B: FromFields> FromRequest<AppState> for Form<P, B> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, ApiError> {
        let (mut parts, body) = request.into_parts();
        let mut visit = Visit::from_request_parts(&mut parts, state).await?;
        if media_type(&parts.headers) != "application/x-www-form-urlencoded" {
            return Err(ApiError::UnsupportedMediaType);
        }
        let body = read_body(&parts, body, state).await?;
        let mut pairs: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
        let mut take = |name: &str| {
            let place = pairs.iter().position(|(key, _)| key == name);
            place.map(|place| pairs.remove(place).1)
        };
        visit.check_form(&parts.headers, &take("form_token").unwrap_or_default())?;
        visit.back = take("back").filter(|back| is_page(back));
        check_utf8(&pairs).map_err(ApiError::Validation)?;
        let path = read_path(&mut parts).await;
        match (path, read_form(pairs)) {
            (Ok(path), Ok(fields)) => Ok(Self {
                visit,
                path,
                fields,
            }),
            (path, fields) => {
                let faults = [path.err(), fields.err()];
                Err(ApiError::Validation(
                    faults.into_iter().flatten().flatten().collect(),
                ))
            }
        }
    }
}

/// Whether a target is on this site. Browsers read `//host`, `/\host` and some control characters as another site.
pub fn is_page(target: &str) -> bool {
    let rest = target.strip_prefix('/');
    rest.is_some_and(|rest| {
        !rest.starts_with('/')
            && rest
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && byte != b'\\')
    })
}

/// The hidden fields of every form.
pub fn hidden(visit: &Visit) -> Markup {
    html! {
        input type="hidden" name="form_token" value=(visit.form_token);
        @if visit.principal.is_some() { input type="hidden" name="back" value=(visit.target); }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn redirect_targets_are_on_this_site() {
        for target in ["/", "/?q=a%20b", "/updates/1?x=//evil.example"] {
            assert!(super::is_page(target), "{target}");
        }
        for target in [
            "",
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "javascript:alert(1)",
        ] {
            assert!(!super::is_page(target), "{target}");
        }
    }
}
