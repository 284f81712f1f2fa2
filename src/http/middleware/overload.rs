//! Limits how many requests are worked on, and how long each may take.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    body::Body,
    extract::{Request, State},
    http::Response,
    middleware::Next,
    response::IntoResponse,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::http::error::ApiError;
use crate::http::state::AppState;

/// A request that runs into the timeout leaves no transaction open: transactions run in tasks of their own.
pub async fn limit(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response<Body> {
    let Some(place) = Place::take(&state.in_flight) else {
        return ApiError::Unavailable.into_response();
    };
    request.extensions_mut().insert(place.clone());
    let response = tokio::time::timeout(state.request_timeout, next.run(request)).await;
    place.leave();
    response.unwrap_or_else(|_| ApiError::Timeout.into_response())
}

/// A request's place among those that are worked on.
///
/// A request that waits for its client gives its place up meanwhile: otherwise clients that send slowly could take all
/// places and cost the service nothing but them.
#[derive(Clone)]
pub struct Place {
    places: Arc<Semaphore>,
    taken: Arc<Mutex<Option<OwnedSemaphorePermit>>>,
}

impl Place {
    fn take(places: &Arc<Semaphore>) -> Option<Self> {
        let permit = Arc::clone(places).try_acquire_owned().ok()?;
        Some(Self {
            places: Arc::clone(places),
            taken: Arc::new(Mutex::new(Some(permit))),
        })
    }

    fn leave(&self) {
        self.set(None);
    }

    /// Waits without a place. 503 if all are taken afterwards.
    pub async fn while_waiting<T>(&self, wait: impl Future<Output = T>) -> Result<T, ApiError> {
        self.leave();
        let done = wait.await;
        let permit = Arc::clone(&self.places).try_acquire_owned();
        self.set(Some(permit.map_err(|_| ApiError::Unavailable)?));
        Ok(done)
    }

    fn set(&self, permit: Option<OwnedSemaphorePermit>) {
        *self.taken.lock().unwrap_or_else(PoisonError::into_inner) = permit;
    }
}
