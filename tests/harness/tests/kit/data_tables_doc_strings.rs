use bdd_harness::{Step, World, given};

#[given(expr = "a step with a data table a doc string")]
fn table_first(_: &mut World, _: &Step) {}

#[given(expr = "a step with a doc string a data table")]
fn text_first(_: &mut World, _: &Step) {}
