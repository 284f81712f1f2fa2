//! The variables by which a service learns its database, its port, and other services.

use std::collections::{BTreeMap, BTreeSet};

use super::folder::Folder;

/// How programs read a variable, up to its name.
const READ: &str = r#"(?:environ(?:\.get)?[\[(]|[gG]etenv\(|env::var(?:_os)?\(|process\.env(?:\.|\[)|ENV(?:\.fetch\(|\[)|\benv\()\s*["'`]?"#;

/// Names for the parts of a database's address.
const PARTS: &str = r"((?:[A-Z0-9_]*_)?(?:DB|PG|DATABASE|POSTGRES|POSTGRESQL)_?(?:HOST|PORT|USER|USERNAME|PASS|PASSWORD|NAME|DATABASE|DB))\b";

const URL: &str = r"((?:[A-Z0-9_]*_)?(?:DATABASE|DB|POSTGRES|POSTGRESQL|PG)_?(?:URL|URI|DSN))\b";

type Variables = BTreeMap<String, String>;

/// The variables with their values, and where they were found.
pub fn variables(folder: &Folder, takes_port: bool) -> (Variables, String) {
    if let Some((known, from)) = of_framework(folder) {
        return (known, from.to_owned());
    }
    let (mut found, from) = of_database(folder);
    if folder.has("config.ru") && folder.has("config/application.rb") {
        found.insert("RAILS_ENV".to_owned(), "test".to_owned());
    }
    if !takes_port {
        found.insert("PORT".to_owned(), "{port}".to_owned());
    }
    (found, from)
}

fn of_framework(folder: &Folder) -> Option<(Variables, &'static str)> {
    let is_spring = ["pom.xml", "build.gradle", "build.gradle.kts"]
        .iter()
        .any(|file| folder.text(file).contains("spring"));
    let settings = folder.text("appsettings.json");
    let dotnet = regex::Regex::new(r#""ConnectionStrings"\s*:\s*\{\s*"(\w+)""#)
        .expect("a valid pattern")
        .captures(&settings)
        .map(|found| format!("ConnectionStrings__{}", &found[1]));
    let (pairs, from): (Vec<(&str, &str)>, _) = if is_spring {
        // The schema is there before the service starts, so the service must not migrate again.
        let names = [
            ("SPRING_DATASOURCE_URL", "{url:jdbc}"),
            ("SERVER_PORT", "{port}"),
            ("SPRING_FLYWAY_ENABLED", "false"),
            ("SPRING_LIQUIBASE_ENABLED", "false"),
        ];
        (names.to_vec(), "Spring Boot's names")
    } else if folder.has("artisan") {
        let names = [
            ("DB_CONNECTION", "pgsql"),
            ("DB_URL", "{url:tcp}"),
            ("DATABASE_URL", "{url:tcp}"),
        ];
        (names.to_vec(), "Laravel's names")
    } else if let Some(name) = &dotnet {
        let address =
            "Host={host};Port={dbport};Username={user};Password={password};Database={dbname}";
        (vec![(name, address)], "appsettings.json")
    } else {
        return None;
    };
    let pairs = pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    Some((pairs.collect(), from))
}

/// A variable with the URL, or several with its parts.
fn of_database(folder: &Folder) -> (Variables, String) {
    let of_prisma = r#"(?m)^\s*url\s*=\s*env\(["'](\w+)["']\)"#;
    if let Some((from, name)) = folder.first(of_prisma) {
        return ([(name, url(folder))].into(), from);
    }
    if let Some((from, name)) = folder.first(&format!("{READ}{URL}")) {
        return ([(name, url(folder))].into(), from);
    }
    let parts = folder.every(&format!("{READ}{PARTS}"));
    if let Some((from, _)) = parts.iter().find(|(_, name)| name.ends_with("HOST")) {
        let named = parts
            .iter()
            .filter_map(|(_, name)| Some((name.clone(), part(name)?.to_owned())));
        return (named.collect(), from.clone());
    }
    // The variables that a settings file names. Flask's key isn't an environment variable.
    let written = folder.every(&format!(r"\b{URL}"));
    let written = written
        .into_iter()
        .find(|(_, name)| name != "SQLALCHEMY_DATABASE_URI");
    let (from, name) =
        written.unwrap_or_else(|| ("the usual name".to_owned(), "DATABASE_URL".to_owned()));
    ([(name, url(folder))].into(), from)
}

fn part(name: &str) -> Option<&'static str> {
    [
        ("HOST", "{host}"),
        ("PORT", "{dbport}"),
        ("USER", "{user}"),
        ("USERNAME", "{user}"),
        ("PASS", "{password}"),
        ("PASSWORD", "{password}"),
        ("NAME", "{dbname}"),
        ("DATABASE", "{dbname}"),
        ("DB", "{dbname}"),
    ]
    .into_iter()
    .rfind(|(end, _)| name.ends_with(end))
    .map(|(_, value)| value)
}

/// The placeholder of the URL. SQLAlchemy needs its own form if the driver isn't its default one.
fn url(folder: &Folder) -> String {
    let written = ["asyncpg", "psycopg", "psycopg2"]
        .into_iter()
        .find(|driver| {
            folder
                .first(&format!(r"postgresql\+{driver}\b()"))
                .is_some()
        });
    let requirements = folder.requirements();
    let requires = |name: &str| {
        let mut words = requirements.split(|c: char| !c.is_alphanumeric() && c != '-' && c != '_');
        words.any(|word| word == name)
    };
    let is_sqlalchemy = [
        "sqlalchemy",
        "alembic",
        "sqlmodel",
        "flask-migrate",
        "flask-sqlalchemy",
    ]
    .into_iter()
    .any(requires);
    let default = ["psycopg2", "psycopg2-binary"].into_iter().any(requires);
    let required = ["psycopg", "asyncpg"]
        .into_iter()
        .find(|driver| is_sqlalchemy && !default && requires(driver));
    match written.or(required) {
        Some(driver) => format!("{{url:sqlalchemy+{driver}}}"),
        None => "{url}".to_owned(),
    }
}

/// Variables that may be the addresses of other services, by a name for each.
pub fn neighbours(folder: &Folder, known: &Variables) -> BTreeMap<String, String> {
    let read: BTreeSet<String> = folder
        .every(&format!(r"{READ}([A-Z][A-Z0-9_]*_(?:BASE_)?(?:URL|URI))\b"))
        .into_iter()
        .map(|(_, name)| name)
        .collect();
    let database = regex::Regex::new(
        "DATABASE|POSTGRES|DB_|PG_|REDIS|AMQP|KAFKA|MONGO|CELERY|CALLBACK|REDIRECT|PUBLIC|SELF",
    )
    .expect("a valid pattern");
    read.into_iter()
        .filter(|name| !known.contains_key(name) && !database.is_match(name))
        .map(|name| {
            let short = name
                .trim_end_matches("_URL")
                .trim_end_matches("_URI")
                .trim_end_matches("_BASE");
            (short.to_lowercase(), name.clone())
        })
        .collect()
}
