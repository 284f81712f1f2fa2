//! What a project's folder reveals: framework, migrations, variables.

mod folder;
mod run;
mod schema;
mod variables;

use std::{collections::BTreeMap, path::Path};

use folder::Folder;
use regex::Regex;

const COMPOSE: [&str; 4] = [
    "docker-compose.yml",
    "docker-compose.yaml",
    "compose.yaml",
    "compose.yml",
];

/// Something that was found, and its source.
#[derive(Clone, Debug)]
pub struct Finding {
    pub what: String,
    pub from: String,
}

fn finding(what: impl Into<String>, from: impl Into<String>) -> Finding {
    Finding {
        what: what.into(),
        from: from.into(),
    }
}

/// Everything that was found.
#[derive(Debug, Default)]
pub struct Findings {
    /// A TOML table.
    pub schema: Option<Finding>,
    pub run: Option<Finding>,
    /// A path.
    pub ready: Option<Finding>,
    /// A path.
    pub forget: Option<Finding>,
    pub env: BTreeMap<String, String>,
    env_from: String,
    /// Other services that may be called: a name, and the variable with the address.
    pub neighbours: BTreeMap<String, String>,
    /// The image of Compose's PostgreSQL.
    pub image: Option<String>,
    others: Vec<Finding>,
}

impl Findings {
    pub fn of(folder: &Path) -> Self {
        let folder = Folder::of(folder);
        let run = run::run(&folder);
        let takes_port = run.as_ref().is_some_and(|run| run.what.contains("{port}"));
        let (env, env_from) = variables::variables(&folder, takes_port);
        Self {
            schema: schema::schema(&folder),
            ready: run::ready(&folder),
            forget: run::forget(&folder),
            image: image(&folder),
            others: others(&folder),
            neighbours: variables::neighbours(&folder, &env),
            run,
            env,
            env_from,
        }
    }

    pub fn all(&self) -> Vec<Finding> {
        let named = |name: &str, found: &Option<Finding>| match found {
            Some(found) => finding(format!("{name}: {}", found.what), &found.from),
            None => finding(format!("{name}: nothing"), "write it yourself"),
        };
        let mut all = vec![
            named("schema", &self.schema),
            named("service", &self.run),
            named("ready", &self.ready),
        ];
        if self.forget.is_some() {
            all.push(named("forget", &self.forget));
        }
        let variables = self.env.iter();
        let names: Vec<String> = variables
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if self.run.is_some() {
            all.push(finding(
                format!("variables: {}", names.join(", ")),
                &self.env_from,
            ));
        }
        all.extend(self.others.iter().cloned());
        all
    }

    pub fn to_check(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if self.schema.is_none() {
            lines.push("schema: nothing was found that creates the tables".to_owned());
        }
        match &self.run {
            None => lines.push("service.run: nothing was found that starts the service".to_owned()),
            Some(run) => {
                lines.push(format!(
                    "service.run: whether `{}` is the right command for tests",
                    run.what
                ));
                lines.push("service.env: whether these are the variables it reads; `bdd config` explains {url:jdbc}, {url:sqlalchemy}, {host} and others".to_owned());
                lines.push("service.pass: which other variables of your environment it needs; PATH, HOME, LANG and VIRTUAL_ENV are passed".to_owned());
                if !self.neighbours.is_empty() {
                    lines.push(
                        "neighbours: whether it calls these services; the suite can play them"
                            .to_owned(),
                    );
                }
                lines.push(match &self.forget {
                    Some(forget) => format!(
                        "service.forget: remove its # if tests can call {}, which clears its memory",
                        forget.what
                    ),
                    None => "service.forget: what clears its memory, if it caches anything".to_owned(),
                });
            }
        }
        lines
    }
}

fn others(folder: &Folder) -> Vec<Finding> {
    let mut others = Vec::new();
    for place in ["src/main/java/db/migration", "src/main/kotlin/db/migration"] {
        if folder.has(place) {
            others.push(finding(
                "migrations that are programs: `files` can't run them; let a command migrate, by schema = { run = \"…\" }",
                place,
            ));
        }
    }
    for file in COMPOSE {
        if folder.text(file).contains("postgres") {
            others.push(finding(
                "a PostgreSQL of Compose: not used; the suite starts its own server, or uses the one in database.url",
                file,
            ));
        }
    }
    if folder.has("src/main/resources/db/changelog") {
        others.push(finding(
            "changelogs of Liquibase: let a command apply them, by schema = { run = \"…\" }",
            "src/main/resources/db/changelog",
        ));
    }
    for name in folder.folders() {
        let below = folder.path.join(&name);
        if below.join("pyvenv.cfg").exists() {
            continue;
        }
        let below = Folder::of(&below);
        if schema::schema(folder).is_none()
            && schema::schema(&below).is_some()
            && run::run(&below).is_some()
        {
            others.push(finding(
                format!("a project of its own: remove bdd.toml here, and run `bdd init {name}`"),
                format!("{name}/"),
            ));
        }
    }
    let environment = [".venv", "venv", "env"]
        .into_iter()
        .find(|name| folder.has(&format!("{name}/pyvenv.cfg")));
    if let Some(environment) = environment
        && std::env::var_os("VIRTUAL_ENV").is_none()
        && folder.in_environment("python") == "python"
    {
        others.push(finding(
            format!(
                "a virtual environment that isn't active: `. {environment}/bin/activate` before bdd"
            ),
            environment,
        ));
    }
    others
}

/// The image of Compose's PostgreSQL: its version and its extensions matter.
fn image(folder: &Folder) -> Option<String> {
    let pattern =
        r#"image:\s*["']?([\w./-]*(?:postgres|postgis|pgvector|timescale)[\w./-]*:[\w.-]+)"#;
    let pattern = Regex::new(pattern).expect("a valid pattern");
    COMPOSE.iter().find_map(|file| {
        let text = folder.text(file);
        Some(pattern.captures(&text)?.get(1)?.as_str().to_owned())
    })
}
