use bdd_harness::{World, given};

#[given(expr = "an ambiguous step")]
fn one(_: &mut World) {}

#[given(expr = "an ambiguous step")]
fn other(_: &mut World) {}
