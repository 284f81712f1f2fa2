use bdd_harness::{Failure, Outcome, World, when};

#[when(expr = "a step passes")]
fn passes(_: &mut World) {}

#[when(expr = "a step fails")]
fn fails(_: &mut World) -> Outcome {
    Err(Failure::new("Exception in step"))
}
