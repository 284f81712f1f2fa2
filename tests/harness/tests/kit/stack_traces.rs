use bdd_harness::{Failure, Outcome, World, when};

#[when(expr = "a step throws an exception")]
fn throws(_: &mut World) -> Outcome {
    Err(Failure::new("BOOM"))
}
