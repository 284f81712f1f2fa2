//! Creates missing accounts at start: the first admin and the first client; in development also example data. Several
//! replicas may do so at the same time.

use std::{
    error::Error,
    fs::{OpenOptions, Permissions},
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use tracing::{info, warn};

use crate::auth::{
    passwords::{Busy, Passwords},
    tokens,
};
use crate::config::{Bootstrap, Config, Secret};
use crate::domain::{DEV_CLIENT, Role, Scopes};
use crate::store::{
    Store, StoreError, first_admin::FirstAdmin, oauth_clients::OauthClient, users::NewUser,
};

const DEV_SECRET: &str = "dev-secret-123";

type Failed = Box<dyn Error + Send + Sync>;

/// Creates what is missing. The error says what can't be created, and why.
pub(super) async fn bootstrap(
    config: &Config,
    store: &Store,
    passwords: &Passwords,
) -> Result<(), String> {
    let accounts = Accounts {
        settings: &config.bootstrap,
        store,
        passwords,
    };
    let failed = |what| move |reason: Failed| format!("{what} can't be created: {reason}");
    if config.environment.is_strict() {
        let dev_client = store.oauth_client_by_client_id(DEV_CLIENT).await;
        if dev_client.map_err(|error| error.to_string())?.is_some() {
            return Err(format!(
                "the database has the client {DEV_CLIENT}, whose secret is public; `client delete {DEV_CLIENT}` removes it"
            ));
        }
    }
    if config.creates_dev_client() {
        let filled = accounts.fill_for_development().await;
        filled.map_err(failed("the data for development"))?;
    }
    let admin = accounts.first_admin().await;
    admin.map_err(failed("the first admin"))?;
    let client = accounts.first_client().await;
    client.map_err(failed("the first client"))
}

/// The accounts that the configuration names.
struct Accounts<'a> {
    settings: &'a Bootstrap,
    store: &'a Store,
    passwords: &'a Passwords,
}

