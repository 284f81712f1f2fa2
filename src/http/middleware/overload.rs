//! Limits how many requests are handled at the same time, and how long each may take.

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
    let Some(permit) = InFlightPermit::take(&state.in_flight) else {
        return ApiError::Unavailable.into_response();
    };
    request.extensions_mut().insert(permit.clone());
    let response = tokio::time::timeout(state.request_timeout, next.run(request)).await;
    permit.release();
    response.unwrap_or_else(|_| ApiError::Timeout.into_response())
}

/// Permits a request to be handled.
///
/// A request that waits, for example for its body, releases its permit meanwhile. Otherwise slow clients could hold all
/// permits while the service does nothing.
#[derive(Clone)]
pub struct InFlightPermit {
    permits: Arc<Semaphore>,
    taken: Arc<Mutex<Option<OwnedSemaphorePermit>>>,
}

impl InFlightPermit {
    fn take(permits: &Arc<Semaphore>) -> Option<Self> {
        let permit = Arc::clone(permits).try_acquire_owned().ok()?;
        Some(Self {
            permits: Arc::clone(permits),
            taken: Arc::new(Mutex::new(Some(permit))),
        })
    }

    fn release(&self) {
        self.set(None);
    }

    /// Waits without the permit. 503 if no permit is free afterwards.
    pub async fn while_waiting<T>(&self, wait: impl Future<Output = T>) -> Result<T, ApiError> {
        self.release();
        let done = wait.await;
        let permit = Arc::clone(&self.permits).try_acquire_owned();
        self.set(Some(permit.map_err(|_| ApiError::Unavailable)?));
        Ok(done)
    }

    fn set(&self, permit: Option<OwnedSemaphorePermit>) {
        *self.taken.lock().unwrap_or_else(PoisonError::into_inner) = permit;
    }
}
