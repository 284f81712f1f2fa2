use bdd_harness::{Failure, Outcome, World, given};

#[given(expr = "a pending step")]
fn pending(_: &mut World) -> Outcome {
    Err(Failure::pending(""))
}
