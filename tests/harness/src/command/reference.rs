//! The reference of bdd.toml's keys. The names come from the file's types, the explanations are here.

use crate::{
    command::file::Keys,
    output::draw,
    service::surroundings::{PLACEHOLDERS, Surroundings},
};

/// A section, the TOML text that makes serde list its keys, and its explanation.
const SECTIONS: [(&str, &str, &str); 9] = [
    ("", "_ = 1", "The project."),
    (
        "schema",
        "schema = { _ = 1 }",
        "How the tables are created: exactly one of these. Without it the database is empty.",
    ),
    (
        "service",
        "[service]\n_ = 1",
        "The service, which runs as one process group in each slot. Without this section, scenarios only use the database.",
    ),
    (
        "service.ready",
        "[service]\nready = { _ = 1 }",
        "When the service is ready. By default it is ready when its port accepts a connection.",
    ),
    (
        "service.forget",
        "[service]\nforget = { _ = 1 }",
        "What clears the memory of the service after each scenario: `{ post = \"/path\" }`, `\"restart\"`, or `\"nothing\"` for a service that has none.",
    ),
    (
        "database",
        "[database]\n_ = 1",
        "The server. `database = \"name\"` alone is the same as `name` here.",
    ),
    (
        "suite",
        "[suite]\n_ = 1",
        "How scenarios run. The command line overrides the environment, and the environment overrides the file.",
    ),
    (
        "browser",
        "[browser]\n_ = 1",
        "For scenarios with the tag `@browser`.",
    ),
    (
        "neighbours",
        "",
        "Other services, played by the suite: their names, and the environment variable that tells the service the address of each, as in `payment = \"PAY_API\"`. Without this section there are those that the features mention: the address of `payment` is in `PAYMENT_URL`.",
    ),
];

/// A key, its possible values, its default, and its meaning.
const TEXTS: &[(&str, &str, &str, &str)] = &[
    ("features", "folder", "`features`", "the feature files"),
    (
        "database",
        "name or section",
        "`bdd_test`",
        "the name of the template database, or the section below",
    ),
    ("schema", "table", "none", "the section below"),
    ("service", "section", "none", "the section below"),
    (
        "neighbours",
        "section",
        "those that the features mention",
        "the section below",
    ),
    ("suite", "section", "", "the section below"),
    ("browser", "section", "", "the section below"),
    (
        "browser.path",
        "file",
        "found in the usual places",
        "the executable of Chromium",
    ),
    (
        "browser.arguments",
        "list of texts",
        "none",
        "additional arguments for Chromium",
    ),
    (
        "browser.patience",
        "duration",
        "see `bdd --help`",
        "how long a step about a page waits",
    ),
    (
        "schema.run",
        "command",
        "",
        "migrates the database of `DATABASE_URL` to the latest schema, as its owner; it also gets `PGHOST`, `PGUSER` and so on, and `service.env` with the owner's values",
    ),
    (
        "schema.from",
        "list of files or folders",
        "",
        "with `run` and `database.keep_schema`: what the command reads. If it changes, the command runs again",
    ),
    (
        "schema.files",
        "folder",
        "",
        "migrations of sqlx, golang-migrate, Flyway, goose, dbmate, sql-migrate, node-pg-migrate, Prisma, Hasura or Diesel; only the up migrations run",
    ),
    (
        "schema.sql",
        "file or files",
        "",
        "SQL files in this order: `structure.sql`, pg_dump's output, your own",
    ),
    (
        "service.run",
        "command",
        "required",
        "starts the service; a shell runs it in the folder of bdd.toml. SIGTERM reaches all its processes; the exit code is the \
         service's, except behind a second shell that SIGTERM ends first (`sh -c '…'` without `exec`)",
    ),
    (
        "service.ready",
        "table",
        "a connection",
        "the section below",
    ),
    (
        "service.env",
        "table",
        "`DATABASE_URL = \"{url}\"`",
        "its environment, with placeholders filled in",
    ),
    (
        "service.pass",
        "list of names",
        "see below",
        "the variables of your environment that it gets; `LC_*` means all that start with `LC_`. PATH and TMPDIR are always passed; variables of PostgreSQL's clients and your own DATABASE_URL never are",
    ),
    (
        "service.role",
        "`rows` or `owner`",
        "`rows`",
        "`rows` may read and write the rows of all tables, `owner` may do everything",
    ),
    (
        "service.grants",
        "file",
        "none",
        "an SQL file that grants rights to the role `{role}`, after the migrations; the role has no other rights, unless `role = \"rows\"` is set too",
    ),
    (
        "service.forget",
        "table or word",
        "not set",
        "the section below",
    ),
    (
        "service.program",
        "command",
        "none",
        "what `I run \"…\"` runs, with the words of the step added; read by a shell in an empty folder, so `cd {root} && python -m library` where it needs the project's; a project without a server needs only this key",
    ),
    (
        "service.ready.get",
        "path",
        "",
        "a path that answers with a success status when the service is ready",
    ),
    (
        "service.ready.line",
        "regular expression",
        "",
        "matches a line of its output; a group contains the port or the address where it listens",
    ),
    (
        "service.ready.within",
        "duration",
        "`1m`",
        "how long the start may take",
    ),
    (
        "service.forget.post",
        "path",
        "",
        "gets a POST after each reset, and answers with a success status",
    ),
    (
        "database.name",
        "name",
        "`bdd_test`",
        "the template's name; slots and other runs get a suffix",
    ),
    (
        "database.provider",
        "`auto`, `external`, `container`, `local`",
        "`auto`",
        "where PostgreSQL comes from; also BDD_DATABASE_PROVIDER",
    ),
    (
        "database.url",
        "URL",
        "none",
        "the server for `external`; also BDD_DATABASE_URL",
    ),
    (
        "database.image",
        "image",
        "`postgres:16-alpine`",
        "the image for `container`; also BDD_DATABASE_IMAGE",
    ),
    (
        "database.keep_schema",
        "true or false",
        "`false`",
        "on an external server, keeps a migrated database, so that an unchanged schema isn't migrated again. It is replaced when the schema changes, and removed by the next run without this key",
    ),
    (
        "database.in_memory",
        "true or false",
        "`true`",
        "whether a local server stores its data in /dev/shm, if 2 GiB are free there",
    ),
    (
        "suite.slots",
        "number",
        "one; then one per core, and up to three, as they are worth the service's start",
        "how many scenarios run at the same time",
    ),
    (
        "suite.reset",
        "`adaptive`, `truncate`, `delete`, `template`, `none`",
        "`adaptive`",
        "how a slot is reset after each scenario",
    ),
    (
        "suite.prove_isolation",
        "true or false",
        "`false`",
        "compares the whole database with the template after every reset",
    ),
    (
        "suite.step_timeout",
        "duration",
        "`2m`",
        "how long one step may take",
    ),
    (
        "suite.start_timeout",
        "duration",
        "`1m`",
        "how long the service may take to start",
    ),
    (
        "suite.program_timeout",
        "duration",
        "`1m`",
        "how long a run of the command line may take",
    ),
];

