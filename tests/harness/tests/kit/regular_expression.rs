use bdd_harness::{World, given};

#[given(regex = "^a (.*?)(?: and a (.*?))?(?: and a (.*?))?$")]
fn vegetables(_: &mut World, _: String, _: String, _: String) {}
