//! `keys`: the signing keys that are in the database.

use std::time::Duration;

use clap::{Args, Subcommand};
use tracing::info;

use super::failure::Failure;
use super::runtime::with_store;
use super::settings::{Settings, duration};
use crate::auth::tokens::{key_id, random_token};
use crate::config::EnvVars;
use crate::domain::Time;
use crate::store::{Store, signing_keys::SigningKey};

#[derive(Debug, Args)]
pub(super) struct Keys {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List the keys that have not expired; the first one signs
    List,
    /// Create a key that signs from now on
    Rotate {
        /// How long tokens of the earlier keys stay valid
        #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = duration)]
        grace: Duration,
    },
    /// Delete a key: its tokens become invalid within a minute
    Remove {
        /// The id of the key, as `keys list` prints it
        kid: String,
    },
}

impl Keys {
    pub(super) fn run(self, settings: Settings, env: EnvVars) -> Result<(), Failure> {
        let (config, who) = settings.for_operator(env)?;
        if config.auth.signing_key.is_some() {
            return Err(Failure::Failed(
                "auth.signing_key (DLC_AUTH_SIGNING_KEY) is set, so the keys in the database aren't used; to rotate, put \
                 a new key in front of it, separated by a comma"
                    .into(),
            ));
        }
        with_store(config, async |store| match self.what {
            What::List => list(store).await,
            What::Rotate { grace } => rotate(store, grace, &who).await,
            What::Remove { kid } => remove(store, &kid, &who).await,
        })
    }
}

async fn list(store: &Store) -> Result<(), Failure> {
    let keys = store.signing_keys().await?;
    for (place, key) in keys.iter().enumerate() {
        let use_of = match key.expires_at {
            Some(expiry) => format!("verifies until {expiry}"),
            None if place == 0 => "signs".into(),
            None => "verifies".into(),
        };
        println!("{}  created {}  {use_of}", key.kid, key.created_at);
    }
    Ok(())
}

async fn rotate(store: &Store, grace: Duration, who: &str) -> Result<(), Failure> {
    let secret = random_token();
    let key = SigningKey::new(key_id(&secret), secret);
    let kid = key.kid.clone();
    let expiry = Time::now().plus(grace);
    store.rotate_signing_key(key, expiry).await?;
    info!(target: "audit", act = "signing key made", who, from = "command line", kid);
    println!("{kid} signs from now on; tokens of other keys are valid until {expiry}");
    Ok(())
}

async fn remove(store: &Store, kid: &str, who: &str) -> Result<(), Failure> {
    if !store.delete_signing_key(kid).await? {
        return Err(Failure::Failed(format!("there is no key {kid}")));
    }
    info!(target: "audit", act = "signing key removed", who, from = "command line", kid);
    println!("removed the key {kid}");
    Ok(())
}
