//! Options and keys that would have no effect in a run: that is said, and they are never ignored.

use std::path::Path;

use crate::{
    failure::Misuse,
    isolation::reset::Strategy,
    service::Store,
    slot::factory::Target,
    suite::{file::File, options::Options},
};

/// Fails for the first option, key or variable that this run can't use; `variables` is how the suite's own begin.
pub fn check(options: &Options, file: &File, config: &Path, variables: &str) -> Result<(), Misuse> {
    let config = config.file_name().unwrap_or_default().display().to_string();
    let found = of_the_target(options, file, &config)
        .or_else(|| of_the_store(options, file, &config))
        .or_else(|| of_a_run_without_scenarios(options))
        .or_else(|| of_the_file(file, &config))
        .or_else(|| of_the_environment(variables));
    match found {
        None => Ok(()),
        Some((what, why)) => Err(Misuse(format!("{what} has no effect here: {why}"))),
    }
}

/// What has no effect, and why.
type Unused = Option<(String, String)>;

fn first<'a>(candidates: impl IntoIterator<Item = (bool, &'a str)>, why: &str) -> Unused {
    let found = candidates.into_iter().find(|(given, _)| *given);
    found.map(|(_, name)| (name.to_owned(), why.to_owned()))
}

fn of_the_target(options: &Options, file: &File, config: &str) -> Unused {
    let Target::Url(url) = &options.target else {
        return None;
    };
    let key = format!("prove_isolation in {config}");
    let of_databases = [
        (options.database.is_some(), "--database"),
        (options.plain_owner, "--plain-owner"),
        (options.store.is_some(), "--store"),
        (options.migrations.is_some(), "--migrations"),
        (options.reset.is_some(), "--reset"),
        (options.prove_isolation, "--prove-isolation"),
        (options.print_reset, "--print-reset"),
        (file.suite.prove_isolation, &key),
    ];
    let why = format!(
        "the database behind {url} isn't the suite's own, so nothing is made or reset there"
    );
    first(of_databases, &why).or_else(|| {
        let several = options.slots.is_some_and(|slots| slots > 1);
        first(
            [(several, "--slots")],
            &format!("scenarios run one at a time against {url}, because they share what it keeps"),
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
            "SQLite has no TRUNCATE; adaptive, delete, template and none are there",
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
    ];
    first(of_scenarios, &format!("{kind} runs no scenario"))
}

/// The command line may choose something else than the file, but the file must agree with itself.
fn of_the_file(file: &File, config: &str) -> Unused {
    let database = &file.database;
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
