//! Where a project's tables come from.

use regex::Regex;

use super::{Finding, finding, folder::Folder};

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
        (
            "sql",
            if folder.has("flyway.conf") || folder.has("flyway.toml") {
                "flyway's configuration"
            } else {
                "sql/"
            },
        ),
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
    None
}
