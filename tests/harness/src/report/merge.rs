//! `--merge`: combines the reports of several runs, for example of shards, into one.

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use crate::failure::in_brief;
use crate::report::{
    Recorder, ScenarioCounts,
    failure::titled,
    messages::{
        attempts::{Attempts, Ended},
        read::{self, Ids, Run},
    },
    record::{Attempt, Status, Step},
    recorder::MESSAGES,
};

/// The combined result of the runs.
#[derive(Debug, Default)]
pub struct Merged {
    pub runs: usize,
    pub features: usize,
    pub scenarios: ScenarioCounts,
    pub flaky: Vec<String>,
    /// Failed scenarios with their places and reasons, and files with mistakes.
    pub failures: Vec<String>,
    /// Folders of runs that were killed.
    pub killed: Vec<PathBuf>,
    pub success: bool,
}

/// Merges the reports in `folders` and writes the result to `into`. `id` is a unique name for the result.
pub fn merge(folders: &[PathBuf], into: &Path, id: &str) -> Result<Merged, String> {
    let mut runs = Vec::new();
    for folder in folders {
        check(folder, into)?;
        runs.push(read::read(&folder.join(MESSAGES))?);
    }
    let known = known(folders, &runs)?;
    let mut ids = Ids::default();
    let all_done = runs.iter().flat_map(|run| &run.done);
    for message in known.iter().copied().chain(all_done.clone()) {
        ids.add(message);
    }
    let mut merged = Merged::of(folders, &runs, &known);
    let unreadable: Vec<_> = runs.iter().flat_map(Run::unreadable).collect();
    merged.failures.extend(unreadable.iter().cloned());
    let stopped = folders.iter().zip(&runs);
    let stopped = stopped.filter_map(|(folder, run)| {
        let why = run.stopped.as_ref()?;
        Some(format!("{}: no scenario ran: {why}", folder.display()))
    });
    let stopped: Vec<_> = stopped.collect();
    merged.failures.extend(stopped.iter().cloned());
    let mut recorder = Recorder::create(into, id)?;
    recorder.start_merged(
        &runs[0].meta,
        &known,
        merged.scenarios.chosen,
        &unreadable,
        stopped,
    );
    let mut attempts = Attempts::default();
    for message in all_done {
        recorder.write_message(&of_one_run(message, id));
        match attempts.add(&ids, message) {
            Some(Ended::Attempt(attempt)) => {
                recorder.record(&attempt);
                merged.count(&attempt);
            }
            Some(Ended::RunHook(hook)) => {
                recorder.record_run_hook(&hook);
                merged.count_run_hook(&hook);
            }
            None => {}
        }
    }
    merged.success &= merged.failures.is_empty();
    recorder.finish(merged.success)?;
    Ok(merged)
}

/// Fails if a folder has no messages, or would be overwritten.
fn check(folder: &Path, into: &Path) -> Result<(), String> {
    let shown = folder.display();
    if !folder.join(MESSAGES).is_file() {
        return Err(format!(
            "--merge: there is no {MESSAGES} in {shown}: name folders of reports"
        ));
    }
    let same = folder.canonicalize().ok().zip(into.canonicalize().ok());
    if same.is_some_and(|(one, other)| one == other) {
        return Err(format!(
            "--merge would overwrite the reports in {shown}: name another folder with --report-dir"
        ));
    }
    Ok(())
}

/// The messages before the first scenario, without duplicates. Runs of the same files have the same ones.
fn known<'a>(folders: &[PathBuf], runs: &'a [Run]) -> Result<Vec<&'a Value>, String> {
    let mut seen = HashSet::new();
    let mut sources: HashMap<&str, (&Value, &PathBuf)> = HashMap::new();
    let mut names = HashMap::new();
    let mut known = Vec::new();
    for (folder, run) in folders.iter().zip(runs) {
        if let Some(other) = names.insert(&run.id, folder) {
            return Err(format!(
                "{} and {} are reports of the same run",
                other.display(),
                folder.display()
            ));
        }
        for message in &run.known {
            if let Some(uri) = message["source"]["uri"].as_str() {
                let (first, other) = sources.entry(uri).or_insert((message, folder));
                if *first != message {
                    return Err(format!(
                        "{uri} isn't the same in {} and {}: only reports of the same features can be merged",
                        other.display(),
                        folder.display()
                    ));
                }
            }
            if seen.insert(message.to_string()) {
                known.push(message);
            }
        }
    }
    // First the kinds that come first in the messages of a run.
    known.sort_by_key(|message| {
        let late = ["parameterType", "stepDefinition", "hook"];
        late.iter().any(|kind| message.get(kind).is_some())
    });
    Ok(known)
}

fn of_one_run(message: &Value, id: &str) -> Value {
    let mut message = message.clone();
    for kind in ["testCase", "testRunHookStarted"] {
        if let Some(run) = message
            .get_mut(kind)
            .and_then(|it| it.get_mut("testRunStartedId"))
        {
            *run = json!(id);
        }
    }
    message
}

impl Merged {
    fn of(folders: &[PathBuf], runs: &[Run], known: &[&Value]) -> Self {
        let uris: HashSet<_> = known
            .iter()
            .filter_map(|message| message["pickle"]["uri"].as_str())
            .collect();
        let killed = folders
            .iter()
            .zip(runs)
            .filter(|(_, run)| run.success.is_none());
        Self {
            runs: runs.len(),
            features: uris.len(),
            scenarios: ScenarioCounts {
                chosen: runs.iter().map(Run::chosen).sum(),
                ..ScenarioCounts::default()
            },
            success: runs.iter().all(|run| run.success == Some(true)),
            killed: killed.map(|(folder, _)| folder.clone()).collect(),
            ..Self::default()
        }
    }

    fn count_run_hook(&mut self, hook: &Step) {
        if hook.status.is_failure() {
            let failure = format!("{}\n    {}", titled(&hook.what), in_brief(&hook.message));
            self.failures.push(failure);
        }
    }

    fn count(&mut self, attempt: &Attempt) {
        if attempt.will_be_retried {
            self.scenarios.retried += 1;
            return;
        }
        let case = &attempt.case;
        let title = format!(
            "{} › {}{}   {}",
            case.feature,
            case.name,
            case.row,
            case.place()
        );
        match attempt.status() {
            Status::Passed => {
                self.scenarios.passed += 1;
                if attempt.number > 0 {
                    self.flaky.push(title);
                }
            }
            Status::Skipped => self.scenarios.skipped += 1,
            Status::Interrupted => self.scenarios.interrupted += 1,
            _ => {
                self.scenarios.failed += 1;
                let reason = attempt.decisive().map_or("", |step| &step.message);
                let failure = format!("{title}\n    {}", in_brief(reason));
                self.failures.push(failure.trim_end().to_owned());
            }
        }
    }
}
