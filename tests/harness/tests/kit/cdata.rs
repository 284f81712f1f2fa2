use bdd_harness::{World, given};

#[given(expr = "I have {int} <![CDATA[cukes]]> in my belly")]
fn cukes(_: &mut World, _: usize) {}
