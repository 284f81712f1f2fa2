use bdd_harness::{Step, World, given};

#[given(expr = "a doc string:")]
fn text(_: &mut World, _: &Step) {}
