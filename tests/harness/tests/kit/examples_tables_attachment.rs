use bdd_harness::{Outcome, World, when};

#[when(expr = "a JPEG image is attached")]
fn jpeg(world: &mut World) -> Outcome {
    let image = crate::file("cucumber.jpeg")?;
    world.attach_file("image/jpeg", image, None);
    Ok(())
}

#[when(expr = "a PNG image is attached")]
fn png(world: &mut World) -> Outcome {
    let image = crate::file("cucumber.png")?;
    world.attach_file("image/png", image, None);
    Ok(())
}
