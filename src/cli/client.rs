//! `client`: creates, lists and deletes OAuth clients.

use clap::{Args, Subcommand};
use tracing::info;

use super::failure::Failure;
use super::runtime::with_store;
use super::settings::Settings;
use crate::auth::tokens;
use crate::config::EnvVars;
use crate::domain::{Scopes, rules};
use crate::store::{
    Store,
    oauth_clients::OauthClient,
    query::{Sort, Window},
};

#[derive(Debug, Args)]
pub(super) struct Client {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Create a client and print its secret, which is shown only once
    Create {
        /// 1 to 100 characters, not blank
        name: String,
        /// Some of read, write, provision and admin, separated by commas
        #[arg(long, value_name = "SCOPES", value_parser = scopes)]
        scopes: Scopes,
    },
    /// Delete a client; its tokens stop working at once
    Delete {
        /// The client_id
        client_id: String,
    },
    /// List the clients, the newest first
    List,
}

fn scopes(text: &str) -> Result<Scopes, String> {
    Scopes::try_from(text.replace(',', " "))
        .ok()
        .filter(|_| !text.trim().is_empty())
        .ok_or_else(|| "must be some of read, write, provision and admin".into())
}

impl Client {
    pub(super) fn run(self, settings: Settings, env: EnvVars) -> Result<(), Failure> {
        let (config, who) = settings.for_operator(env)?;
        if let What::Create { name, .. } = &self.what {
            let checked = rules::name(name);
            checked.map_err(|reason| Failure::Usage(format!("the name {reason}")))?;
        }
        with_store(config, async |store| match self.what {
            What::Create { name, scopes } => create(store, name, scopes, &who).await,
            What::Delete { client_id } => delete(store, &client_id, &who).await,
            What::List => list(store).await,
        })
    }
}

async fn create(store: &Store, name: String, scopes: Scopes, who: &str) -> Result<(), Failure> {
    let secret = tokens::random_token();
    let client = OauthClient::new(None, tokens::token_hash(&secret), name, scopes);
    let client_id = client.client_id.clone();
    store.create_oauth_client(client).await?;
    info!(target: "audit", act = "client made", who, from = "command line", client_id, scopes = %scopes);
    println!("client_id: {client_id}\nclient_secret: {secret}");
    Ok(())
}

async fn delete(store: &Store, client_id: &str, who: &str) -> Result<(), Failure> {
    if !store.delete_oauth_client(client_id).await? {
        return Err(Failure::Failed(format!("there is no client {client_id}")));
    }
    info!(target: "audit", act = "client removed", who, from = "command line", client_id);
    println!("deleted the client {client_id}");
    Ok(())
}

async fn list(store: &Store) -> Result<(), Failure> {
    let all = Window {
        sort: Sort::LATEST,
        offset: 0,
        limit: i64::MAX,
    };
    let (clients, _) = store.oauth_clients(all).await?;
    for client in clients {
        println!("{}  {}  {}", client.client_id, client.scopes, client.name);
    }
    Ok(())
}
