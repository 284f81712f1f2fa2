//! Reads and checks requests.
//!
//! [`fields!`] declares each field of a path, a query or a body once. Its parsing, its error messages and its OpenAPI
//! schema come from that line. [`Input`] reads all three parts of a request and reports their faults together.

mod body;
mod description;
mod field_type;
mod fields;
mod json;
mod text;
mod uri;

use axum::extract::{FromRequest, Request};

use super::AppState;
use super::error::ApiError;
use crate::domain::Id;

pub use body::{media_type, read_body, read_json};
pub use description::Description;
pub use field_type::{Bool, CommaSeparated, JsonObject, List, Number, Object, OneOf, True};
pub(super) use fields::fields;
pub use fields::{Fields, FromFields};
pub use text::{
    ANY_TEXT, EMAIL, Format, ID, LONG_TEXT, NAME, PASSWORD, PRICE, SECRET, SHORT_TEXT, TIME, Text,
    USERNAME, WEB_ADDRESS,
};

/// Path, query and body of a request without faults; otherwise 400 with all faults of the three.
pub struct Input<P = (), Q = (), B = ()> {
    pub path: P,
    pub query: Q,
    pub body: B,
}

impl<P: FromFields, Q: FromFields, B: FromFields> FromRequest<AppState> for Input<P, Q, B> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, ApiError> {
        let (mut parts, body) = request.into_parts();
        let path = uri::read_path(&mut parts).await;
        let query = uri::read_query(&parts.uri);
        let body = body::read(&parts.headers, body, state).await;
        match (path, query, body?) {
            (Ok(path), Ok(query), Ok(body)) => Ok(Self { path, query, body }),
            (path, query, body) => {
                let faults = [path.err(), query.err(), body.err()];
                Err(ApiError::Validation(
                    faults.into_iter().flatten().flatten().collect(),
                ))
            }
        }
    }
}

fields! {
    path struct PathId {
        id: required(ID) as Id = "0197a0a0-0000-7000-8000-000000000001",
    }
}
