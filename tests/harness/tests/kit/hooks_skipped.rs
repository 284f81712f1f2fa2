use bdd_harness::{Failure, Outcome, World, given};

#[given(expr = "a normal step")]
fn normal(_: &mut World) {}

#[given(expr = "a step that skips")]
fn skips(_: &mut World) -> Outcome {
    Err(Failure::skipped(""))
}
