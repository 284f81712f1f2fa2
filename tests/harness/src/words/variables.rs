//! Steps that save values for later.

use bdd_harness::{given, when};

use crate::{
    failure::{Failure, Outcome},
    json::{Json, path::JsonPath},
    registry::Text,
    world::World,
};

/// Sets a variable to a text. From now on `{{name}}` means this text. Example: `Given the variable "email" is
/// "{{$fake.email}}"`.
#[given(expr = "the variable {string} is {string}")]
fn the_variable_is(world: &mut World, name: Text, value: Text) -> Outcome {
    save(world, &name, value.0.into())
}

/// Saves a value of the response as a variable, with its JSON type. Example: `Then I save the response JSON at "$.id"
/// as "order_id"`.
#[when(expr = "I save the response JSON at {string} as {string}")]
fn i_save_the_response_json(world: &mut World, path: Text, name: Text) -> Outcome {
    let path = JsonPath::parse(&path)?;
    let json = world.client.answer()?.json()?;
    match path.find(&json) {
        Ok(value) => save(world, &name, value.clone()),
        Err(missing) => Err(format!("at {path} is {missing}").into()),
    }
}

/// Saves a header of the response as a variable.
#[when(expr = "I save the response header {string} as {string}")]
fn i_save_the_response_header(world: &mut World, header: Text, name: Text) -> Outcome {
    let answer = world.client.answer()?;
    match answer.header(&header)[..] {
        [] => Err(Failure::new(format!("the response has no header {header}"))),
        [value] => {
            let value = value.to_owned();
            save(world, &name, value.into())
        }
        ref several => Err(Failure::new(format!(
            "the response has the header {header} {} times: {}",
            several.len(),
            several.join(" and ")
        ))),
    }
}

/// Its name may have variables in it: a word can save `{{username}}_id`.
pub(super) fn save(world: &mut World, name: &Text, value: Json) -> Outcome {
    let odd = |c: char| c.is_whitespace() || matches!(c, '{' | '}' | ',' | ':' | '[' | ']');
    if name.is_empty() || name.starts_with('$') || name.contains(odd) {
        return Err(format!(
            "`{name}` can't be the name of a variable: write letters, digits, `_`, `-` and dots"
        )
        .into());
    }
    world.variables.set(&name.0, value);
    Ok(())
}
