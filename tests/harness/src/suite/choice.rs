//! Selects the scenarios of a run, and prints lists of them.

use crate::{
    browser,
    failure::Misuse,
    gherkin::{
        Chosen, Selection, TagExpression, misspelled_in_words, misspelled_steps, scenarios, shard,
    },
    output::say,
    registry,
    report::steps,
    service::Store,
    suite::{
        ending::{PASSED, Stop},
        options::Format,
        run::{Definition, Run},
    },
};

/// The duration of scenarios in earlier runs.
const TIMES: &str = "timings.json";

impl Run {
    pub(super) fn choose(&self, store: Store) -> Result<Chosen, Stop> {
        let mut left_out = vec![("wip", "@wip")];
        if store == Store::Sqlite {
            left_out.push(("postgres", "@postgres, which SQLite can't serve"));
        }
        let is_only_looked_at = self.options.list || self.options.steps || self.options.dry_run;
        if self.browser.executable.is_none() && !is_only_looked_at {
            left_out.push((browser::TAG, "@browser, because there is none"));
        }
        let selection = Selection::new(
            &self.options.filter,
            &self.definition.features,
            &self.definition.tags()?,
            left_out,
        )?;
        let words = selection.words().and_then(|words| {
            registry::add_words(words.clone())?;
            Ok(words)
        });
        let words = words.map_err(|mistakes| {
            Stop::Failure(format!("words can't be used:\n  {}", mistakes.join("\n  ")))
        })?;
        let mut chosen = selection.read();
        if !(self.options.list || self.options.steps) {
            let registry = registry::registry()?;
            let is_step = |sentence: &str| !registry.matching(sentence).is_empty();
            let misspelled = misspelled_steps(&chosen.features, is_step);
            chosen.unreadable.extend(misspelled);
            let misspelled = misspelled_in_words(&words, is_step);
            chosen.unreadable.extend(misspelled);
            if self.options.dry_run {
                chosen.unreadable.extend(registry::undefined(registry));
            }
        }
        if let Some(shard) = self.options.filter.shard {
            let times = match &self.options.filter.times {
                Some(named) => shard::named_times(named, TIMES)?,
                None => shard::times(&self.definition.cache.join(TIMES))?,
            };
            let root = &self.definition.root;
            let part = shard::keep(&mut chosen.features, shard, &times, root);
            if !(self.options.list || self.options.steps) {
                say(&part);
            }
            chosen.is_empty_shard = part.scenarios == 0 && part.of > 0;
        }
        Ok(chosen)
    }

    pub(super) fn nothing_to_run(&self, chosen: &Chosen) -> Result<u8, Stop> {
        if chosen.is_empty_shard {
            say("this shard has no scenario: there are fewer scenarios than shards");
            say("\n[Summary]\n0 features\n0 scenarios\n0 steps");
            return Ok(PASSED);
        }
        let left_out: usize = chosen.left_out.iter().map(|(_, count)| count).sum();
        if let Some(words) = chosen.words.as_ref().filter(|_| left_out == 0) {
            say(format_args!(
                "no scenario's name contains {words}: nothing to run"
            ));
            say("\n[Summary]\n0 features\n0 scenarios\n0 steps");
            return Ok(PASSED);
        }
        let mut reason = "no scenario was chosen, and a run of nothing isn't a pass".to_owned();
        for (tag, count) in chosen.left_out.iter().filter(|(_, count)| *count > 0) {
            reason.push_str(&format!("; {count} left out by @{tag}"));
        }
        for tags in &self.definition.tags {
            reason.push_str(&format!("; the suite's code selects `{tags}`"));
        }
        Err(Stop::Failure(reason))
    }

    pub(super) fn steps(&self, chosen: &Chosen) -> Result<(), Stop> {
        let format = match self.options.format {
            Some(Format::Json) => steps::Format::Json,
            Some(Format::Markdown) => steps::Format::Markdown,
            _ => steps::Format::Text,
        };
        let unused = self.options.unused;
        say(steps::catalogue(&chosen.features, format, unused)?);
        Ok(())
    }

    /// Prints a line per scenario in libtest's format: `name: test`.
    pub(super) fn list(&self, chosen: &Chosen) {
        let mut count = 0;
        for feature in &chosen.features {
            for (_, scenario) in scenarios(feature) {
                say(format_args!("{} › {}: test", feature.name, scenario.name));
                count += 1;
            }
        }
        if self.options.format != Some(Format::Terse) {
            say(format_args!("\n{count} tests, 0 benchmarks"));
        }
    }
}

impl Definition {
    /// The tag expressions of the suite's code.
    fn tags(&self) -> Result<Vec<TagExpression>, Misuse> {
        let parsed = |text: &String| {
            text.parse()
                .map_err(|error| Misuse(format!("Suite::tags(\"{text}\"): {error}")))
        };
        self.tags.iter().map(parsed).collect()
    }
}
