//! Runs a function of a step or a hook: with a time limit, until an interruption, and without being harmed by a panic.

use std::{any::Any, panic::AssertUnwindSafe, time::Duration};

use futures::FutureExt as _;
use tokio_util::sync::CancellationToken;

use crate::{
    failure::{Failure, Kind, Outcome},
    process::panics,
    report::record::Status,
    runner::trace::status_of,
};

/// The time limit of a function, and what interrupts it.
pub struct Patience<'a> {
    pub limit: Duration,
    pub interrupted: &'a CancellationToken,
}

/// The default time limit. It is long enough for a busy machine: only a function that hangs takes so long.
pub const LIMIT: Duration = Duration::from_mins(2);

/// Why a function didn't pass.
pub struct Ended {
    pub status: Status,
    pub message: String,
    /// It was stopped in the middle.
    pub abandoned: bool,
}

/// Runs the function. `what` is its name in messages: `step` or `hook`.
pub async fn guarded(
    function: impl Future<Output = Outcome> + Unpin,
    what: &str,
    patience: &Patience<'_>,
) -> Result<(), Ended> {
    let ended = |status, message, abandoned| Ended {
        status,
        message,
        abandoned,
    };
    let limit = patience.limit;
    let done = AssertUnwindSafe(Watched(function)).catch_unwind();
    Err(tokio::select! {
        done = tokio::time::timeout(limit, done) => match done {
            Ok(Ok(Ok(()))) => return Ok(()),
            Ok(Ok(Err(failure))) => ended(status_of(failure.kind), text(&failure, what), false),
            Ok(Err(panic)) => ended(Status::Failed, panicked(panic.as_ref(), what), false),
            Err(_) => ended(Status::Failed, format!("the {what} took longer than {limit:?} (--step-timeout)"), true),
        },
        () = patience.interrupted.cancelled() => ended(Status::Interrupted, "interrupted".to_owned(), true),
    })
}

/// Marks the thread while a future is polled, so that the panic hook can recognise its panics.
struct Watched<F>(F);

impl<F: Future + Unpin> Future for Watched<F> {
    type Output = F::Output;

    fn poll(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<F::Output> {
        panics::in_step(|| self.0.poll_unpin(context))
    }
}

/// The message, with a note for a pending step.
fn text(failure: &Failure, what: &str) -> String {
    match (failure.kind, failure.to_string()) {
        (Kind::Pending, text) if text.is_empty() => {
            format!("this {what} is pending: it isn't written yet")
        }
        (_, text) => text,
    }
}

/// The message of a panic, with its place.
fn panicked(panic: &(dyn Any + Send), what: &str) -> String {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("(no message)");
    let place = panics::take_step_panic();
    format!("the {what} panicked: {text}\n(at {place})")
}
