use bdd_harness::{Failure, Outcome, World, given};

#[given(expr = "a step that does not skip")]
fn passes(_: &mut World) {}

#[given(expr = "a step that is skipped")]
fn skipped(_: &mut World) {}

#[given(expr = "I skip a step")]
fn skips(_: &mut World) -> Outcome {
    Err(Failure::skipped(""))
}
