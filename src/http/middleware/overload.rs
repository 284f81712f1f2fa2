//! Limits how many requests are handled at the same time, and how long each may take.

use std::{
    pin::pin,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use axum::{
    body::Body,
    extract::{Request, State},
    http::Response,
    middleware::Next,
    response::IntoResponse,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout_at},
};

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
    let began = Instant::now();
    let mut response = pin!(next.run(request));
    let mut timeout = state.request_timeout;
    let response = loop {
        match timeout_at(began + timeout, &mut response).await {
            Ok(response) => break response,
            Err(_) if timeout < state.request_timeout + permit.longer() => {
                timeout = state.request_timeout + permit.longer();
            }
            Err(_) => break ApiError::Timeout.into_response(),
        }
    };
    permit.release();
    response
}

/// Permits a request to be handled.
///
/// A request that waits, for example for its body, releases its permit meanwhile. Otherwise slow clients could hold all
/// permits while the service does nothing.
#[derive(Clone)]
pub struct InFlightPermit {
    permits: Arc<Semaphore>,
    taken: Arc<Mutex<Option<OwnedSemaphorePermit>>>,
    longer: Arc<OnceLock<Duration>>,
}

impl InFlightPermit {
    fn take(permits: &Arc<Semaphore>) -> Option<Self> {
        let permit = Arc::clone(permits).try_acquire_owned().ok()?;
        Some(Self {
            permits: Arc::clone(permits),
            taken: Arc::new(Mutex::new(Some(permit))),
            longer: Arc::default(),
        })
    }

    fn release(&self) {
        self.set(None);
    }

    /// Lets the request take this much longer than others, because its client has asked to wait.
    pub fn extend(&self, longer: Duration) {
        self.longer.get_or_init(|| longer);
    }

    fn longer(&self) -> Duration {
        self.longer.get().copied().unwrap_or_default()
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
