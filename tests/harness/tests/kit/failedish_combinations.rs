use bdd_harness::{Failure, Outcome, World, given};

#[given(regex = "^a step$")]
fn a_step(_: &mut World) {}

#[given(regex = "^a skipped step$")]
fn skipped(_: &mut World) -> Outcome {
    Err(Failure::skipped(""))
}

#[given(regex = "^a pending step$")]
fn pending(_: &mut World) -> Outcome {
    Err(Failure::pending(""))
}

#[given(regex = "^an ambiguous (.*?)$")]
fn one(_: &mut World, _: String) {}

#[given(regex = "^(.*?) ambiguous step$")]
fn other(_: &mut World, _: String) {}

#[given(regex = "^a failing step$")]
fn failing(_: &mut World) -> Outcome {
    Err(Failure::new("whoops"))
}
