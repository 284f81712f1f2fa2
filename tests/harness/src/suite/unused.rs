//! Refuses options and keys that would have no effect in a run.

use std::path::Path;

use crate::{
    failure::Misuse,
    isolation::reset::Strategy,
    service::Store,
    slot::factory::Target,
    suite::{file::File, options::Options},
};

/// What a command line asks for, if it runs no scenario.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Merge,
    List,
    Steps,
    PrintReset,
    DryRun,
}

use Mode::{DryRun, List, Merge, PrintReset, Steps};

/// Where options act besides in a run of scenarios. An option that isn't listed acts only there.
const ACTS: [(&[&str], &[Mode]); 12] = [
    (
        &[
            "selection",
            "tags",
            "name",
            "input",
            "exact",
            "shard",
            "times",
            "rerun",
        ],
        &[List, Steps, DryRun],
    ),
    (&["store"], &[List, Steps, PrintReset, DryRun]),
    (
        &["database", "plain_owner", "target", "migrations", "reset"],
        &[PrintReset],
    ),
    (&["shuffle", "fail_fast", "verbose", "watch"], &[DryRun]),
    (&["report_dir"], &[Merge]),
    (&["format"], &[List, Steps]),
    (&["color"], &[Merge, List, Steps, PrintReset, DryRun]),
    (&["merge"], &[Merge]),
    (&["list"], &[List]),
    (&["steps", "unused"], &[Steps]),
    (&["print_reset"], &[PrintReset]),
    (&["dry_run"], &[DryRun]),
];

/// Fails for the first option of the command line that has no effect beside `--list`, `--merge` and the like.
pub fn check_mode(options: &Options) -> Result<(), Misuse> {
    let modes = [
        (
            !options.merge.is_empty(),
            Merge,
            "--merge only merges reports",
        ),
        (options.list, List, "--list runs no scenario"),
        (options.steps, Steps, "--steps runs no scenario"),
        (
            options.print_reset,
            PrintReset,
            "--print-reset runs no scenario",
        ),
        (options.dry_run, DryRun, "--dry-run runs no scenario"),
    ];
    let Some((_, mode, why)) = modes.into_iter().find(|(is_meant, ..)| *is_meant) else {
        return Ok(());
    };
    let acts = |id: &str| {
        let mut listed = ACTS.iter();
        listed.any(|(ids, modes)| ids.contains(&id) && modes.contains(&mode))
    };
    let unused = options.given.iter().find(|(id, _)| !acts(id));
    unused.map_or(Ok(()), |(_, shown)| Err(without_effect(shown, why)))
}

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
    let found = of_the_command_line(options, file, is_lent)
        .or_else(|| of_values(options, file, &config, is_lent))
        .or_else(|| of_the_file(file, &config))
        .or_else(|| of_the_environment(variables));
    found.map_or(Ok(()), |(what, why)| Err(without_effect(&what, &why)))
}

fn without_effect(what: &str, why: &str) -> Misuse {
    Misuse(format!("{what} has no effect here: {why}"))
}

/// An option, key or variable without effect, and the reason.
type Unused = Option<(String, String)>;

/// Options that have no effect under a condition.
fn of_the_command_line(options: &Options, file: &File, is_lent: bool) -> Unused {
    let url = match &options.target {
        Target::Url(url) if !is_lent => Some(url.as_str()),
        _ => None,
    };
    let shown_url = url.unwrap_or_default();
    let is_sqlite = options.store == Some(Store::Sqlite);
    let several_slots = options.slots.is_some_and(|slots| slots > 1);
    let conditions: [(bool, &[&str], String); 8] = [
        (
            url.is_some(),
            &[
                "database",
                "plain_owner",
                "store",
                "migrations",
                "reset",
                "prove_isolation",
                "print_reset",
                "keep_db",
            ],
            format!(
                "the database behind {shown_url} isn't the suite's own, so nothing is created or reset there"
            ),
        ),
        (
            url.is_some(),
            &["start_timeout"],
            format!("the service at {shown_url} is running already"),
        ),
        (
            url.is_some() && several_slots,
            &["slots"],
            format!("scenarios run one at a time against {shown_url}, because they share its data"),
        ),
        (
            is_lent,
            &[
                "database",
                "plain_owner",
                "store",
                "migrations",
                "print_reset",
                "keep_db",
                "start_timeout",
            ],
            LENT.to_owned(),
        ),
        (is_lent && several_slots, &["slots"], LENT.to_owned()),
        (
            options.target == Target::None && !is_lent,
            &["start_timeout"],
            "no service is started".to_owned(),
        ),
        (
            file.is_a_projects,
            &["store"],
            "the service of bdd.toml runs on PostgreSQL".to_owned(),
        ),
        (
            is_sqlite,
            &["database", "plain_owner"],
            "SQLite is a file, and needs no server".to_owned(),
        ),
    ];
    conditions
        .into_iter()
        .filter(|(applies, ..)| *applies)
        .find_map(|(_, ids, why)| {
            let shown = ids.iter().find_map(|id| options.given.get(*id))?;
            Some((shown.clone(), why))
        })
}

const LENT: &str = "with --lent there is one slot, which `bdd lend` has created";

/// Single values that can't be meant.
fn of_values(options: &Options, file: &File, config: &str, is_lent: bool) -> Unused {
    let truncates = options.reset.or(file.suite.reset) == Some(Strategy::Truncate);
    let reset = match options.reset {
        Some(_) => "--reset truncate".to_owned(),
        None => format!("reset = \"truncate\" in {config}"),
    };
    let values = [
        (
            file.is_a_projects && options.target == Target::Binary,
            "--target binary",
            "the service of bdd.toml always runs as its own process",
        ),
        (
            is_lent && options.target == Target::Binary,
            "--target binary",
            "with --lent your own process answers",
        ),
        (
            is_lent && options.reset == Some(Strategy::Template),
            "--reset template",
            "the lent database can't be replaced while a process uses it",
        ),
        (
            truncates && options.store == Some(Store::Sqlite),
            &reset,
            "SQLite has no TRUNCATE; there are adaptive, delete, template and none",
        ),
    ];
    let found = values.into_iter().find(|(applies, ..)| *applies);
    found.map(|(_, what, why)| (what.to_owned(), why.to_owned()))
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
    let is_throwaway = matches!(provider, "local" | "container");
    let of_external = [
        (!url.is_empty() && is_throwaway, "url"),
        (database.keep_schema && is_throwaway, "keep_schema"),
    ];
    let (_, key) = of_external.into_iter().find(|(given, _)| *given)?;
    Some((
        format!("database.{key} in {config}"),
        format!("its provider is {provider}"),
    ))
}

fn of_the_environment(variables: &str) -> Unused {
    let known = ["PROVIDER", "URL", "IMAGE"].map(|name| format!("{variables}DATABASE_{name}"));
    let ours = format!("{variables}DATABASE_");
    let names = std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned());
    let mut unknown = names.filter(|name| name.starts_with(&ours) && !known.contains(name));
    let name = unknown.next()?;
    Some((name, format!("there are {}", known.join(", "))))
}
