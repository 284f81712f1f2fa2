use bdd_harness::{World, given, then, when};

#[given(expr = "an order for {string}")]
fn order(_: &mut World, _: String) {}

#[when(expr = "an action")]
fn action(_: &mut World) {}

#[then(expr = "an outcome")]
fn outcome(_: &mut World) {}
