use bdd_harness::{Failure, Outcome, World, given, then, when};

#[given(expr = "the customer has {int} cents")]
fn customer(world: &mut World, cents: i64) -> Outcome {
    world.ext::<Sale>().cents = cents;
    Ok(())
}

#[given(expr = "there are chocolate bars in stock")]
fn stock(world: &mut World) -> Outcome {
    world.ext::<Sale>().stock = 1;
    Ok(())
}

#[given(expr = "there are no chocolate bars in stock")]
fn no_stock(world: &mut World) -> Outcome {
    world.ext::<Sale>().stock = 0;
    Ok(())
}

#[when(expr = "the customer tries to buy a {int} cent chocolate bar")]
fn buy(world: &mut World, price: i64) -> Outcome {
    let sale = world.ext::<Sale>();
    sale.sold = sale.stock > 0 && sale.cents >= price;
    Ok(())
}

#[then(expr = "the sale should not happen")]
fn not_sold(world: &mut World) -> Outcome {
    if world.ext::<Sale>().sold {
        return Err(Failure::new("it was sold"));
    }
    Ok(())
}

#[then(expr = "the sale should happen")]
fn sold(world: &mut World) -> Outcome {
    if world.ext::<Sale>().sold {
        return Ok(());
    }
    Err(Failure::new("it was not sold"))
}

#[derive(Default)]
struct Sale {
    cents: i64,
    stock: usize,
    sold: bool,
}
