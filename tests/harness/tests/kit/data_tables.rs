use bdd_harness::{Failure, Outcome, Step, World, then, when};

#[when(expr = "the following table is transposed:")]
fn transposed(world: &mut World, step: &Step) -> Outcome {
    let rows = step.table.as_ref().map(|table| table.rows.clone());
    let rows = rows.unwrap_or_default();
    let width = rows.first().map_or(0, Vec::len);
    let column = |at: usize| rows.iter().map(|row| row[at].clone()).collect();
    world.ext::<Transposed>().0 = (0..width).map(column).collect();
    Ok(())
}

#[then(expr = "it should be:")]
fn should_be(world: &mut World, step: &Step) -> Outcome {
    let expected = step.table.as_ref().map(|table| &table.rows);
    if expected == Some(&world.ext::<Transposed>().0) {
        return Ok(());
    }
    Err(Failure::new("the table is another"))
}

#[derive(Default)]
struct Transposed(Vec<Vec<String>>);
