//! Where a project's tables come from.

use regex::Regex;

use super::{Finding, finding, folder::Folder};
use crate::command::init::quoted;

pub fn schema(folder: &Folder) -> Option<Finding> {
    let run = |line: &str, from: &str| Some(finding(format!("{{ run = \"{line}\" }}"), from));
    let files =
        |folder: &str, from: &str| Some(finding(format!("{{ files = \"{folder}\" }}"), from));
    if folder.has("alembic.ini") {
        return run("alembic upgrade head", "alembic.ini");
    }
    if folder.has("migrations/alembic.ini") {
        // Flask-Migrate's place for it.
        let (line, from) = match folder.flask() {
            Some((app, _)) => (format!("flask --app {app} db upgrade"), "Flask-Migrate"),
            None => (
                "alembic --config migrations/alembic.ini upgrade head".to_owned(),
                "migrations/",
            ),
        };
        return run(&line, from);
    }
    if folder.has("artisan") {
        return run("php artisan migrate --force", "artisan");
    }
    if folder.has("manage.py") {
        return run("python manage.py migrate --noinput", "manage.py");
    }
    if folder.has("sqitch.plan") {
        return run("sqitch deploy db:{url:tcp}", "sqitch.plan");
    }
    if folder.has("yoyo.ini") {
        let sources = Regex::new(r"(?m)^sources\s*[=:]\s*(\S+)").expect("a valid pattern");
        let settings = folder.text("yoyo.ini");
        let sources = sources.captures(&settings).map_or("migrations", |found| {
            found.get(1).map_or("", |source| source.as_str())
        });
        return run(
            &format!("yoyo apply --batch --database {{url:tcp}} {sources}"),
            "yoyo.ini",
        );
    }
    if folder.has("priv/repo/migrations") {
        return run("mix ecto.migrate", "priv/repo/migrations");
    }
    if let Some(found) = flyway(folder) {
        return Some(found);
    }
    let package = folder.text("package.json");
    if folder.has("knexfile.js") || folder.has("knexfile.ts") {
        return run("npx knex migrate:latest", "knexfile");
    }
    for (place, from) in [
        ("prisma/migrations", "prisma/"),
        ("src/main/resources/db/migration", "Flyway's usual folder"),
        ("hasura/migrations", "hasura/"),
        ("supabase/migrations", "supabase/"),
        ("db/migrations", "db/migrations"),
        ("migrations", "migrations/"),
        ("drizzle", "drizzle/"),
        ("sql", "sql/"),
    ] {
        if folder.holds_sql(place) {
            return files(place, from);
        }
    }
    if package.contains("\"node-pg-migrate\"") {
        return run("npx node-pg-migrate up", "package.json");
    }
    for file in [
        "db/structure.sql",
        "schema.sql",
        "db/schema.sql",
        "structure.sql",
    ] {
        if folder.has(file) {
            return Some(finding(format!("{{ sql = \"{file}\" }}"), file));
        }
    }
    if folder.has("db/schema.rb") {
        return run("bin/rails db:schema:load", "db/schema.rb");
    }
    if folder.has("prisma/schema.prisma") {
        return run("npx prisma db push", "prisma/, without migrations");
    }
    let procfile = folder.text("Procfile");
    let mut lines = procfile.lines();
    let release = lines.find_map(|line| line.strip_prefix("release:"))?;
    Some(finding(
        format!("{{ run = {} }}", quoted(release.trim())),
        "Procfile",
    ))
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
