//! Panics of steps, told apart from those of a service in the same process.

use std::{
    cell::{Cell, RefCell},
    panic::Location,
};

thread_local! {
    static IN_STEP: Cell<bool> = const { Cell::new(false) };
    static PANICKED_AT: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs `poll` as a part of a step: a panic in it is the step's.
pub fn in_step<T>(poll: impl FnOnce() -> T) -> T {
    IN_STEP.set(true);
    let polled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(poll));
    IN_STEP.set(false);
    match polled {
        Ok(polled) => polled,
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

/// Notes where a step panicked, for the panic hook; `false` when this thread runs no step just now.
pub fn note_step_panic(location: Option<&Location<'_>>) -> bool {
    if IN_STEP.get() {
        PANICKED_AT.set(location.map(ToString::to_string));
    }
    IN_STEP.get()
}

/// Where the last step of this thread panicked; empty when that isn't known.
pub fn take_step_panic() -> String {
    PANICKED_AT.take().unwrap_or_default()
}
