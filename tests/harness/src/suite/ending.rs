//! The end of a run: its exit code, and the effect of signals.

use std::{cell::Cell, rc::Rc};

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::{
    failure::{Failure, Misuse},
    output::complain,
};

pub(super) const PASSED: u8 = 0;
pub(super) const FAILED: u8 = 1;
pub(super) const MISUSED: u8 = 2;
pub(super) const PANICKED: u8 = 101;
pub(super) const INTERRUPTED: u8 = 130;

/// Why a run ends before its scenarios.
pub(super) enum Stop {
    Misuse(Misuse),
    Failure(String),
}

impl Stop {
    pub(super) fn reason(&self) -> &str {
        match self {
            Self::Misuse(misuse) => &misuse.0,
            Self::Failure(failure) => failure,
        }
    }
}

impl From<Misuse> for Stop {
    fn from(misuse: Misuse) -> Self {
        Self::Misuse(misuse)
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure.to_string())
    }
}

/// Runs a future that shuts down in good order when a signal arrives. Returns its exit code, or the signal's.
pub(super) async fn guarded<F: Future<Output = Result<u8, Stop>>>(
    work: impl FnOnce(CancellationToken) -> F,
) -> u8 {
    let interrupted = CancellationToken::new();
    let by = Rc::new(Cell::new(None));
    tokio::task::LocalSet::new()
        .run_until(async {
            tokio::task::spawn_local(listen(interrupted.clone(), Rc::clone(&by)));
            let code = work(interrupted).await;
            by.get().unwrap_or_else(|| exit_code(code))
        })
        .await
}

/// The exit code of a run. Prints why it ended before its scenarios.
pub(super) fn exit_code(ended: Result<u8, Stop>) -> u8 {
    ended.unwrap_or_else(|stop| {
        complain(format_args!("error: {}", stop.reason()));
        match stop {
            Stop::Misuse(_) => MISUSED,
            Stop::Failure(_) => FAILED,
        }
    })
}

/// The first signal ends the run in good order, the second one at once. Then guardians clean up.
async fn listen(interrupted: CancellationToken, by: Rc<Cell<Option<u8>>>) {
    let (Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)) = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
        signal(SignalKind::hangup()),
    ) else {
        return;
    };
    loop {
        let code = tokio::select! {
            _ = interrupt.recv() => INTERRUPTED,
            _ = terminate.recv() => 143,
            _ = hangup.recv() => 129,
        };
        if by.replace(Some(code)).is_some() {
            std::process::exit(i32::from(code));
        }
        complain("\ninterrupted: everything is being taken down; a second signal ends it at once");
        interrupted.cancel();
    }
}
