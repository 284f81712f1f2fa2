//! Steps for OAuth clients, and for the principal of requests.

use base64::{Engine, prelude::BASE64_STANDARD};
use bdd_harness::given;
use serde_json::Value;

use super::{sessions::log_in, users};
use bdd_harness::{failure::Outcome, http::Request, world::World};

/// The secret of clients whose secret doesn't matter.
const SECRET: &str = "one-two-three-one-two-three";
/// Its SHA-256.
const SECRET_HASH: &str = "dccdb4777914d79328296bec7017d88126399f56d999e7903709a1a48960a898";

/// Inserts a client whose secret is "one-two-three-one-two-three"; `{{till.id}}` is its id.
#[given(expr = "a client {string} with the scopes {string}")]
async fn client(world: &mut World, name: String, scopes: String) -> Outcome {
    make_client(world, &name, &scopes).await
}

/// Gets a token with all scopes of the client. Later requests send it as bearer token; `{{till.token}}` is the token.
#[given(expr = "{string} gets a token")]
async fn gets_a_token(world: &mut World, name: String) -> Outcome {
    get_token(world, &name, None).await
}

/// Gets a token with these scopes. Later requests send it as bearer token.
#[given(expr = "{string} gets a token for {string}")]
async fn gets_a_token_for(world: &mut World, name: String, scopes: String) -> Outcome {
    get_token(world, &name, Some(&scopes)).await
}

/// Later requests send these credentials by HTTP Basic, as they are, without form encoding.
#[given(expr = "the Basic credentials are {string} and {string}")]
fn basic_credentials(world: &mut World, name: String, secret: String) -> Outcome {
    let name = world.variables.text(&name)?;
    let secret = world.variables.text(&secret)?;
    let code = BASE64_STANDARD.encode(format!("{name}:{secret}"));
    world
        .client
        .set_header("Authorization", &format!("Basic {code}"))
}

/// Later requests send the bearer token of a new principal: "a user", "a moderator", "an admin", or a client with
/// scopes as in "a client for read write". With "nobody" they send none. `{{asking.id}}` is the id, `{{asking.name}}`
/// the name and `{{asking.token}}` the token.
#[given(expr = "{string} is asking")]
async fn is_asking(world: &mut World, who: String) -> Outcome {
    let name = format!("asking_{}", world.variables.text("{{$seq}}")?);
    if let Some(scopes) = who.strip_prefix("a client for ") {
        make_client(world, &name, scopes).await?;
        get_token(world, &name, None).await?;
    } else if who == "nobody" {
        world.client.remove_header("Authorization");
        return Ok(());
    } else {
        let role = who
            .trim_start_matches("a ")
            .trim_start_matches("an ")
            .to_owned();
        users::register_as(world, &name, &role).await?;
        log_in(world, &name, users::PASSWORD).await?;
    }
    for part in ["id", "token"] {
        let value = world.variables.text(&format!("{{{{{name}.{part}}}}}"))?;
        world
            .variables
            .set(format!("asking.{part}"), Value::from(value));
    }
    world.variables.set("asking.name", Value::from(name));
    Ok(())
}

/// Inserts the client into its table, because only an admin can create clients by the API.
async fn make_client(world: &mut World, name: &str, scopes: &str) -> Outcome {
    let name = world.variables.text(name)?;
    let id = world.variables.text("{{$uuid}}")?;
    let sql = format!(
        "insert into oauth_clients (id, client_id, client_secret_hash, name, scopes)
         values ('{id}', '{name}', '{SECRET_HASH}', '{name}', '{scopes}')"
    );
    world.slot.database().await?.run(&sql).await?;
    world.variables.set(format!("{name}.id"), Value::from(id));
    Ok(())
}

async fn get_token(world: &mut World, name: &str, scopes: Option<&str>) -> Outcome {
    let name = world.variables.text(name)?;
    let mut form: Vec<(String, String)> = [
        ("grant_type", "client_credentials"),
        ("client_id", &name),
        ("client_secret", SECRET),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    form.extend(scopes.map(|scopes| ("scope".to_owned(), scopes.to_owned())));
    let path = "/api/v1/oauth/token";
    let request = Request::new(|| world.slot.base_url(), "POST", path)?.form(&form);
    world.client.send(request.anonymous()).await?;
    let answer = world.client.answer()?;
    if answer.status != 200 {
        return Err(format!("{name} gets no token: {}", answer.brief()).into());
    }
    let token = answer.json()?["access_token"].clone();
    if let Some(token) = token.as_str() {
        world
            .client
            .set_header("Authorization", &format!("Bearer {token}"))?;
    }
    world.variables.set(format!("{name}.token"), token);
    Ok(())
}
