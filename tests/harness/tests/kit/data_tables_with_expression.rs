use bdd_harness::{Step, World, given};

#[given(expr = "a {string} with a table")]
fn table(_: &mut World, _: &Step, _: String) {}
