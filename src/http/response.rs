//! Responses that several resources share.

use axum::{
    Json,
    http::{HeaderName, StatusCode, header},
};
use serde::Serialize;

use super::error::ApiError;
use crate::domain::Id;

/// Marks a response as a page, so that no problem replaces its body.
#[derive(Debug, Clone, Copy)]
pub struct PageMarker;

/// Declares a response, and how a row of the store is converted to it. A field has the value of the row's field with the same
/// name, or of the expression behind it:
///
/// ```text
/// response! {
///     UserResponse from user: User {
///         username: String,
///         is_admin: bool = user.role == Role::Admin,
///     }
/// }
/// ```
macro_rules! response {
    ($response:ident from $row:ident: $type:ty { $(
        $(#[$attribute:meta])*
        $visibility:vis $field:ident: $rust:ty $(= $value:expr)?,
    )+ }) => {
        #[derive(serde::Serialize, utoipa::ToSchema)]
        pub struct $response {
            $($(#[$attribute])* $visibility $field: $rust,)+
        }

        impl From<$type> for $response {
            fn from($row: $type) -> Self {
                Self {
                    $($field: $crate::http::response::response!(@value $row.$field $(, $value)?),)+
                }
            }
        }
    };
    (@value $own:expr) => { $own };
    (@value $own:expr, $value:expr) => { $value };
}
pub(super) use response;

/// 200 with the row, or 404 without one.
pub fn found<R, T: From<R>>(row: Option<R>) -> Result<Json<T>, ApiError> {
    row.map(|row| Json(row.into())).ok_or(ApiError::NotFound)
}

/// 204, or 404 if there was nothing to delete.
pub fn deleted(was_there: bool) -> Result<StatusCode, ApiError> {
    if was_there {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::NotFound)
    }
}

/// A response with one header.
pub type WithHeader<T, V> = (StatusCode, [(HeaderName, V); 1], Json<T>);

/// 201 with the path of the new resource; `list` is the path of its list, relative to `/api/v1`.
pub fn created<T: Serialize>(list: &str, id: Id, body: T) -> WithHeader<T, String> {
    let location = format!("/api/v1{list}/{id}");
    (
        StatusCode::CREATED,
        [(header::LOCATION, location)],
        Json(body),
    )
}

/// A response that contains a secret, so no cache may store it (RFC 9111 §5.2.2.5).
pub fn not_cached<T: Serialize>(status: StatusCode, body: T) -> WithHeader<T, &'static str> {
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body))
}
