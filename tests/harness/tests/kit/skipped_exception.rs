use bdd_harness::{Failure, Outcome, World, given};

#[given(expr = "I skip a step")]
fn skips(_: &mut World) -> Outcome {
    Err(Failure::skipped("skipping"))
}
