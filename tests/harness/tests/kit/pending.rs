use bdd_harness::{Failure, Outcome, World, given};

#[given(expr = "an implemented non-pending step")]
fn implemented(_: &mut World) {}

#[given(expr = "an implemented step that is skipped")]
fn skipped(_: &mut World) {}

#[given(expr = "an unimplemented pending step")]
fn pending(_: &mut World) -> Outcome {
    Err(Failure::pending(""))
}
