//! Steps about the response.

use bdd_harness::then;

use crate::{
    duration::Span,
    failure::{Failure, Mismatch, Outcome},
    http::{Answer, check_header_name},
    json::{self, Json},
    registry::Text,
    words::{argument, parameter::StatusClass},
    world::World,
};

/// The status of the response.
#[then(expr = "the response status is {int}")]
fn the_response_status_is(world: &mut World, status: u16) -> Outcome {
    let answer = world.client.answer()?;
    expect(
        answer.status == status,
        "status",
        status.to_string(),
        || answer.brief(),
    )
}

/// The class of the status: success (2xx), redirect (3xx), client error (4xx) or server error (5xx).
#[then(expr = "the response is a {status_class}")]
fn the_response_is_a(world: &mut World, class: StatusClass) -> Outcome {
    let answer = world.client.answer()?;
    expect(
        class.holds(answer.status),
        "status",
        class.to_string(),
        || answer.brief(),
    )
}

/// The whole value of a header, or a matcher such as `#uuid` or `#> 0`. If the header occurs several times, one value must match,
/// or all of them joined by a comma and a blank.
#[then(expr = "the response header {string} is {string}")]
fn the_response_header_is(world: &mut World, name: Text, expected: Text) -> Outcome {
    check_header_name(&name)?;
    let found = world.client.answer()?.header(&name);
    let mut candidates: Vec<Option<Json>> =
        found.iter().map(|value| Some((*value).into())).collect();
    candidates.push((!found.is_empty()).then(|| found.join(", ").into()));
    if json::is_matcher(&expected) {
        let numbers = found.iter().filter_map(|value| Json::parse(value).ok());
        candidates.extend(
            numbers
                .filter(|value| value.as_number().is_some())
                .map(Some),
        );
    }
    for value in candidates {
        let comparison = json::compare_text(&expected, value.as_ref(), &name)?;
        if comparison.is_good() {
            return world.variables.settle(comparison, "");
        }
    }
    expect(false, &format!("header {name}"), expected.0, || all(&found))
}

/// A header's value contains this text.
#[then(expr = "the response header {string} contains {string}")]
fn the_response_header_contains(world: &mut World, name: Text, part: Text) -> Outcome {
    check_header_name(&name)?;
    let part = argument::part(part)?;
    let found = world.client.answer()?.header(&name);
    let good = !found.is_empty() && found.join(", ").contains(&*part);
    expect(
        good,
        &format!("header {name}"),
        format!("… {part} …"),
        || all(&found),
    )
}

/// A part of a header's value matches this regular expression. `^` and `$` match its start and end.
#[then(expr = "the response header {string} matches {string}")]
fn the_response_header_matches(world: &mut World, name: Text, pattern: Text) -> Outcome {
    check_header_name(&name)?;
    let regex = regex::Regex::new(&pattern).map_err(|error| {
        Failure::new(format!("`{pattern}` isn't a regular expression: {error}"))
    })?;
    let found = world.client.answer()?.header(&name);
    let good = found.iter().any(|value| regex.is_match(value));
    expect(
        good,
        &format!("header {name}"),
        format!("matches {pattern}"),
        || all(&found),
    )
}

/// The response doesn't have this header.
#[then(expr = "the response has no header {string}")]
fn the_response_has_no_header(world: &mut World, name: Text) -> Outcome {
    check_header_name(&name)?;
    let found = world.client.answer()?.header(&name);
    expect(
        found.is_empty(),
        &format!("header {name}"),
        "nothing".to_owned(),
        || all(&found),
    )
}

/// The whole body as text.
#[then(expr = "the response body is {string}")]
fn the_response_body_is(world: &mut World, text: Text) -> Outcome {
    let answer = world.client.answer()?;
    expect(answer.text() == *text, "body", text.0, || {
        shown_body(answer)
    })
}

/// The response has no body.
#[then(expr = "the response body is empty")]
fn the_response_body_is_empty(world: &mut World) -> Outcome {
    let answer = world.client.answer()?;
    expect(answer.body.is_empty(), "body", "nothing".to_owned(), || {
        shown_body(answer)
    })
}

/// The body contains this text.
#[then(expr = "the response body contains {string}")]
fn the_response_body_contains(world: &mut World, part: Text) -> Outcome {
    let part = argument::part(part)?;
    let answer = world.client.answer()?;
    expect(
        answer.text().contains(&*part),
        "body",
        format!("… {part} …"),
        || shown_body(answer),
    )
}

/// After concurrent requests: exactly this number of responses have this status. Example: `Then 1 of the responses has
/// status 201`.
#[then(expr = "{int} of the responses have/has status {int}")]
fn so_many_responses_have_status(world: &mut World, count: usize, status: u16) -> Outcome {
    let answers: Vec<&Answer> = world
        .client
        .exchanges_together()?
        .iter()
        .filter_map(|exchange| exchange.answer.as_ref().ok())
        .collect();
    let found = answers
        .iter()
        .filter(|answer| answer.status == status)
        .count();
    if found == count {
        return Ok(());
    }
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    let mut lines = Vec::new();
    for group in statuses.chunk_by(|one, other| one == other) {
        let example = answers.iter().find(|answer| answer.status == group[0]);
        let example = example.map(|answer| answer.brief()).unwrap_or_default();
        lines.push(format!("{} with {example}", group.len()));
    }
    expect(false, "statuses", format!("{count} with {status}"), || {
        lines.join("\n              ")
    })
}

/// The time from sending the request to the last byte of the answer.
#[then(expr = "the response took less than {duration}")]
fn the_response_took_less_than(world: &mut World, longest: Span) -> Outcome {
    let exchange = world.client.exchange()?;
    let expected = format!("less than {:?}", longest.0);
    expect(exchange.duration < longest.0, "duration", expected, || {
        format!("{:.1?}", exchange.duration)
    })
}

/// The time from sending the request to the last byte of the answer.
#[then(expr = "the response took at least {duration}")]
fn the_response_took_at_least(world: &mut World, shortest: Span) -> Outcome {
    let exchange = world.client.exchange()?;
    let expected = format!("at least {:?}", shortest.0);
    expect(
        exchange.duration >= shortest.0,
        "duration",
        expected,
        || format!("{:.1?}", exchange.duration),
    )
}

fn expect(good: bool, place: &str, expected: String, found: impl FnOnce() -> String) -> Outcome {
    if good {
        return Ok(());
    }
    let mismatch = Mismatch {
        path: place.to_owned(),
        expected,
        found: found(),
    };
    Err(Failure::with(
        "the response isn't as expected",
        vec![mismatch],
    ))
}

fn all(values: &[&str]) -> String {
    match values {
        [] => "no such header".to_owned(),
        values => values.join(" and "),
    }
}

fn shown_body(answer: &Answer) -> String {
    if answer.body.is_empty() {
        return "an empty body".to_owned();
    }
    answer.brief()
}
