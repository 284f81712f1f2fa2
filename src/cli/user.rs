//! `user create`: creates an account.

use std::{
    fs,
    io::{self, Read},
    path::PathBuf,
};

use clap::{Args, Subcommand};
use tracing::info;

use super::failure::Failure;
use super::runtime::with_store;
use super::settings::Settings;
use crate::auth::{passwords::Passwords, tokens};
use crate::config::{Config, EnvVars};
use crate::domain::{Role, rules};
use crate::store::{
    StoreError,
    users::{NewUser, User as Row},
};

#[derive(Debug, Args)]
pub(super) struct User {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Create a user
    ///
    /// Without --password-file, a password is generated and printed once.
    Create(Create),
}

#[derive(Debug, Args)]
struct Create {
    /// 3 to 50 ASCII letters, digits and underscores
    username: String,
    /// Give the role admin
    #[arg(long)]
    admin: bool,
    /// The email address
    #[arg(long)]
    email: Option<String>,
    /// The name
    #[arg(long)]
    name: Option<String>,
    /// A file whose first line is the password; - for standard input. There is no flag for the password itself, because
    /// other users can see command lines
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

impl User {
    pub(super) fn run(self, settings: Settings, env: EnvVars) -> Result<(), Failure> {
        let What::Create(create) = self.what;
        create.check()?;
        let (config, who) = settings.for_operator(env)?;
        let given = create
            .password_file
            .as_ref()
            .map(read_password)
            .transpose()?;
        let password = given.clone().unwrap_or_else(tokens::random_token);
        let user = create.make(config, &password)?;
        let role = user.role.as_str();
        info!(
            target: "audit",
            act = "user made", who, from = "command line", user_id = %user.id, username = user.username, role
        );
        println!("created the {role} {}", create.username);
        if given.is_none() {
            println!("password: {password}");
        }
        Ok(())
    }
}

impl Create {
    fn role(&self) -> Role {
        if self.admin { Role::Admin } else { Role::User }
    }

    fn check(&self) -> Result<(), Failure> {
        let wrong = |what: &str, reason: String| Failure::Usage(format!("the {what} {reason}"));
        rules::username(&self.username).map_err(|reason| wrong("username", reason))?;
        if let Some(email) = &self.email {
            rules::email(email).map_err(|reason| wrong("email", reason))?;
        }
        if let Some(name) = &self.name {
            rules::name(name).map_err(|reason| wrong("name", reason))?;
        }
        Ok(())
    }

    fn make(&self, config: Config, password: &str) -> Result<Row, Failure> {
        let failed = |reason: &str| Failure::Failed(format!("the user can't be created: {reason}"));
        let passwords = Passwords::new(
            config.auth.hash_cost().unwrap_or_default(),
            config.auth.hash_concurrency,
            config.auth.hash_queue,
        );
        with_store(config, async |store| {
            let hash = passwords.hash(password.to_owned()).await;
            let new = NewUser {
                username: self.username.clone(),
                password_hash: hash.map_err(|_| failed("the password can't be hashed"))?,
                email: self.email.as_ref().map(|email| email.to_lowercase()),
                name: self.name.clone(),
                description: None,
                current_goal: None,
                role: self.role(),
            };
            store.create_user(new).await.map_err(|error| match error {
                StoreError::Conflict(what) => failed(what),
                error => failed(&error.to_string()),
            })
        })
    }
}

/// The first line of the file.
fn read_password(path: &PathBuf) -> Result<String, Failure> {
    let mut text = String::new();
    let read = if path.as_os_str() == "-" {
        io::stdin().read_to_string(&mut text).map(|_| ())
    } else {
        fs::read_to_string(path).map(|file| text = file)
    };
    read.map_err(|error| {
        Failure::Failed(format!(
            "the password can't be read from {}: {error}",
            path.display()
        ))
    })?;
    let password = text.lines().next().unwrap_or_default().to_owned();
    rules::password(&password)
        .map_err(|reason| Failure::Usage(format!("the password {reason}")))?;
    Ok(password)
}
