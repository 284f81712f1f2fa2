use bdd_harness::{World, given};

#[given(expr = "an implemented step")]
fn implemented(_: &mut World) {}

#[given(expr = "a step that will be skipped")]
fn skipped(_: &mut World) {}
