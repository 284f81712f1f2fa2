//! Drains request bodies that no handler has read, because the response is known without them or they are too large.
//! A connection with the rest of a request in it would have to be closed, and a client that is still sending would see
//! a reset instead of the response. Time and length of the draining are limited.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{
    Error,
    body::{Body, Bytes, HttpBody},
    extract::{Request, State},
    http::{Response, header},
    middleware::Next,
};
use http_body_util::BodyExt;
use hyper::body::{Frame, SizeHint};
use tokio::{runtime::Handle, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::http::state::AppState;

/// The draining limit as a multiple of the body limit.
const FACTOR: usize = 16;
const TIMEOUT: Duration = Duration::from_secs(5);
/// How long a body may still take to arrive once the service is shutting down.
pub const SHUTDOWN_GRACE: Duration = Duration::from_millis(500);

pub async fn drain(State(state): State<AppState>, request: Request, next: Next) -> Response<Body> {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let expects_continue = request.headers().contains_key(header::EXPECT);
    let request = request.map(|body| {
        Body::new(Drained {
            body,
            has_ended: false,
            expects_continue,
            limit: state.body_limit.saturating_mul(FACTOR),
            draining: state.draining.clone(),
        })
    });
    next.run(request).await
}

/// A body whose rest is read when it is dropped.
struct Drained {
    body: Body,
    has_ended: bool,
    /// The client waits for "100 Continue" before it sends the body, so there is nothing to drain.
    expects_continue: bool,
    limit: usize,
    draining: CancellationToken,
}

impl HttpBody for Drained {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        self.expects_continue = false;
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        self.has_ended = !matches!(frame, Some(Ok(_)));
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Drained {
    fn drop(&mut self) {
        if self.has_ended || self.expects_continue || self.body.is_end_stream() {
            return;
        }
        // Without a runtime the process is ending.
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let rest = discard(std::mem::take(&mut self.body), self.limit);
        let draining = self.draining.clone();
        runtime.spawn(async move {
            let shutdown = async {
                draining.cancelled().await;
                tokio::time::sleep(SHUTDOWN_GRACE).await;
            };
            tokio::select! {
                _ = timeout(TIMEOUT, rest) => {}
                () = shutdown => {}
            }
        });
    }
}

async fn discard(mut body: Body, limit: usize) {
    let mut length = 0_usize;
    while let Some(Ok(frame)) = body.frame().await {
        length = length.saturating_add(frame.data_ref().map_or(0, Bytes::len));
        if length > limit {
            break;
        }
    }
}
