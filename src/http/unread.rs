//! Bodies that nobody reads, because the answer is known without them or they are too large. A connection with the
//! rest of a request in it would have to be closed, and a client that is still sending would see a reset instead of
//! the answer. So the rest is read and thrown away, as long as it isn't too much and doesn't take too long.

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
use hyper::body::{Frame, SizeHint};
use tokio::{runtime::Handle, time::timeout};
use tokio_util::sync::CancellationToken;

use super::AppState;

/// How many times the limit of a body is read and thrown away.
const FACTOR: usize = 16;
/// How long that may go on.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How long once the service is ending.
pub const STOPPING_PATIENCE: Duration = Duration::from_millis(500);

/// Sees to the rest of every body.
pub async fn drain(State(state): State<AppState>, request: Request, next: Next) -> Response<Body> {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let asks_first = request.headers().contains_key(header::EXPECT);
    let request = request.map(|body| {
        Body::new(Drained {
            body,
            ended: false,
            asks_first,
            most: state.body_limit.saturating_mul(FACTOR),
            stopping: state.draining.clone(),
        })
    });
    next.run(request).await
}

/// A body whose rest is read when it is dropped.
struct Drained {
    body: Body,
    ended: bool,
    /// Whether the client waits to be told to go on: until then it hasn't sent anything, and needn't.
    asks_first: bool,
    most: usize,
    stopping: CancellationToken,
}

impl HttpBody for Drained {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        self.asks_first = false;
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        self.ended = !matches!(frame, Some(Ok(_)));
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
        if self.ended || self.asks_first || self.body.is_end_stream() {
            return;
        }
        // Without a runtime the whole process is ending.
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let rest = read(std::mem::take(&mut self.body), self.most);
        let stopping = self.stopping.clone();
        runtime.spawn(async move {
            let too_late = async {
                stopping.cancelled().await;
                tokio::time::sleep(STOPPING_PATIENCE).await;
            };
            // Whether it was all or not doesn't matter any more.
            tokio::select! {
                _ = timeout(TIMEOUT, rest) => {}
                () = too_late => {}
            }
        });
    }
}

async fn read(mut body: Body, most: usize) {
    let mut length = 0_usize;
    while let Some(Ok(frame)) =
        std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await
    {
        length = length.saturating_add(frame.data_ref().map_or(0, Bytes::len));
        if length > most {
            break;
        }
    }
}
