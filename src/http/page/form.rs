//! Reads forms. A form without the form token of the visitor's page is refused before its fields are read.

use axum::extract::{FromRequest, Request};
use maud::{Markup, html};

use super::visit::Visit;
use crate::http::error::ApiError;
use crate::http::input::{
    FromFields, Input, check_utf8, media_type, read_body, read_form, read_path,
};
use crate::http::state::AppState;

/// The path and the fields of a form.
pub struct Form<P = (), B = ()> {
    pub path: P,
    pub fields: B,
    /// The page to go back to.
    pub back: Option<String>,
}

impl<P> Form<P> {
    /// The path of the form, as the API's handlers take their input.
    pub fn input(self) -> Input<P> {
        Input::new(self.path, ())
    }
}

impl<P, B> Form<P, B> {
    /// The page to show after the form was handled.
    pub fn back_or(&self, page: &str) -> String {
        self.back.as_deref().unwrap_or(page).to_owned()
    }
}

impl<P: FromFields, B: FromFields> FromRequest<AppState> for Form<P, B> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, ApiError> {
        let (mut parts, body) = request.into_parts();
        let visit = parts
            .extensions
            .get::<Visit>()
            .cloned()
            .ok_or(ApiError::Internal)?;
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
        let back = take("back").filter(|back| is_page(back));
        check_utf8(&pairs).map_err(ApiError::Validation)?;
        let path = read_path(&mut parts).await;
        match (path, read_form(pairs)) {
            (Ok(path), Ok(fields)) => Ok(Self { path, fields, back }),
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
