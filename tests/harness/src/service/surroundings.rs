//! The surroundings of a project's commands: folder, environment, placeholders.

use std::{path::PathBuf, sync::LazyLock};

use regex::Regex;

use crate::{
    failure::{Failure, Misuse, nearest_first},
    service::{Environment, address::DatabaseAddress},
};

/// `{url}`, `{url:jdbc}`, `{port}`, …. `{{url}}` is the text `{url}`, and `${url}` belongs to the shell.
static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| {
    let name = "[a-z]+(?::[a-z0-9_+]+)?";
    Regex::new(&format!(r"\{{\{{{name}\}}\}}|\$?\{{({name})\}}")).expect("a valid pattern")
});

/// Every placeholder and its meaning.
pub const PLACEHOLDERS: [(&str, &str); 11] = [
    (
        "url",
        "the slot's database as a libpq URL: over a local server's socket for drivers that support sockets, otherwise over TCP",
    ),
    ("url:tcp", "the same over TCP"),
    ("url:jdbc", "the same for JDBC, with user and password"),
    (
        "url:sqlalchemy",
        "`{url}` for SQLAlchemy. `{url:sqlalchemy+DRIVER}` names a driver: psycopg and psycopg2 connect as `{url}` does, all others over TCP",
    ),
    ("host", "the address of the database's server"),
    ("dbport", "its port"),
    ("user", "the role of the service"),
    ("password", "its password"),
    ("dbname", "the name of the slot's database"),
    (
        "port",
        "a free port for the service to listen on. In service.env it is the same as {dbport} beside {host} in one text, and in a variable whose name means a database, such as PGPORT",
    ),
    ("root", "the folder of bdd.toml"),
];

/// Variables whose names mean a database's port: `PGPORT`, `DB_PORT`, `DATABASE_PORT`, `POSTGRES_PORT`.
static OF_DATABASE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^PG|(?:^|_)(?:DB|PG|SQL|JDBC|DATASOURCE)(?:_|PORT|$)|DATABASE|POSTGRES")
        .expect("a valid pattern")
});

/// The folder and environment of a project's commands.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The project's folder.
    pub folder: PathBuf,
    /// Variables, whose values may contain placeholders.
    pub env: Environment,
    /// Names of variables that are passed on from our environment. `LC_*` means all names that start with `LC_`.
    pub pass: Vec<String>,
}

/// The quotes around a place in a command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quotes {
    /// Not read by a shell.
    NoShell,
    Outside,
    Single,
    Double,
}

impl Surroundings {
    /// The names that are passed on by default.
    pub const PASSED: [&str; 8] = [
        "PATH",
        "HOME",
        "USER",
        "LANG",
        "LC_*",
        "TMPDIR",
        "VIRTUAL_ENV",
        "JAVA_HOME",
    ];

    /// The complete environment of a command that uses this database. `port` is the service's own.
    pub fn environment(
        &self,
        database: &DatabaseAddress,
        port: Option<u16>,
    ) -> Result<Environment, Failure> {
        let mut environment: Environment = std::env::vars()
            .filter(|(name, _)| self.is_passed(name))
            .collect();
        environment.extend(self.own_variables(database, port)?);
        Ok(environment)
    }

    /// The additional variables of a process that the user starts in their own environment.
    pub fn own_variables(
        &self,
        database: &DatabaseAddress,
        port: Option<u16>,
    ) -> Result<Environment, Failure> {
        let mut environment = Environment::new();
        environment.insert("DATABASE_URL".to_owned(), database.url());
        for (name, text) in &self.env {
            let place = Some(name.as_str());
            let value = self.filled(text, place, database, port, Quotes::NoShell)?;
            environment.insert(name.clone(), value);
        }
        Ok(environment)
    }

    /// A word of a command that isn't read by a shell, with its placeholders filled in.
    pub fn word(
        &self,
        text: &str,
        database: &DatabaseAddress,
        port: Option<u16>,
    ) -> Result<String, Failure> {
        self.filled(text, None, database, port, Quotes::NoShell)
    }

    /// A command line with its placeholders filled in, each quoted for the shell.
    pub fn command(
        &self,
        text: &str,
        database: &DatabaseAddress,
        port: Option<u16>,
    ) -> Result<String, Failure> {
        self.filled(text, None, database, port, Quotes::Outside)
    }

    /// A command line that a shell reads, with the shell's arguments behind it. It runs in a folder of its own, where a path
    /// of the project means nothing, so a program that is named by its path is looked for in the project.
    pub fn with_words(&self, line: &str) -> String {
        let line = line.trim_start();
        let (first, rest) = line.split_at(line.find(char::is_whitespace).unwrap_or(line.len()));
        let is_path = first.contains('/') && !first.contains(['\'', '"', '=', '$']);
        let first = if is_path {
            let path = self.folder.join(first).display().to_string();
            shell_words::quote(&path).into_owned()
        } else {
            first.to_owned()
        };
        format!("{first}{rest} \"$@\"")
    }

    fn is_passed(&self, name: &str) -> bool {
        matches!(name, "PATH" | "TMPDIR")
            || self
                .pass
                .iter()
                .any(|passed| match passed.strip_suffix('*') {
                    Some(beginning) => name.starts_with(beginning),
                    None => name == passed,
                })
    }

