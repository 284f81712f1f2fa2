//! Steps of a browser without scripts: cookies, redirects and form tokens.

use bdd_harness::{
    failure::{Failure, Outcome},
    given,
    http::Request,
    when,
    words::argument,
    world::World,
};
use gherkin::Step;
use regex::Regex;

use super::users::PASSWORD;

/// Logs in with the log-in form and the password "correct horse battery". Later requests send the cookies;
/// `{{form_token}}` is the token that forms must send.
#[given(expr = "{string} logs in on the page")]
async fn logs_in_on_the_page(world: &mut World, username: String) -> Outcome {
    let username = world.variables.text(&username)?;
    get(world, "/login").await?;
    let fields = [("name", username.as_str()), ("password", PASSWORD)];
    submit(
        world,
        "/login",
        &fields.map(|(name, value)| (name.to_owned(), value.to_owned())),
    )
    .await?;
    let answer = world.client.answer()?;
    if answer.status != 303 {
        return Err(format!("{username} can't log in: {}", answer.status_line()).into());
    }
    get(world, "/").await
}

/// Opens a page, as a browser without scripts does.
#[when(expr = "I look at {string}")]
async fn look_at(world: &mut World, path: String) -> Outcome {
    let path = argument::quoted(&path, &mut world.variables)?;
    get(world, &path).await
}

/// Sends a form with the form token of the last page. Two columns: name, value.
#[when(expr = "I submit {string} with:")]
async fn submit_with(world: &mut World, step: &Step, path: String) -> Outcome {
    let path = argument::quoted(&path, &mut world.variables)?;
    let fields = argument::pairs(step, "name | value", &mut world.variables)?;
    submit(world, &path, &fields).await
}

/// Sends a form without fields, only with the form token of the last page.
#[when(expr = "I submit {string}")]
async fn submit_button(world: &mut World, path: String) -> Outcome {
    let path = argument::quoted(&path, &mut world.variables)?;
    submit(world, &path, &[]).await
}

/// Opens the page that the `Location` header of the last response names.
#[when(expr = "I follow the redirect")]
async fn follow(world: &mut World) -> Outcome {
    let answer = world.client.answer()?;
    let target = answer
        .header("location")
        .first()
        .map(|&target| target.to_owned());
    let target =
        target.ok_or_else(|| format!("the response has no Location: {}", answer.status_line()))?;
    get(world, &target).await
}

/// The last page doesn't contain this text.
#[given(expr = "the page does not contain {string}")]
fn does_not_contain(world: &mut World, text: String) -> Outcome {
    let text = argument::quoted(&text, &mut world.variables)?;
    let page = world.client.answer()?.text();
    match page.find(&text) {
        None if !page.is_empty() => Ok(()),
        None => Err("the response is empty, so this proves nothing".into()),
        Some(_) => Err(format!("the page contains `{text}`").into()),
    }
}

/// Sets a variable to the value of a form's field on the page.
#[given(expr = "I save the field {string} of the page as {string}")]
fn save_field(world: &mut World, field: String, name: String) -> Outcome {
    let page = world.client.answer()?.text();
    let value = between(&page, &format!("name=\"{field}\" value=\""), "\"");
    let value = value.ok_or_else(|| format!("the page has no field `{field}`"))?;
    world.variables.set(name, value);
    Ok(())
}

/// Sets a variable to the text of the page that the group of a regular expression matches.
#[given(expr = "I save the part of the page that matches {string} as {string}")]
fn save_part(world: &mut World, pattern: String, name: String) -> Outcome {
    let pattern = Regex::new(&pattern).map_err(|error| error.to_string())?;
    let page = world.client.answer()?.text();
    let part = pattern.captures(&page).and_then(|groups| groups.get(1));
    let part = part.ok_or("nothing in the page matches")?;
    world.variables.set(name, part.as_str());
    Ok(())
}

/// Deletes all cookies.
#[given(expr = "no cookies")]
fn no_cookies(world: &mut World) {
    world.ext::<Jar>().0.clear();
    world.client.remove_header("Cookie");
}

async fn get(world: &mut World, path: &str) -> Outcome {
    let request = Request::new(|| world.slot.base_url(), "GET", path)?;
    world.client.send(request).await?;
    keep_cookies(world)?;
    let page = world.client.answer()?.text();
    if let Some(token) = between(&page, "name=\"form_token\" value=\"", "\"") {
        world.variables.set("form_token", token);
    }
    Ok(())
}

async fn submit(world: &mut World, path: &str, fields: &[(String, String)]) -> Outcome {
    let token = world.variables.text("{{form_token}}")?;
    let mut fields = fields.to_vec();
    fields.push(("form_token".into(), token));
    let request = Request::new(|| world.slot.base_url(), "POST", path)?.form(&fields);
    world.client.send(request).await?;
    keep_cookies(world)
}

/// Stores the cookies of the response, and sends all stored cookies from then on.
fn keep_cookies(world: &mut World) -> Result<(), Failure> {
    let answer = world.client.answer()?;
    let set: Vec<String> = answer
        .header("set-cookie")
        .iter()
        .map(|&text| text.to_owned())
        .collect();
    let jar = world.ext::<Jar>();
    for text in set {
        let pair = text.split(';').next().unwrap_or_default();
        let (name, value) = pair.split_once('=').unwrap_or_default();
        jar.0.retain(|(known, _)| known != name);
        if !value.is_empty() {
            jar.0.push((name.to_owned(), value.to_owned()));
        }
    }
    let cookies: Vec<_> = jar
        .0
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    if cookies.is_empty() {
        world.client.remove_header("Cookie");
        return Ok(());
    }
    world.client.set_header("Cookie", &cookies.join("; "))
}

/// The cookies of a scenario.
#[derive(Default)]
struct Jar(Vec<(String, String)>);

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(found, _)| found)
}
