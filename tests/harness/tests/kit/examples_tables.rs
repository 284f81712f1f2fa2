use bdd_harness::{Failure, Outcome, World, given, then, when};

#[given(expr = "there are {int} cucumbers")]
fn start(world: &mut World, count: i64) -> Outcome {
    world.ext::<Counts>().cucumbers = count;
    Ok(())
}

#[given(expr = "there are {int} friends")]
fn friends(world: &mut World, count: i64) -> Outcome {
    world.ext::<Counts>().friends = count;
    Ok(())
}

#[when(expr = "I eat {int} cucumbers")]
fn eat(world: &mut World, count: i64) -> Outcome {
    world.ext::<Counts>().cucumbers -= count;
    Ok(())
}

#[then(expr = "I should have {int} cucumbers")]
fn left(world: &mut World, expected: i64) -> Outcome {
    let count = world.ext::<Counts>().cucumbers;
    if count == expected {
        return Ok(());
    }
    Err(Failure::new(format!(
        "Expected values to be strictly equal:\n\n{count} !== {expected}\n"
    )))
}

#[then(expr = "each person can eat {int} cucumbers")]
fn share(world: &mut World, expected: i64) -> Outcome {
    let counts = world.ext::<Counts>();
    let count = counts.cucumbers / (counts.friends + 1);
    if count == expected {
        return Ok(());
    }
    Err(Failure::new(format!(
        "Expected values to be strictly equal:\n\n{count} !== {expected}\n"
    )))
}

#[derive(Default)]
struct Counts {
    cucumbers: i64,
    friends: i64,
}
