//! Creates missing accounts at start: the first admin and the first client; in development also example data. Several
//! replicas may do so at the same time.

use std::{
    fs::{OpenOptions, Permissions},
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use tracing::{info, warn};

use crate::auth::{passwords::Passwords, tokens};
use crate::config::{Bootstrap, Config, Secret};
use crate::domain::{DEV_CLIENT, Role, Scopes};
use crate::store::{
    Store, StoreError, first_admin::FirstAdmin, oauth_clients::OauthClient, users::NewUser,
};

const DEV_SECRET: &str = "dev-secret-123";

/// Creates what is missing. The error says what can't be created, and why.
pub(super) async fn bootstrap(
    config: &Config,
    store: &Store,
    passwords: &Passwords,
) -> Result<(), String> {
    let database = |error: StoreError| error.to_string();
    if config.environment.is_strict() {
        let dev_client = store.oauth_client_by_client_id(DEV_CLIENT).await;
        if dev_client.map_err(database)?.is_some() {
            return Err(format!(
                "the database has the client {DEV_CLIENT}, whose secret is public; `client delete {DEV_CLIENT}` removes it"
            ));
        }
    }
    if config.creates_dev_client() {
        fill_for_development(store, passwords).await?;
    }
    first_admin(&config.bootstrap, store, passwords)
        .await
        .map_err(|reason| format!("the first admin can't be created: {reason}"))?;
    first_client(&config.bootstrap, store, passwords)
        .await
        .map_err(|reason| format!("the first client can't be created: {reason}"))
}

async fn fill_for_development(store: &Store, passwords: &Passwords) -> Result<(), String> {
    let failed = |reason: String| format!("the data for development can't be created: {reason}");
    let empty = store.is_empty().await;
    if !empty.map_err(|error| failed(error.to_string()))? {
        return Ok(());
    }
    let hash = hashed(passwords, DEV_SECRET).await.map_err(failed)?;
    let client = OauthClient::new(
        Some(DEV_CLIENT.into()),
        hash,
        "Development".into(),
        Scopes::all(),
    );
    let filled = store.fill_for_development(client).await;
    if filled.map_err(|error| failed(error.to_string()))? {
        info!("the database was empty; created data for development and the client {DEV_CLIENT}");
        info!(target: "audit", act = "client for development made", who = DEV_CLIENT, from = "start");
    }
    Ok(())
}

/// Creates the first admin if there is no admin, with the configured password, or with a generated one that is written to
/// a file.
async fn first_admin(
    settings: &Bootstrap,
    store: &Store,
    passwords: &Passwords,
) -> Result<(), String> {
    let Some(username) = &settings.admin_username else {
        return Ok(());
    };
    let failed = |error: StoreError| error.to_string();
    match store.first_admin(username).await.map_err(failed)? {
        Some(admin) if admin.role == Role::Admin => {
            return adopt_password(settings, username, admin, store, passwords).await;
        }
        // Anybody may have registered the name.
        Some(_) => {
            warn!("bootstrap admin not created: the user {username} exists, and is no admin");
            return Ok(());
        }
        None if store.has_admin().await.map_err(failed)? => {
            info!("bootstrap admin not created: there is an admin, and no user {username}");
            return Ok(());
        }
        None => {}
    }
    let configured = settings.admin_password.as_ref().map(Secret::expose);
    let password = configured.map_or_else(tokens::random_token, ToOwned::to_owned);
    let new = NewUser {
        username: username.clone(),
        password_hash: hashed(passwords, &password).await?,
        email: None,
        name: None,
        description: None,
        current_goal: None,
        role: Role::Admin,
    };
    let file = configured
        .is_none()
        .then(|| settings.generated_admin_password_file.clone());
    let publish = move || match &file {
        Some(file) => write_secret(file, &password, "bootstrap.generated_admin_password_file"),
        None => Ok(()),
    };
    match store.create_first_admin(new, publish).await {
        Ok(created) => {
            let user_id = created?;
            info!(target: "audit", act = "first admin made", who = %username, from = "start", %user_id);
        }
        // Another replica was faster.
        Err(StoreError::Conflict(_)) => {}
        Err(error) => return Err(failed(error)),
    }
    Ok(())
}

/// Stores the configured password if the configuration has changed since it was adopted last. A password that the admin
/// has chosen in between stays until then.
async fn adopt_password(
    settings: &Bootstrap,
    username: &str,
    admin: FirstAdmin,
    store: &Store,
    passwords: &Passwords,
) -> Result<(), String> {
    let Some(password) = settings.admin_password.as_ref().map(Secret::expose) else {
        info!("bootstrap admin exists: {username}");
        return Ok(());
    };
    if let Some(hash) = &admin.bootstrap_password_hash
        && is_known(passwords, password, hash).await?
    {
        info!("bootstrap admin exists: {username}");
        return Ok(());
    }
    let user_id = admin.id;
    let hash = hashed(passwords, password).await?;
    let adopted = store.adopt_admin_password(admin, hash).await;
    if let Some(sessions_ended) = adopted.map_err(|error| error.to_string())? {
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

/// Creates the first client if it is missing, with the configured secret, or with a generated one that is written to a
/// file.
async fn first_client(
    settings: &Bootstrap,
    store: &Store,
    passwords: &Passwords,
) -> Result<(), String> {
    let Some(client_id) = &settings.client_id else {
        return Ok(());
    };
    let failed = |error: StoreError| error.to_string();
    let known = store.oauth_client_by_client_id(client_id).await;
    if let Some(client) = known.map_err(failed)? {
        return adopt_secret(settings, &client, store, passwords).await;
    }
    let client = |hash| {
        OauthClient::new(
            Some(client_id.clone()),
            hash,
            client_id.clone(),
            Scopes::all(),
        )
    };
    let created = if let Some(secret) = &settings.client_secret {
        let client = client(hashed(passwords, secret.expose()).await?);
        store.create_oauth_client(client).await.map_err(failed)?
    } else {
        let secret = tokens::random_token();
        let client = client(tokens::token_hash(&secret));
        let file = settings.generated_client_secret_file.clone();
        let write = move || write_secret(&file, &secret, "bootstrap.generated_client_secret_file");
        let created = store.create_oauth_client_with(client, write).await;
        created.map_err(failed)?.transpose()?.is_some()
    };
    if created {
        info!(target: "audit", act = "first client made", who = %client_id, from = "start");
    }
    Ok(())
}

/// Stores the configured secret if it has changed since the client was created.
async fn adopt_secret(
    settings: &Bootstrap,
    client: &OauthClient,
    store: &Store,
    passwords: &Passwords,
) -> Result<(), String> {
    let client_id = &client.client_id;
    let Some(secret) = settings.client_secret.as_ref().map(Secret::expose) else {
        info!("bootstrap client exists: {client_id}");
        return Ok(());
    };
    if is_known(passwords, secret, &client.client_secret_hash).await? {
        info!("bootstrap client exists: {client_id}");
        return Ok(());
    }
    let hash = hashed(passwords, secret).await?;
    let updated = store.update_client_secret(client_id, &hash, None).await;
    updated.map_err(|error| error.to_string())?;
    info!(target: "audit", act = "client secret replaced", who = %client_id, from = "start");
    Ok(())
}

/// Whether the secret belongs to the hash. Secrets that were generated are stored as SHA-256.
async fn is_known(passwords: &Passwords, secret: &str, hash: &str) -> Result<bool, String> {
    if !hash.starts_with("$argon2") {
        return Ok(tokens::token_hash(secret) == hash);
    }
    let verified = passwords.verify(secret.to_owned(), Some(hash)).await;
    verified.map_err(|_| "the secret can't be verified".into())
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

async fn hashed(passwords: &Passwords, secret: &str) -> Result<String, String> {
    let hash = passwords.hash(secret.to_owned()).await;
    hash.map_err(|_| "the secret can't be hashed".into())
}
