use bdd_harness::{Failure, Outcome, World, given};

#[given(expr = "an unimplemented pending step")]
fn pending(_: &mut World) -> Outcome {
    Err(Failure::pending("TODO"))
}
