use bdd_harness::{World, given};

#[given(expr = "an order for {string}")]
fn order(_: &mut World, _: String) {}
