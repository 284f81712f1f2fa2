//! Steps for logging in and out.

use bdd_harness::{given, when};
use serde_json::json;

use super::users::PASSWORD;
use bdd_harness::{failure::Outcome, http::Request, world::World};

/// Logs in with the password "correct horse battery". Later requests send the bearer token; `{{ada.token}}` is the
/// token.
#[when(expr = "{string} logs in")]
async fn logs_in(world: &mut World, username: String) -> Outcome {
    log_in(world, &username, PASSWORD).await
}

/// Logs in with this password. Later requests send the bearer token.
#[when(expr = "{string} logs in with password {string}")]
async fn logs_in_with_password(world: &mut World, username: String, password: String) -> Outcome {
    log_in(world, &username, &password).await
}

/// Ends the session of this user's token. Later requests send no bearer token.
#[given(expr = "{string} has logged out")]
async fn has_logged_out(world: &mut World, username: String) -> Outcome {
    let token = world.variables.text(&format!("{{{{{username}.token}}}}"))?;
    let request = Request::new(|| world.slot.base_url(), "POST", "/api/v1/auth/logout")?;
    let request = request.bearer(&token);
    world.client.send(request).await?;
    let answer = world.client.answer()?;
    if answer.status != 204 {
        return Err(format!("{username} can't log out: {}", answer.status_line()).into());
    }
    world.client.remove_header("Authorization");
    Ok(())
}

/// Later requests send no bearer token.
#[given(expr = "nobody is logged in")]
fn nobody_is_logged_in(world: &mut World) {
    world.client.remove_header("Authorization");
}

pub async fn log_in(world: &mut World, username: &str, password: &str) -> Outcome {
    let username = world.variables.text(username)?;
    let password = world.variables.text(password)?;
    let body = json!({"username": username, "password": password});
    world
        .send_json_anonymously("POST", "/api/v1/auth/login", &body, 200)
        .await?;
    let token = world.client.answer()?.json()?["access_token"].clone();
    if let Some(token) = token.as_str() {
        world
            .client
            .set_header("Authorization", &format!("Bearer {token}"))?;
    }
    world.variables.set(format!("{username}.token"), token);
    Ok(())
}
