//! Steps about the JSON of the response.

use bdd_harness::then;
use gherkin::Step;

use crate::{
    failure::{Failure, Outcome},
    http::Answer,
    json::{
        self, Comparison, Json, Mode,
        path::{JsonPath, Missing},
    },
    registry::Text,
    words::argument,
    world::World,
};

const DIFFERS: &str = "the response JSON isn't as expected";

/// The response is exactly this JSON, without further members. Matchers such as `"#uuid"` work.
#[then(expr = "the response JSON is:")]
fn the_response_json_is(world: &mut World, step: &Step) -> Outcome {
    whole(world, step, Mode::Exact)
}

/// The response contains this JSON. Objects may have more members, at every depth. Arrays must have the same number of
/// items, in the same order. Matchers such as `"#uuid"` work.
#[then(expr = "the response JSON contains:")]
fn the_response_json_contains(world: &mut World, step: &Step) -> Outcome {
    whole(world, step, Mode::Subset)
}

/// One value of the response: a string is compared as text, anything else as JSON or by a matcher. Example: `Then the
/// response JSON at "$.data[0].name" is "Ada"`.
#[then(expr = "the response JSON at {string} is {string}")]
fn the_response_json_at_is(world: &mut World, path: Text, expected: Text) -> Outcome {
    let path = JsonPath::parse(&path)?;
    let json = world.client.answer()?.json()?;
    world
        .variables
        .settle(one_value(&path, &expected, &json)?, DIFFERS)
}

/// Several values of the response: a table `| path | value or matcher |`.
#[then(expr = "the response JSON has:")]
fn the_response_json_has(world: &mut World, step: &Step) -> Outcome {
    let (heading, _) = argument::filled_table(step)?;
    if heading.first().is_some_and(|first| first.starts_with('$')) {
        return Err(
            "the table's first row is its heading: write | path | value | above the paths".into(),
        );
    }
    let lines = argument::pairs(step, "path | value", &mut world.variables)?;
    let json = world.client.answer()?.json()?;
    let mut comparison = Comparison::default();
    for (path, expected) in &lines {
        comparison.join(one_value(&JsonPath::parse(path)?, expected, &json)?);
    }
    world.variables.settle(comparison, DIFFERS)
}

/// The number of items of an array. Example: `Then the response JSON at "$.data" has 2 items`.
#[then(expr = "the response JSON at {string} has {int} item(s)")]
fn the_response_json_at_has_items(world: &mut World, path: Text, count: usize) -> Outcome {
    let path = JsonPath::parse(&path)?;
    let json = world.client.answer()?.json()?;
    let items = array(&path, &json)?;
    let mut comparison = Comparison::default();
    if items.len() != count {
        let found = Json::Array(items.to_vec());
        let found = format!("{}: {}", json::items(items.len()), json::shown(&found));
        comparison.miss(&path.to_string(), json::items(count), found);
    }
    world.variables.settle(comparison, DIFFERS)
}

/// Every item of the array contains this JSON. An empty array fails, because it would prove nothing.
#[then(expr = "every item of the response JSON at {string} contains:")]
fn every_item_contains(world: &mut World, step: &Step, path: Text) -> Outcome {
    let path = JsonPath::parse(&path)?;
    let expected = world.variables.json(&argument::docstring(step)?)?;
    let json = world.client.answer()?.json()?;
    let items = array(&path, &json)?;
    if items.is_empty() {
        return Err(format!(
            "the array at {path} is empty, so this would always be true: write `the response JSON at \"{path}\" \
             has 0 items` if it should be"
        )
        .into());
    }
    let mut comparison = Comparison::default();
    for (index, item) in items.iter().enumerate() {
        let at = format!("{path}[{index}]");
        comparison.join(json::compare(Mode::Subset, &expected, Some(item), &at)?);
    }
    world.variables.settle(comparison, DIFFERS)
}

/// Each of these items is in the array, in any order. The array may have more items. Below the step is a JSON array, or
/// a table whose headings are paths.
#[then(expr = "the response JSON at {string} contains in any order:")]
fn contains_in_any_order(world: &mut World, step: &Step, path: Text) -> Outcome {
    let path = JsonPath::parse(&path)?;
    let at = path.to_string();
    let comparison = if step.table.is_some() {
        let (paths, rows) = expected_rows(world, step)?;
        let json = world.client.answer()?.json()?;
        let shown: Vec<String> = rows.iter().map(|row| row.join(" | ")).collect();
        json::in_any_order(&shown, array(&path, &json)?, &at, |number, item, at| {
            let mut comparison = Comparison::default();
            for (path, cell) in paths.iter().zip(&rows[number]) {
                let place = path.to_string().replacen('$', at, 1);
                comparison.join(json::compare_text(cell, path.find(item).ok(), &place)?);
            }
            Ok(comparison)
        })?
    } else {
        let Json::Array(expected) = world.variables.json(&argument::docstring(step)?)? else {
            return Err("write a JSON array below this step: [ … ]".into());
        };
        if expected.is_empty() {
            return Err(format!(
                "every array contains the items of []: write `the response JSON at \"{path}\" has 0 items` if it \
                 should be empty"
            )
            .into());
        }
        let json = world.client.answer()?.json()?;
        let shown: Vec<String> = expected.iter().map(json::shown).collect();
        json::in_any_order(&shown, array(&path, &json)?, &at, |number, item, at| {
            json::compare(Mode::Subset, &expected[number], Some(item), at)
        })?
    };
    world.variables.settle(comparison, DIFFERS)
}

