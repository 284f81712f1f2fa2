//! The extractor that reads a whole request.

use axum::extract::{FromRequest, Request};

use super::fields::{FromFields, fields};
use super::text::ID;
use super::{body, uri};
use crate::domain::Id;
use crate::http::error::ApiError;
use crate::http::state::AppState;

/// The parsed path, query and body of a request. If any of them has faults: 400 with all of them.
pub struct Input<P = (), Q = (), B = ()> {
    pub path: P,
    pub query: Q,
    pub body: B,
}

impl<P, B> Input<P, (), B> {
    pub fn new(path: P, body: B) -> Self {
        Self {
            path,
            query: (),
            body,
        }
    }
}

impl<P: FromFields, Q: FromFields, B: FromFields> FromRequest<AppState> for Input<P, Q, B> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, ApiError> {
        let (mut parts, body) = request.into_parts();
        let path = uri::read_path(&mut parts).await;
        let query = uri::read_query(&parts.uri);
        let body = body::read(&parts, body, state).await;
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
