//! Steps for the OpenAPI description.

use bdd_harness::given;
use bdd_harness::json::Json;

use bdd_harness::{
    failure::{Failure, Outcome},
    world::World,
};

/// The last response is an OpenAPI 3.1 description in which every field and parameter has an example, allowed values,
/// fields of its own, or a reference to a schema.
#[given(expr = "every field and every parameter of the description has an example")]
fn everything_has_an_example(world: &mut World) -> Outcome {
    let description = world.client.answer()?.json()?;
    let mut without = Vec::new();
    let schemas = members(&description["components"]["schemas"]);
    for (name, schema) in schemas {
        fields_without(name, schema, &mut without);
    }
    let operations = members(&description["paths"]).flat_map(|(path, item)| {
        members(item).map(move |(method, operation)| (path, method, operation))
    });
    for (path, method, operation) in operations {
        for parameter in items(&operation["parameters"]) {
            if !is_explained(parameter) && !is_explained(&parameter["schema"]) {
                without.push(format!("{method} {path}: {}", parameter["name"]));
            }
        }
    }
    if without.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "without an example:\n  {}",
        without.join("\n  ")
    )))
}

fn fields_without(name: &str, schema: &Json, without: &mut Vec<String>) {
    for (field, value) in members(&schema["properties"]) {
        let path = format!("{name}.{field}");
        fields_without(&path, value, without);
        if !is_explained(value) {
            without.push(path);
        }
    }
    if let Some(item) = schema.get("items") {
        fields_without(name, item, without);
    }
    for kind in ["oneOf", "allOf"] {
        for part in items(&schema[kind]) {
            fields_without(name, part, without);
        }
    }
}

fn is_explained(schema: &Json) -> bool {
    let explained = ["example", "enum", "$ref", "properties"]
        .iter()
        .any(|key| schema.get(key).is_some());
    explained
        || schema.get("items").is_some_and(is_explained)
        || items(&schema["oneOf"]).any(is_explained)
}

fn members(object: &Json) -> impl Iterator<Item = &(String, Json)> {
    object.as_object().into_iter().flatten()
}

fn items(list: &Json) -> impl Iterator<Item = &Json> {
    list.as_array().into_iter().flatten()
}
