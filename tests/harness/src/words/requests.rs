//! Steps that send requests.

use std::time::{Duration, Instant};

use bdd_harness::{given, when};
use gherkin::Step;

use crate::{
    duration::Span,
    failure::{Failure, Outcome},
    http::Request,
    json::{self, Comparison, Json, Mode},
    registry::Text,
    words::{argument, parameter::Method},
    world::World,
};

/// Sends this header with every request, until the scenario ends. It replaces an earlier one of the same name.
#[given(expr = "the request header {string} is {string}")]
fn the_request_header_is(world: &mut World, name: Text, value: Text) -> Outcome {
    world.client.set_header(&name, &value)
}

/// The same for several headers: a table `| name | value |`. A name that occurs twice is sent twice.
#[given(expr = "the request headers:")]
fn the_request_headers(world: &mut World, step: &Step) -> Outcome {
    let headers = argument::pairs(step, "name | value", &mut world.variables)?;
    world.client.set_headers(&headers)
}

/// Sends `Authorization: Bearer …` with every request, until the scenario ends or changes it.
#[given(expr = "the bearer token is {string}")]
fn the_bearer_token_is(world: &mut World, token: Text) -> Outcome {
    world
        .client
        .set_header("Authorization", &format!("Bearer {token}"))
}

/// Sends no `Authorization` header from now on.
#[given(expr = "no bearer token")]
fn no_bearer_token(world: &mut World) {
    world.client.remove_header("Authorization");
}

/// Sends a request without a body. The path is sent as written. An `http://…` address is sent to that server. Example:
/// `When I send GET "/users/{{id}}"`.
#[when(expr = "I send {method} {string}")]
async fn i_send(world: &mut World, method: Method, path: String) -> Outcome {
    let request = request(world, &method, &path)?;
    world.client.send(request).await
}

/// Sends the JSON below the step, as `application/json` unless a request header sets another type. `{{n}}` without
/// quotes keeps its JSON type, `"{{n}}"` is a string.
#[when(expr = "I send {method} {string} with JSON:")]
async fn i_send_with_json(world: &mut World, step: &Step, method: Method, path: String) -> Outcome {
    let request = json_request(world, &method, &path, &argument::docstring(step)?)?;
    world.client.send(request).await
}

/// Sends a form as a browser does: a table `| name | value |`.
#[when(expr = "I send {method} {string} with form:")]
async fn i_send_with_form(world: &mut World, step: &Step, method: Method, path: String) -> Outcome {
    let fields = argument::pairs(step, "name | value", &mut world.variables)?;
    let request = request(world, &method, &path)?.form(&fields);
    world.client.send(request).await
}

/// Adds URL-encoded parameters to the path: a table `| name | value |`. Parameters that the path already has stay.
#[when(expr = "I send {method} {string} with query:")]
async fn i_send_with_query(
    world: &mut World,
    step: &Step,
    method: Method,
    path: String,
) -> Outcome {
    let parameters = argument::pairs(step, "name | value", &mut world.variables)?;
    let request = request(world, &method, &path)?.query(&parameters);
    world.client.send(request).await
}

/// Sends the text below the step unchanged, without a `Content-Type` unless a request header sets one.
#[when(expr = "I send {method} {string} with body:")]
async fn i_send_with_body(world: &mut World, step: &Step, method: Method, path: String) -> Outcome {
    let body = world.variables.text(&argument::docstring(step)?)?;
    let request = request(world, &method, &path)?.body(body);
    world.client.send(request).await
}

/// Sends this number of requests at the same time, each on its own connection. Generated values such as `{{$seq}}` in
/// the path differ from one request to the next.
#[when(expr = "I send {int} concurrent {method} requests to {string}")]
async fn i_send_concurrent(
    world: &mut World,
    count: usize,
    method: Method,
    path: String,
) -> Outcome {
    let requests = several(count, || request(world, &method, &path))?;
    world.client.send_together(requests).await
}

/// The same with JSON. Generated values in it, such as `{{$fake.email}}`, differ from one request to the next.
#[when(expr = "I send {int} concurrent {method} requests to {string} with JSON:")]
async fn i_send_concurrent_with_json(
    world: &mut World,
    step: &Step,
    count: usize,
    method: Method,
    path: String,
) -> Outcome {
    let json = argument::docstring(step)?;
    let requests = several(count, || json_request(world, &method, &path, &json))?;
    world.client.send_together(requests).await
}

