//! A service that is started by a command line, in any language.

use std::{path::PathBuf, time::Duration};

use regex::Regex;

use crate::service::surroundings::{Surroundings, names_port};

/// A service that runs in its own process group.
#[derive(Clone, Debug)]
pub struct ProcessService {
    /// The command that starts it. A shell reads it.
    pub run: String,
    pub ready: Ready,
    /// The time limit for its start, if the project's file sets one.
    pub within: Option<Duration>,
    pub surroundings: Surroundings,
    pub role: Role,
    /// A file of SQL that grants rights to its role.
    pub grants: Option<PathBuf>,
    pub forget: Forget,
    /// What `I run "…"` runs: a command to which the step's words are added.
    pub program: Option<String>,
}

/// How the harness finds out that a service is ready.
#[derive(Clone, Debug)]
pub enum Ready {
    /// It accepts a connection.
    Connects,
    /// It answers GET of this path with a success status.
    Get(String),
    /// It has printed a matching line. A group of the pattern contains its port or address.
    Line(Regex),
}

/// The role of a service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// It may read and write the rows of all tables.
    #[default]
    Rows,
    /// The database's owner, which may do everything.
    Owner,
    /// It has only the rights that a file grants.
    Granted,
}

/// What clears the memory of a service after each scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Forget {
    /// Not configured, so the service may remember something.
    #[default]
    Unsaid,
    /// A request to this path.
    Post(String),
    Restart,
    /// The service remembers nothing.
    Nothing,
}

impl ProcessService {
    /// Whether the harness tells the service its port.
    pub fn takes_port(&self) -> bool {
        let mut env = self.surroundings.env.iter();
        names_port(&self.run, None) || env.any(|(name, text)| names_port(text, Some(name)))
    }
}