    fn filled(
        &self,
        text: &str,
        variable: Option<&str>,
        database: &DatabaseAddress,
        port: Option<u16>,
        mut quotes: Quotes,
    ) -> Result<String, Failure> {
        let mut filled = String::with_capacity(text.len());
        let mut end = 0;
        for found in PLACEHOLDER.captures_iter(text) {
            let (Some(whole), name) = (found.get(0), found.get(1)) else {
                continue;
            };
            let before = &text[end..whole.start()];
            quotes = quotes.after(before);
            filled.push_str(before);
            end = whole.end();
            let value = match name.map(|name| name.as_str()) {
                None => whole.as_str()[1..whole.len() - 1].to_owned(),
                Some(_) if whole.as_str().starts_with('$') => whole.as_str().to_owned(),
                Some("root") => quotes.written(&self.folder.display().to_string()),
                Some("port") if !is_databases(text, variable) => {
                    let port = port.ok_or_else(|| {
                        Failure::new(format!(
                            "`{text}`: there is no service here, so {{port}} has no value"
                        ))
                    })?;
                    port.to_string()
                }
                Some(name) => {
                    let name = if name == "port" { "dbport" } else { name };
                    let value = database.value(name);
                    quotes.written(&value.ok_or_else(|| Failure::new(unknown(name).0))??)
                }
            };
            filled.push_str(&value);
        }
        filled.push_str(&text[end..]);
        Ok(filled)
    }
}

/// Whether `{port}` in this text is the database's: `{host}` is beside it, or the variable's name means a database.
fn is_databases(text: &str, variable: Option<&str>) -> bool {
    let has = |part: &str| text.contains(part);
    variable.is_some_and(|name| {
        !has("{dbport}") && (has("{host}") || has("{port}/{dbname}") || OF_DATABASE.is_match(name))
    })
}

/// Fails if `{port}` in one variable may mean the service or the database: `APP_PORT = "{port}"` beside
/// `APP_HOST = "{host}"`.
pub fn check_ports(env: &Environment) -> Result<(), Misuse> {
    for (name, text) in env {
        let Some(stem) = stem(name).filter(|_| names_port(text, Some(name))) else {
            continue;
        };
        let is_host = |other: &str| {
            let rest = other.strip_prefix(stem).unwrap_or_default();
            ["HOST", "ADDR", "SERVER", "BIND"]
                .iter()
                .any(|word| rest.to_ascii_uppercase().starts_with(word))
        };
        let mut hosts = env.iter().filter(|(_, text)| text.contains("{host}"));
        if let Some((host, _)) = hosts.find(|(other, _)| is_host(other)) {
            return Err(Misuse(format!(
                "{name}: {{port}} is the service's port, but {host} beside it has {{host}}, the address of the database's \
                 server. For the database write {name} = \"{{dbport}}\"; for the service write {host} = \"127.0.0.1\""
            )));
        }
    }
    Ok(())
}

/// What is before `PORT` in a variable's name.
fn stem(name: &str) -> Option<&str> {
    let (stem, end) = name.split_at_checked(name.len().checked_sub("PORT".len())?)?;
    end.eq_ignore_ascii_case("PORT").then_some(stem)
}

/// Fails for an unknown placeholder.
pub fn check(text: &str) -> Result<(), Misuse> {
    for name in names(text) {
        let known = name.starts_with("url:sqlalchemy+")
            || PLACEHOLDERS.iter().any(|(known, _)| *known == name);
        if !known {
            return Err(unknown(name));
        }
    }
    Ok(())
}

/// Whether the text contains the service's port.
pub fn names_port(text: &str, variable: Option<&str>) -> bool {
    names(text).any(|name| name == "port") && !is_databases(text, variable)
}

fn names(text: &str) -> impl Iterator<Item = &str> {
    PLACEHOLDER
        .captures_iter(text)
        .filter(|found| !found[0].starts_with('$'))
        .filter_map(|found| Some(found.get(1)?.as_str()))
}

fn unknown(name: &str) -> Misuse {
    let known = nearest_first(PLACEHOLDERS.iter().map(|(name, _)| *name), name);
    let known: Vec<String> = known.iter().map(|name| format!("{{{name}}}")).collect();
    Misuse(format!(
        "{{{name}}} is no placeholder; there are {}. For braces write {{{{{name}}}}}",
        known.join(", ")
    ))
}

impl Quotes {
    /// The quotes after this text.
    fn after(self, text: &str) -> Self {
        let mut quotes = self;
        let mut characters = text.chars();
        while let Some(character) = characters.next() {
            quotes = match (quotes, character) {
                (Self::Outside | Self::Double, '\\') => {
                    characters.next();
                    quotes
                }
                (Self::Outside, '\'') => Self::Single,
                (Self::Outside, '"') => Self::Double,
                (Self::Single, '\'') | (Self::Double, '"') => Self::Outside,
                _ => quotes,
            };
        }
        quotes
    }

    fn written(self, value: &str) -> String {
        match self {
            Self::NoShell => value.to_owned(),
            Self::Outside => shell_words::quote(value).into_owned(),
            Self::Single => value.replace('\'', r"'\''"),
            Self::Double => {
                let mut written = String::with_capacity(value.len());
                for character in value.chars() {
                    if matches!(character, '"' | '\\' | '$' | '`') {
                        written.push('\\');
                    }
                    written.push(character);
                }
                written
            }
        }
    }
}
