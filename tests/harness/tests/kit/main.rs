//! The steps of Cucumber's compatibility kit. `scripts/check-messages` runs each sample of the kit with them and
//! compares the messages. `KIT_SAMPLE` names the folder of one sample; without it there is nothing to do.

// All steps of the kit have the same result type.
#![allow(clippy::unnecessary_wraps)]

mod all_statuses;
mod ambiguous;
mod attachments;
mod backgrounds;
mod cdata;
mod data_tables;
mod data_tables_doc_strings;
mod data_tables_with_expression;
mod doc_strings;
mod doc_strings_with_expression;
mod examples_tables;
mod examples_tables_attachment;
mod examples_tables_undefined;
mod failedish_combinations;
mod hooks;
mod hooks_passing;
mod hooks_skipped;
mod minimal;
mod multiple_features;
mod parameter_types;
mod pending;
mod pending_exception;
mod regular_expression;
mod retry;
mod retry_ambiguous;
mod retry_pending;
mod rules;
mod skipped;
mod skipped_exception;
mod skipped_failing_hook;
mod stack_traces;
mod undefined;
mod unused_steps;

use std::{path::Path, process::ExitCode};

use bdd_harness::{Failure, Migrations, Outcome, Suite, World};

/// Samples that use the steps of another sample, or no steps.
const STEPS: [(&str, &str); 14] = [
    (
        "examples-tables-undefined-multiple",
        "examples_tables_undefined",
    ),
    ("global-hooks", "hooks"),
    ("global-hooks-afterall-error", "hooks_passing"),
    ("global-hooks-attachments", "hooks_passing"),
    ("global-hooks-beforeall-error", "hooks_passing"),
    ("hooks-attachment", "hooks_passing"),
    ("hooks-conditional", "hooks_passing"),
    ("hooks-named", "hooks_passing"),
    ("multiple-features-reversed", "multiple_features"),
    ("rules-backgrounds", "backgrounds"),
    ("undefined-multiple", "undefined"),
    ("empty", "none"),
    ("hooks-undefined", "none"),
    ("retry-undefined", "none"),
];

fn main() -> ExitCode {
    let Ok(folder) = std::env::var("KIT_SAMPLE") else {
        println!(
            "KIT_SAMPLE isn't set: scripts/check-messages runs the samples of the compatibility kit"
        );
        return ExitCode::SUCCESS;
    };
    let sample = Path::new(&folder).file_name().unwrap_or_default();
    let sample = sample.to_string_lossy().into_owned();
    let other = STEPS.iter().find(|(name, _)| *name == sample);
    let steps = other.map_or_else(
        || sample.replace('-', "_"),
        |(_, steps)| (*steps).to_owned(),
    );
    let migrations = Migrations::folder("tests/selftest/migrations/postgres")
        .sqlite("tests/selftest/migrations/sqlite");
    let suite = Suite::new(&folder)
        .migrations(migrations)
        .only_steps_in(&format!("tests/kit/{steps}.rs"));
    if sample.starts_with("global-hooks") {
        with_hooks_of_the_run(suite, &sample).main()
    } else {
        with_hooks(suite, &sample).main()
    }
}

fn with_hooks(suite: Suite, sample: &str) -> Suite {
    match sample {
        "hooks" | "hooks-undefined" => suite.before("", passes).after("", passes),
        "hooks-attachment" => suite.before("", attaches).after("", attaches),
        "hooks-conditional" => suite
            .before("@passing-hook", passes)
            .before("@fail-before", fails)
            .after("@fail-after", fails)
            .after("@passing-hook", passes),
        "hooks-named" => suite
            .before_named("A named before hook", "", passes)
            .after_named("A named after hook", "", passes),
        "hooks-skipped" => suite
            .before("", passes)
            .before("@skip-before", skips)
            .before("", passes)
            .after("", passes)
            .after("@skip-after", skips)
            .after("", passes),
        "skipped-failing-hook" => suite.after("", whoops),
        _ => suite,
    }
}

fn with_hooks_of_the_run(suite: Suite, sample: &str) -> Suite {
    match sample {
        "global-hooks-afterall-error" => suite
            .before_all(passes)
            .before_all(passes)
            .after_all(passes)
            .after_all(async |_| Err(Failure::new("AfterAll hook went wrong")))
            .after_all(passes),
        "global-hooks-attachments" => suite
            .before_all(async |world| attaches_text(world, "Attachment from BeforeAll hook"))
            .after_all(async |world| attaches_text(world, "Attachment from AfterAll hook")),
        "global-hooks-beforeall-error" => suite
            .before_all(passes)
            .before_all(async |_| Err(Failure::new("BeforeAll hook went wrong")))
            .before_all(passes)
            .after_all(passes)
            .after_all(passes),
        _ => suite
            .before_all(passes)
            .before_all(passes)
            .after_all(passes)
            .after_all(passes),
    }
}

fn attaches_text(world: &mut World, text: &str) -> Outcome {
    world.attach("text/plain", text);
    Ok(())
}

async fn passes(_: &mut World) -> Outcome {
    Ok(())
}

async fn fails(_: &mut World) -> Outcome {
    Err(Failure::new("Exception in conditional hook"))
}

async fn whoops(_: &mut World) -> Outcome {
    Err(Failure::new("whoops"))
}

async fn skips(_: &mut World) -> Outcome {
    Err(Failure::skipped(""))
}

async fn attaches(world: &mut World) -> Outcome {
    let picture = file("cucumber.svg")?;
    world.attach_file("image/svg+xml", picture, None);
    Ok(())
}

/// A file of the sample.
fn file(name: &str) -> Result<Vec<u8>, Failure> {
    let folder = std::env::var("KIT_SAMPLE").unwrap_or_default();
    std::fs::read(Path::new(&folder).join(name)).map_err(|error| Failure::new(error.to_string()))
}
