use bdd_harness::{World, given};

#[given(regex = "^a (.*?) with (.*?)$")]
fn one(_: &mut World, _: String, _: String) {}

#[given(regex = "^a step with (.*?)$")]
fn other(_: &mut World, _: String) {}
