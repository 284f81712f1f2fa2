use std::sync::atomic::{AtomicUsize, Ordering};

use bdd_harness::{Failure, Outcome, World, given};

#[given(expr = "a step that always passes")]
fn passes(_: &mut World) {}

#[given(expr = "a step that passes the second time")]
fn second(_: &mut World) -> Outcome {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    if COUNT.fetch_add(1, Ordering::Relaxed) < 1 {
        return Err(Failure::new("Exception in step"));
    }
    Ok(())
}

#[given(expr = "a step that passes the third time")]
fn third(_: &mut World) -> Outcome {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    if COUNT.fetch_add(1, Ordering::Relaxed) < 2 {
        return Err(Failure::new("Exception in step"));
    }
    Ok(())
}

#[given(expr = "a step that always fails")]
fn fails(_: &mut World) -> Outcome {
    Err(Failure::new("Exception in step"))
}