/// Prints the reference as Markdown. Returns whether every key is explained.
pub fn print() -> bool {
    let mut text = String::from(
        "# bdd.toml\n\nThis page is generated: `bdd config`. Paths are relative to the file. A key that isn't here is refused.\n",
    );
    let mut all = true;
    for (section, ask, about) in SECTIONS {
        let title = if section.is_empty() {
            "The file"
        } else {
            section
        };
        text.push_str(&format!("\n## {title}\n\n{about}\n"));
        if ask.is_empty() {
            continue;
        }
        text.push_str("\n| key | value | default | meaning |\n|---|---|---|---|\n");
        for key in Keys::known(ask) {
            let path = if section.is_empty() {
                key.clone()
            } else {
                format!("{section}.{key}")
            };
            let explained = TEXTS.iter().find(|(known, ..)| *known == path);
            all &= explained.is_some();
            let (_, value, default, meaning) = explained.unwrap_or(&("", "", "", "not explained"));
            text.push_str(&format!("| `{key}` | {value} | {default} | {meaning} |\n"));
        }
    }
    text.push_str(
        "\n## Placeholders\n\nIn `service.run`, `service.env`, `service.program`, `schema.run`, and the command of `bdd lend`. In \
         a command, values are quoted for the shell. `{{url}}` is the text `{url}`. A local server \
         also listens on a port of 127.0.0.1, where every role needs its password.\n\n| placeholder | meaning |\n|---|---|\n",
    );
    for (name, meaning) in PLACEHOLDERS {
        text.push_str(&format!("| `{{{name}}}` | {meaning} |\n"));
    }
    text.push_str(&format!(
        "\nWithout `service.pass`, these are passed: {}.\n",
        Surroundings::PASSED.join(", ")
    ));
    draw(text);
    all
}
