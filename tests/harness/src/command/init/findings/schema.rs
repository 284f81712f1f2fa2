//! Where a project's tables come from.

use regex::Regex;

use super::{Finding, finding, folder::Folder};
use crate::command::init::quoted;

/// Files and folders that show how a project migrates: the path, the command, and what `bdd init` says about it.
const COMMANDS: [(&str, &str, &str); 7] = [
    ("alembic.ini", "alembic upgrade head", "alembic.ini"),
    ("artisan", "php artisan migrate --force", "artisan"),
    (
        "manage.py",
        "python manage.py migrate --noinput",
        "manage.py",
    ),
    ("sqitch.plan", "sqitch deploy db:{url:tcp}", "sqitch.plan"),
    (
        "priv/repo/migrations",
        "mix ecto.migrate",
        "priv/repo/migrations",
    ),
    ("knexfile.js", "npx knex migrate:latest", "knexfile"),
    ("knexfile.ts", "npx knex migrate:latest", "knexfile"),
];

/// The same for projects that have no migrations.
const WITHOUT_MIGRATIONS: [(&str, &str, &str); 2] = [
    ("db/schema.rb", "bin/rails db:schema:load", "db/schema.rb"),
    (
        "prisma/schema.prisma",
        "npx prisma db push",
        "prisma/, without migrations",
    ),
];

/// Folders of migrations that are SQL.
const FOLDERS: [(&str, &str); 8] = [
    ("prisma/migrations", "prisma/"),
    ("src/main/resources/db/migration", "Flyway's usual folder"),
    ("hasura/migrations", "hasura/"),
    ("supabase/migrations", "supabase/"),
    ("db/migrations", "db/migrations"),
    ("migrations", "migrations/"),
    ("drizzle", "drizzle/"),
    ("sql", "sql/"),
];

/// Scripts of package.json that migrate.
const MIGRATING: [&str; 6] = [
    "migration:run",
    "migrate:deploy",
    "migrate:latest",
    "migrate:up",
    "db:migrate",
    "migrate",
];

/// Scripts that create the whole schema.
const SCRIPTS: [&str; 4] = [
    "db/structure.sql",
    "schema.sql",
    "db/schema.sql",
    "structure.sql",
];

pub fn schema(folder: &Folder) -> Option<Finding> {
    first_command(folder, &COMMANDS)
        .or_else(|| flask_migrate(folder))
        .or_else(|| yoyo(folder))
        .or_else(|| flyway(folder))
        .or_else(|| {
            let mut folders = FOLDERS.iter();
            let (path, from) = folders.find(|(path, _)| folder.holds_sql(path))?;
            Some(finding(format!("{{ files = \"{path}\" }}"), *from))
        })
        .or_else(|| {
            let package = folder.text("package.json");
            let has = |name: &str| package.contains(&format!("\"{name}\":"));
            let script = MIGRATING.iter().find(|script| has(script));
            let line = script.map(|script| format!("npm run {script}"));
            let tool = has("node-pg-migrate").then(|| "npx node-pg-migrate up".to_owned());
            Some(command(folder, &line.or(tool)?, "package.json"))
        })
        .or_else(|| {
            let file = SCRIPTS.into_iter().find(|file| folder.has(file))?;
            Some(finding(format!("{{ sql = \"{file}\" }}"), file))
        })
        .or_else(|| first_command(folder, &WITHOUT_MIGRATIONS))
        .or_else(|| {
            let line = folder.procfile("release")?;
            Some(command(folder, &line, "Procfile"))
        })
}

fn command(folder: &Folder, line: &str, from: &str) -> Finding {
    let line = quoted(&folder.in_environment(line));
    finding(format!("{{ run = {line} }}"), from)
}

fn first_command(folder: &Folder, commands: &[(&str, &str, &str)]) -> Option<Finding> {
    let (_, line, from) = commands.iter().find(|(path, ..)| folder.has(path))?;
    Some(command(folder, line, from))
}

/// Flask-Migrate has Alembic's settings in the folder of the migrations.
fn flask_migrate(folder: &Folder) -> Option<Finding> {
    if !folder.has("migrations/alembic.ini") {
        return None;
    }
    Some(match folder.flask() {
        Some((app, _)) => command(
            folder,
            &format!("flask --app {app} db upgrade"),
            "Flask-Migrate",
        ),
        None => command(
            folder,
            "alembic --config migrations/alembic.ini upgrade head",
            "migrations/",
        ),
    })
}

fn yoyo(folder: &Folder) -> Option<Finding> {
    if !folder.has("yoyo.ini") {
        return None;
    }
    let sources = Regex::new(r"(?m)^sources\s*[=:]\s*(\S+)").expect("a valid pattern");
    let settings = folder.text("yoyo.ini");
    let sources = sources.captures(&settings);
    let sources = sources.map_or("migrations", |found| found.extract::<1>().1[0]);
    let line = format!("yoyo apply --batch --database {{url:tcp}} {sources}");
    Some(command(folder, &line, "yoyo.ini"))
}

/// The one folder that Flyway's settings name. If they say more than a folder, Flyway itself has to migrate.
fn flyway(folder: &Folder) -> Option<Finding> {
    let file = ["flyway.conf", "conf/flyway.conf", "flyway.toml"]
        .into_iter()
        .find(|file| folder.has(file))?;
    let settings = folder.text(file);
    let value = |pattern: &str| {
        let pattern = format!(r"(?mi)^\s*\[?(?:flyway\.)?{pattern}");
        let pattern = Regex::new(&pattern).expect("a valid pattern");
        let found = pattern.captures(&settings)?;
        Some(found.get(1).map_or("", |found| found.as_str()).to_owned())
    };
    let locations = value(r"locations\s*=\s*(.+)").unwrap_or_else(|| "filesystem:sql".to_owned());
    let folders: Vec<String> = locations
        .split(|c: char| ",[]\"' ".contains(c) || c.is_whitespace())
        .filter(|location| !location.is_empty())
        .map(|location| {
            let in_resources = location.strip_prefix("classpath:");
            let path = in_resources
                .map(|path| format!("src/main/resources/{}", path.trim_start_matches('/')));
            path.unwrap_or_else(|| {
                let path = location.trim_start_matches("filesystem:");
                path.trim_start_matches("./").to_owned()
            })
        })
        .collect();
    let says_more = value("(placeholders|schemas|defaultSchema)").is_some();
    let what = match folders.as_slice() {
        [only] if !says_more && folder.holds_sql(only) => {
            format!("{{ files = {} }}", quoted(only))
        }
        _ => format!(
            "{{ run = \"flyway -configFiles={file} -url={{url:jdbc}} -user={{user}} -password={{password}} migrate\" }}"
        ),
    };
    Some(finding(what, file))
}
