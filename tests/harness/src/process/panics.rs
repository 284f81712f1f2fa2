//! Distinguishes panics of steps from those of a service in the same process.

use std::{
    cell::{Cell, RefCell},
    panic::Location,
};

thread_local! {
    static IN_STEP: Cell<bool> = const { Cell::new(false) };
    static PANICKED_AT: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs `poll` as part of a step, so that its panic counts as the step's.
pub fn in_step<T>(poll: impl FnOnce() -> T) -> T {
    IN_STEP.set(true);
    let polled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(poll));
    IN_STEP.set(false);
    match polled {
        Ok(polled) => polled,
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

/// Notes where a step panicked, for the panic hook. `false` if this thread isn't running a step.
pub fn note_step_panic(location: Option<&Location<'_>>) -> bool {
    if IN_STEP.get() {
        PANICKED_AT.set(location.map(ToString::to_string));
    }
    IN_STEP.get()
}

/// The place where the last step of this thread panicked; empty if unknown.
pub fn take_step_panic() -> String {
    PANICKED_AT.take().unwrap_or_default()
}
