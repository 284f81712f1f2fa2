use bdd_harness::{World, given};

#[given(expr = "a step that is used")]
fn used(_: &mut World) {}

#[given(expr = "a step that is not used")]
fn not_used(_: &mut World) {}
