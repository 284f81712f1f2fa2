use bdd_harness::{Step, World, given};

#[given(expr = "a {string} with a doc string:")]
fn text(_: &mut World, _: &Step, _: String) {}
