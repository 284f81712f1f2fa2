//! Steps for users.

use bdd_harness::given;
use serde_json::json;

use bdd_harness::{failure::Outcome, world::World};

/// The password of users whose password doesn't matter.
pub const PASSWORD: &str = "correct horse battery";

/// Registers a user with the password "correct horse battery"; `{{ada.id}}` is the id.
#[given(expr = "a registered user {string}")]
async fn registered_user(world: &mut World, username: String) -> Outcome {
    register(world, &username, PASSWORD).await
}

/// Registers a user with this password.
#[given(expr = "a registered user {string} with password {string}")]
async fn registered_user_with_password(
    world: &mut World,
    username: String,
    password: String,
) -> Outcome {
    register(world, &username, &password).await
}

/// Registers an admin, who is not logged in.
#[given(expr = "an admin {string}")]
async fn admin(world: &mut World, username: String) -> Outcome {
    register_as(world, &username, "admin").await
}

/// Registers a moderator, who is not logged in.
#[given(expr = "a moderator {string}")]
async fn moderator(world: &mut World, username: String) -> Outcome {
    register_as(world, &username, "moderator").await
}

async fn register(world: &mut World, username: &str, password: &str) -> Outcome {
    let username = world.variables.text(username)?;
    let password = world.variables.text(password)?;
    let body = json!({"username": username, "password": password});
    world
        .send_json_anonymously("POST", "/api/v1/users", &body, 201)
        .await?;
    let id = world.client.answer()?.json()?["id"].clone();
    world.variables.set(format!("{username}.id"), id);
    Ok(())
}

/// Updates the role in the table, because only an admin can change roles by the API.
pub async fn register_as(world: &mut World, username: &str, role: &str) -> Outcome {
    register(world, username, PASSWORD).await?;
    let id = world.variables.text(&format!("{{{{{username}.id}}}}"))?;
    let sql = format!("update users set role = '{role}' where id = '{id}'");
    world.slot.database().await?.run(&sql).await?;
    Ok(())
}