impl Accounts<'_> {
    async fn fill_for_development(&self) -> Result<(), Failed> {
        if !self.store.is_empty().await? {
            return Ok(());
        }
        let client = OauthClient::new(
            Some(DEV_CLIENT.into()),
            self.passwords.hash(DEV_SECRET.into()).await?,
            "Development".into(),
            Scopes::all(),
        );
        if self.store.fill_for_development(client).await? {
            info!(
                "the database was empty; created data for development and the client {DEV_CLIENT}"
            );
            info!(target: "audit", act = "client for development made", who = DEV_CLIENT, from = "start");
        }
        Ok(())
    }

    /// Creates the first admin if there is no admin, with the configured password, or with a generated one that is
    /// written to a file.
    async fn first_admin(&self) -> Result<(), Failed> {
        let Some(username) = &self.settings.admin_username else {
            return Ok(());
        };
        match self.store.first_admin(username).await? {
            Some(admin) if admin.role == Role::Admin => {
                return self.adopt_password(username, admin).await;
            }
            // Anybody may have registered the name.
            Some(_) => {
                warn!("bootstrap admin not created: the user {username} exists, and is no admin");
                return Ok(());
            }
            None if self.store.has_admin().await? => {
                info!("bootstrap admin not created: there is an admin, and no user {username}");
                return Ok(());
            }
            None => {}
        }
        let configured = self.settings.admin_password.as_ref().map(Secret::expose);
        let password = configured.map_or_else(tokens::random_token, ToOwned::to_owned);
        let new = NewUser {
            username: username.clone(),
            password_hash: self.passwords.hash(password.clone()).await?,
            email: None,
            name: None,
            description: None,
            current_goal: None,
            role: Role::Admin,
        };
        let file = self.settings.generated_admin_password_file.clone();
        let file = Some(file).filter(|_| configured.is_none());
        let publish = move || match &file {
            Some(file) => write_secret(file, &password, "bootstrap.generated_admin_password_file"),
            None => Ok(()),
        };
        match self.store.create_first_admin(new, publish).await {
            Ok(created) => {
                let user_id = created?;
                info!(target: "audit", act = "first admin made", who = %username, from = "start", %user_id);
                Ok(())
            }
            // Another replica was faster.
            Err(StoreError::Conflict(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Stores the configured password if the configuration has changed since it was adopted last. A password that the
    /// admin has chosen in between stays until then.
    async fn adopt_password(&self, username: &str, admin: FirstAdmin) -> Result<(), Failed> {
        let adopted = admin.bootstrap_password_hash.as_deref();
        let configured = self.settings.admin_password.as_ref();
        let Some(password) = self.changed(configured, adopted).await? else {
            info!("bootstrap admin exists: {username}");
            return Ok(());
        };
        let user_id = admin.id;
        let hash = self.passwords.hash(password).await?;
        if let Some(sessions_ended) = self.store.adopt_admin_password(admin, hash).await? {
            info!(
                target: "audit",
                act = "first admin's password replaced", who = %username, from = "start", %user_id, sessions_ended
            );
        } else {
            info!(
                "bootstrap admin exists: {username}; it keeps its password, and a configured password that changes from now on is adopted"
            );
        }
        Ok(())
    }

    /// Creates the first client if it is missing, with the configured secret, or with a generated one that is written
    /// to a file.
    async fn first_client(&self) -> Result<(), Failed> {
        let Some(client_id) = &self.settings.client_id else {
            return Ok(());
        };
        if let Some(client) = self.store.oauth_client_by_client_id(client_id).await? {
            return self.adopt_secret(&client).await;
        }
        let (id, name) = (Some(client_id.clone()), client_id.clone());
        let client = |hash| OauthClient::new(id, hash, name, Scopes::all());
        let created = if let Some(secret) = &self.settings.client_secret {
            let hash = self.passwords.hash(secret.expose().to_owned()).await?;
            self.store.create_oauth_client(client(hash)).await?
        } else {
            let secret = tokens::random_token();
            let client = client(tokens::token_hash(&secret));
            let file = self.settings.generated_client_secret_file.clone();
            let key = "bootstrap.generated_client_secret_file";
            let publish = move || write_secret(&file, &secret, key);
            let created = self.store.create_oauth_client_with(client, publish).await?;
            created.transpose()?.is_some()
        };
        if created {
            info!(target: "audit", act = "first client made", who = %client_id, from = "start");
        }
        Ok(())
    }

    /// Stores the configured secret if it has changed since the client was created.
    async fn adopt_secret(&self, client: &OauthClient) -> Result<(), Failed> {
        let client_id = &client.client_id;
        let configured = self.settings.client_secret.as_ref();
        let stored = Some(client.client_secret_hash.as_str());
        let Some(secret) = self.changed(configured, stored).await? else {
            info!("bootstrap client exists: {client_id}");
            return Ok(());
        };
        let hash = self.passwords.hash(secret).await?;
        self.store
            .update_client_secret(client_id, &hash, None)
            .await?;
        info!(target: "audit", act = "client secret replaced", who = %client_id, from = "start");
        Ok(())
    }

    /// The configured secret, if there is one and this hash isn't its. Generated secrets are stored as SHA-256.
    async fn changed(
        &self,
        configured: Option<&Secret>,
        hash: Option<&str>,
    ) -> Result<Option<String>, Busy> {
        let Some(secret) = configured.map(|secret| secret.expose().to_owned()) else {
            return Ok(None);
        };
        let is_known = match hash {
            Some(hash) if hash.starts_with("$argon2") => {
                self.passwords.verify(secret.clone(), Some(hash)).await?
            }
            hash => hash == Some(&tokens::token_hash(&secret)),
        };
        Ok((!is_known).then_some(secret))
    }
}

/// Writes the secret to a file that only its owner can read. It replaces an existing file, which belongs to an account
/// that was deleted. `key` is the setting that names the file.
fn write_secret(file: &Path, secret: &str, key: &str) -> Result<(), String> {
    let write = || -> io::Result<()> {
        let temporary = temporary_name(file);
        let mut opened = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&temporary)?;
        opened.set_permissions(Permissions::from_mode(0o600))?;
        writeln!(opened, "{secret}")?;
        opened.sync_all()?;
        std::fs::rename(&temporary, file)
    };
    write().map_err(|error| {
        format!(
            "its secret can't be written to {}: {error}; check {key}",
            file.display()
        )
    })
}

fn temporary_name(file: &Path) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}", std::process::id()));
    file.with_file_name(name)
}