/// Sends several different requests at the same time, each on its own connection: a table with the columns `method` and
/// `path`, and optionally `JSON` and `bearer`. An empty cell means no body or no token.
#[when(expr = "I send at the same moment:")]
async fn i_send_at_the_same_moment(world: &mut World, step: &Step) -> Outcome {
    let (heading, rows) = argument::table(step)?;
    let mut requests = Vec::new();
    for row in rows {
        requests.push(tabled(world, heading, row)?);
    }
    if requests.len() < 2 {
        return Err("a single request can't be concurrent: write at least two rows".into());
    }
    world.client.send_together(requests).await
}

/// Repeats the request until the JSON of the answer contains the JSON below the step, compared as in `the response JSON
/// contains:`. Fails if that doesn't happen in time.
#[when(expr = "I poll {method} {string} for up to {duration} until the JSON contains:")]
async fn i_poll(
    world: &mut World,
    step: &Step,
    method: Method,
    path: String,
    patience: Span,
) -> Outcome {
    const FIRST_PAUSE: Duration = Duration::from_millis(10);
    const LONGEST_PAUSE: Duration = Duration::from_millis(250);
    // The time that a request still gets for its answer if it is sent just before the limit.
    const LEAST: Duration = Duration::from_secs(1);
    let expected = world.variables.json(&argument::docstring(step)?)?;
    json::check_spelling(&expected)?;
    let request = request(world, &method, &path)?;
    let deadline = Instant::now() + patience.0;
    let mut pause = FIRST_PAUSE;
    // A service that is restarting refuses connections. Polling continues.
    let mut sent = world.client.send_within(request.clone(), patience.0).await;
    loop {
        let seen = sent.and_then(|()| compared(world, &expected));
        if let Ok(comparison) = &seen
            && comparison.is_good()
        {
            return world.variables.settle(seen?, "");
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            let late = format!("this wasn't true within {:?}", patience.0);
            return match seen {
                Ok(comparison) => {
                    let status = world.client.answer()?.status;
                    world
                        .variables
                        .settle(comparison, &format!("{late}; the last answer ({status})"))
                }
                Err(failure) => Err(Failure::with(
                    format!("{late}: {}", failure.message),
                    failure.mismatches,
                )),
            };
        }
        tokio::time::sleep(pause.min(left)).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
        let left = deadline.saturating_duration_since(Instant::now());
        sent = world
            .client
            .send_again(request.clone(), left.max(LEAST))
            .await;
    }
}

fn compared(world: &World, expected: &Json) -> Result<Comparison, Failure> {
    let found = world.client.answer()?.json()?;
    json::compare(Mode::Subset, expected, Some(&found), "$")
}

fn request(world: &mut World, method: &Method, path: &str) -> Result<Request, Failure> {
    let path = argument::quoted(path, &mut world.variables)?;
    Request::new(|| world.slot.base_url(), &method.0, &path)
}

fn json_request(
    world: &mut World,
    method: &Method,
    path: &str,
    json: &str,
) -> Result<Request, Failure> {
    let request = request(world, method, path)?;
    let json = world.variables.json_text(json)?;
    Ok(request.body_of("application/json", json))
}

/// The request of a row of the table.
fn tabled(world: &mut World, heading: &[String], row: &[String]) -> Result<Request, Failure> {
    let known = ["method", "path", "JSON", "bearer"];
    if let Some(name) = heading.iter().find(|name| !known.contains(&name.as_str())) {
        return Err(format!(
            "unknown column `{name}`; there are | method | path | JSON | bearer |"
        )
        .into());
    }
    let cell = |name: &str| {
        let column = heading.iter().position(|known| known == name)?;
        Some(row[column].as_str()).filter(|text| !text.is_empty())
    };
    let (Some(method), Some(path)) = (cell("method"), cell("path")) else {
        return Err("each row needs a method and a path".into());
    };
    let mut request = request(world, &Method(method.to_owned()), path)?;
    if let Some(json) = cell("JSON") {
        request = request.body_of("application/json", world.variables.json_text(json)?);
    }
    if let Some(token) = cell("bearer") {
        request = request.bearer(&world.variables.text(token)?);
    }
    Ok(request)
}

fn several(
    count: usize,
    make: impl FnMut() -> Result<Request, Failure>,
) -> Result<Vec<Request>, Failure> {
    if count == 0 {
        return Err("at least 1 request must be sent".into());
    }
    std::iter::repeat_with(make).take(count).collect()
}