/// The response is `application/problem+json` (RFC 9457), its `type` ends with `/problems/` and this code, and its
/// `status` equals the response's status. Example: `Then the response is the problem "not-found"`.
#[then(expr = "the response is the problem {string}")]
fn the_response_is_the_problem(world: &mut World, code: Text) -> Outcome {
    let answer = world.client.answer()?;
    let mut comparison = Comparison::default();
    let media_type = answer.header("content-type").join(", ");
    if media_type.split(';').next().map(str::trim) == Some("application/problem+json") {
        problem(answer, &code, &mut comparison)?;
    } else {
        let found = if media_type.is_empty() {
            "none"
        } else {
            &media_type
        };
        comparison.miss(
            "header content-type",
            "application/problem+json".to_owned(),
            format!("{found} ({})", answer.brief()),
        );
    }
    world.variables.settle(
        comparison,
        &format!("the response isn't the problem {code}"),
    )
}

/// All of these fields, comma separated, are among the `errors` of the problem; others may be as well. `errors` is an array
/// of objects with a `field` or a `pointer` such as `#/name`, or an object whose members have the fields' names.
/// Example: `Then the problem names the fields "username, password"`.
#[then(expr = "the problem names the field(s) {string}")]
fn the_problem_names_the_fields(world: &mut World, fields: Text) -> Outcome {
    let json = world.client.answer()?.json()?;
    let errors = &json["errors"];
    let named: Vec<&str> = match errors.as_object() {
        Some(errors) => errors.iter().map(|(field, _)| field.as_str()).collect(),
        None => array(&JsonPath::parse("$.errors")?, &json)?
            .iter()
            .filter_map(field_of)
            .collect(),
    };
    let place = if errors.as_object().is_some() {
        "$.errors"
    } else {
        "$.errors[].field"
    };
    let mut comparison = Comparison::default();
    for field in fields.split(',').map(str::trim) {
        if field.is_empty() {
            return Err("write the names of fields, separated by commas".into());
        }
        if !named.contains(&field) {
            let found = if named.is_empty() {
                "no field".to_owned()
            } else {
                named.join(", ")
            };
            comparison.miss(place, field.to_owned(), found);
        }
    }
    world
        .variables
        .settle(comparison, "the problem doesn't name every field")
}

fn field_of(error: &Json) -> Option<&str> {
    let pointer = || error["pointer"].as_str()?.strip_prefix("#/");
    error["field"].as_str().or_else(pointer)
}

fn problem(answer: &Answer, code: &str, comparison: &mut Comparison) -> Outcome {
    let json = answer.json()?;
    let ending = format!("/problems/{code}");
    if !json["type"]
        .as_str()
        .is_some_and(|kind| kind.ends_with(&ending))
    {
        let found = format!("{} ({})", json["type"], answer.brief());
        comparison.miss("$.type", format!("…{ending}"), found);
    }
    let status = Json::from(answer.status);
    comparison.join(json::compare(
        Mode::Exact,
        &status,
        json.get("status"),
        "$.status",
    )?);
    Ok(())
}

fn whole(world: &mut World, step: &Step, mode: Mode) -> Outcome {
    let expected = world.variables.json(&argument::docstring(step)?)?;
    let json = world.client.answer()?.json()?;
    world
        .variables
        .settle(json::compare(mode, &expected, Some(&json), "$")?, DIFFERS)
}

fn one_value(path: &JsonPath, expected: &str, json: &Json) -> Result<Comparison, Failure> {
    let at = path.to_string();
    match path.find(json) {
        Ok(found) => json::compare_text(expected, Some(found), &at),
        Err(missing) => {
            let mut comparison = json::compare_text(expected, None, &at)?;
            for mismatch in &mut comparison.mismatches {
                mismatch.found = missing.to_string();
            }
            Ok(comparison)
        }
    }
}

fn array<'a>(path: &JsonPath, json: &'a Json) -> Result<&'a [Json], Failure> {
    let found = path
        .find(json)
        .map_err(|missing: Missing| Failure::new(format!("at {path} is {missing}")))?;
    found.as_array().ok_or_else(|| {
        Failure::new(format!(
            "the value at {path} isn't an array: {} ({})",
            json::shown(found),
            found.kind()
        ))
    })
}

fn expected_rows(
    world: &mut World,
    step: &Step,
) -> Result<(Vec<JsonPath>, Vec<Vec<String>>), Failure> {
    let (heading, rows) = argument::filled_table(step)?;
    let paths: Result<_, Failure> = heading.iter().map(|path| JsonPath::parse(path)).collect();
    let rows: Result<_, Failure> = rows
        .iter()
        .map(|row| row.iter().map(|cell| world.variables.text(cell)).collect())
        .collect();
    Ok((paths?, rows?))
}
