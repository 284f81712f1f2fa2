//! The user who runs PostgreSQL's programs.

use std::{fs, io, path::Path};

use tokio::process::Command;

use crate::process::environment::foreign_variables;

/// PostgreSQL refuses to run as root, so root runs it as another user.
#[derive(Clone, Copy)]
pub struct Unprivileged(pub Option<(u32, u32)>);

impl Unprivileged {
    pub fn when_root() -> io::Result<Self> {
        use std::os::unix::fs::MetadataExt as _;
        // A new file belongs to our own user.
        let probe = tempfile::tempfile()?;
        if probe.metadata()?.uid() != 0 {
            return Ok(Self(None));
        }
        let accounts = fs::read_to_string("/etc/passwd")?;
        let ids = |name: &str| {
            accounts.lines().find_map(|line| {
                let fields: Vec<_> = line.split(':').collect();
                (fields.first() == Some(&name))
                    .then(|| Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?)))?
            })
        };
        match ids("postgres").or_else(|| ids("nobody")) {
            Some(ids) => Ok(Self(Some(ids))),
            None => Err(io::Error::other(
                "we run as root, and there is no user postgres or nobody who could run the server",
            )),
        }
    }

    pub fn own(self, path: &Path) -> io::Result<()> {
        match self.0 {
            Some((user, group)) => std::os::unix::fs::chown(path, Some(user), Some(group)),
            None => Ok(()),
        }
    }

    /// Lets the user run one of PostgreSQL's programs. It doesn't see the developer's settings for time zone, language
    /// and PostgreSQL.
    pub fn run(self, command: &mut Command) {
        for name in foreign_variables() {
            command.env_remove(name);
        }
        command.env("TZ", "UTC").env("LC_ALL", "C");
        if let Some((user, group)) = self.0 {
            command.uid(user).gid(group);
        }
    }
}
