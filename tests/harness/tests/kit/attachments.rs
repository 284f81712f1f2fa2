use bdd_harness::{Failure, Outcome, Step, World, when, words::argument};

#[when(expr = "the string {string} is attached as {string}")]
fn text(world: &mut World, text: String, media_type: String) -> Outcome {
    world.attach(&media_type, text);
    Ok(())
}

#[when(expr = "the string {string} is logged")]
fn logged(world: &mut World, text: String) -> Outcome {
    world.log(text);
    Ok(())
}

#[when(expr = "text with ANSI escapes is logged")]
fn colours(world: &mut World) -> Outcome {
    let text = "This displays a \u{1b}[31mr\u{1b}[0m\u{1b}[91ma\u{1b}[0m\u{1b}[33mi\u{1b}[0m\u{1b}[32mn\u{1b}[0m\u{1b}[34mb\u{1b}[0m\u{1b}[95mo\u{1b}[0m\u{1b}[35mw\u{1b}[0m";
    world.log(text);
    Ok(())
}

#[when(expr = "the following string is attached as {string}:")]
fn docstring(world: &mut World, step: &Step, media_type: String) -> Outcome {
    let text = argument::docstring(step)?;
    world.attach(&media_type, text);
    Ok(())
}

#[when(expr = "an array with {int} bytes is attached as {string}")]
fn bytes(world: &mut World, count: u8, media_type: String) -> Outcome {
    let bytes: Vec<u8> = (0..count).collect();
    world.attach_file(&media_type, bytes, None);
    Ok(())
}

#[when(expr = "a PDF document is attached and renamed")]
fn renamed(world: &mut World) -> Outcome {
    let document = crate::file("document.pdf")?;
    world.attach_file("application/pdf", document, Some("renamed.pdf"));
    Ok(())
}

#[when(expr = "a link to {string} is attached")]
fn link(world: &mut World, link: String) -> Outcome {
    world.attach("text/uri-list", link);
    Ok(())
}

#[when(expr = "the string {string} is attached as {string} before a failure")]
fn failing(world: &mut World, text: String, media_type: String) -> Outcome {
    world.attach(&media_type, text);
    Err(Failure::new("whoops"))
}
