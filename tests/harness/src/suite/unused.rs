//! Refuses options and keys that would have no effect in a run.

use std::path::Path;

use crate::{
    failure::Misuse,
    isolation::reset::Strategy,
    service::Store,
    slot::factory::Target,
    suite::{file::File, options::Options},
};

/// Fails for the first option, key or variable that has no effect in this run. `variables` is the prefix of the suite's
/// variables.
pub fn check(
    options: &Options,
    file: &File,
    config: &Path,
    variables: &str,
    is_lent: bool,
) -> Result<(), Misuse> {
    let config = config.file_name().unwrap_or_default().display().to_string();
    let found = of_the_target(options, file, &config, is_lent)
        .or_else(|| of_a_project(options, file))
        .or_else(|| of_the_store(options, file, &config))
        .or_else(|| of_a_run_without_scenarios(options))
        .or_else(|| of_the_file(file, &config))
        .or_else(|| of_the_environment(variables));
    match found {
        None => Ok(()),
        Some((what, why)) => Err(Misuse(format!("{what} has no effect here: {why}"))),
    }
}

/// An option, key or variable without effect, and the reason.
type Unused = Option<(String, String)>;

fn first<'a>(candidates: impl IntoIterator<Item = (bool, &'a str)>, why: &str) -> Unused {
    let found = candidates.into_iter().find(|(given, _)| *given);
    found.map(|(_, name)| (name.to_owned(), why.to_owned()))
}

fn of_the_target(options: &Options, file: &File, config: &str, is_lent: bool) -> Unused {
    let Target::Url(url) = &options.target else {
        return None;
    };
    if is_lent {
        return None;
    }
    let key = format!("prove_isolation in {config}");
    let of_databases = [
        (options.database.is_some(), "--database"),
        (options.plain_owner, "--plain-owner"),
        (options.store.is_some(), "--store"),
        (options.migrations.is_some(), "--migrations"),
        (options.reset.is_some(), "--reset"),
        (options.prove_isolation, "--prove-isolation"),
        (options.print_reset, "--print-reset"),
        (options.keep_db, "--keep-db"),
        (file.suite.prove_isolation, &key),
    ];
    let why = format!(
        "the database behind {url} isn't the suite's own, so nothing is created or reset there"
    );
    first(of_databases, &why).or_else(|| {
        let several = options.slots.is_some_and(|slots| slots > 1);
        first(
            [(several, "--slots")],
            &format!("scenarios run one at a time against {url}, because they share its data"),
        )
    })
}

/// A project with a file has one kind of service and one kind of database.
fn of_a_project(options: &Options, file: &File) -> Unused {
    if !file.is_a_projects {
        return None;
    }
    let is_binary = options.target == Target::Binary;
    first(
        [(is_binary, "--target binary")],
        "the service of bdd.toml always runs as its own process",
    )
    .or_else(|| {
        first(
            [(options.store.is_some(), "--store")],
            "the service of bdd.toml runs on PostgreSQL",
        )
    })
}

fn of_the_store(options: &Options, file: &File, config: &str) -> Unused {
    if options.store != Some(Store::Sqlite) {
        return None;
    }
    let of_servers = [
        (options.database.is_some(), "--database"),
        (options.plain_owner, "--plain-owner"),
    ];
    let truncates = options.reset.or(file.suite.reset) == Some(Strategy::Truncate);
    let name = match options.reset {
        Some(_) => "--reset truncate".to_owned(),
        None => format!("reset = \"truncate\" in {config}"),
    };
    first(of_servers, "SQLite is a file, and needs no server").or_else(|| {
        first(
            [(truncates, &*name)],
            "SQLite has no TRUNCATE; there are adaptive, delete, template and none",
        )
    })
}

fn of_a_run_without_scenarios(options: &Options) -> Unused {
    let kinds = [
        (options.list, "--list"),
        (options.steps, "--steps"),
        (options.dry_run, "--dry-run"),
        (options.print_reset, "--print-reset"),
    ];
    let (_, kind) = kinds.into_iter().find(|(given, _)| *given)?;
    let of_scenarios = [
        (options.prove_isolation, "--prove-isolation"),
        (options.reset.is_some() && !options.print_reset, "--reset"),
        (options.plain_owner && !options.print_reset, "--plain-owner"),
        (options.retry > 0, "--retry"),
        (options.fail_fast, "--fail-fast"),
        (options.browser_patience.is_some(), "--browser-patience"),
        (options.keep_db, "--keep-db"),
        (options.report_dir.is_some(), "--report-dir"),
    ];
    first(of_scenarios, &format!("{kind} runs no scenario"))
}

/// The command line may override the file, but the file must not contradict itself.
fn of_the_file(file: &File, config: &str) -> Unused {
    let database = &file.database;
    if database.name.is_some() && !file.is_a_projects {
        return Some((
            format!("database.name in {config}"),
            "the suite's own code names its database, by Suite::database".to_owned(),
        ));
    }
    let provider = database.provider.as_deref()?;
    let url = database.url.as_deref().unwrap_or_default();
    let names_a_url = !url.is_empty() && matches!(provider, "local" | "container");
    first(
        [(names_a_url, &*format!("database.url in {config}"))],
        &format!("its provider is {provider}"),
    )
}

fn of_the_environment(variables: &str) -> Unused {
    let known = ["PROVIDER", "URL", "IMAGE"].map(|name| format!("{variables}DATABASE_{name}"));
    let ours = format!("{variables}DATABASE_");
    let names = std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned());
    let mut unknown = names.filter(|name| name.starts_with(&ours) && !known.contains(name));
    let name = unknown.next()?;
    Some((name, format!("there are {}", known.join(", "))))
}
