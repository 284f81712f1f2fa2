//! `messages.ndjson`: the run as Cucumber Messages, one per line, for any Cucumber tool.
//!
//! An attempt is written when it has ended, so the file of a killed run contains only complete attempts.

pub mod attempts;
mod ci;
mod definitions;
mod document;
mod lines;
mod matched;
mod pickle;
pub mod read;
mod values;

use std::{
    collections::{HashMap, HashSet},
    time::SystemTime,
};

use gherkin::{Feature, LineCol};
use serde_json::{Value, json};

use definitions::{definition_id, hook_id, of_hook, steps_and_hooks};
pub use lines::Lines;
pub use matched::matches;
use values::{arguments_list, result, timestamp};

use crate::{
    gherkin::parse,
    report::{
        object::object,
        record::{Attempt, Hook, Scope, Status, Step, What},
    },
};

/// The version of the protocol, as in the schemas of `tests/messages`.
const PROTOCOL: &str = "34.2.0";

/// Ids for the contents of a file. Two runs of the same file have the same ids.
struct Ids(String);

impl Ids {
    fn of_file(uri: &str) -> Self {
        Self(document::hash(uri))
    }

    fn node(&self, line: usize) -> String {
        format!("{}-{line}", self.0)
    }

    fn tag(&self, place: LineCol) -> String {
        format!("{}-{}-{}", self.0, place.line, place.col)
    }

    fn pickle(&self, line: usize) -> String {
        format!("{}-{line}-p", self.0)
    }

    fn pickle_step(&self, line: usize, index: usize) -> String {
        format!("{}-{line}-p{index}", self.0)
    }
}

/// Creates the messages of one run.
pub struct Messages {
    run: String,
    /// The numbers of the test cases whose steps have been sent.
    cases: HashMap<String, usize>,
    /// Hooks of slots that have been sent.
    hooks: HashSet<String>,
    suggestions: usize,
    /// The number of hooks around the run that have been sent.
    run_hooks: usize,
}

impl Messages {
    /// `run` is a unique name.
    pub fn new(run: String) -> Self {
        Self {
            run,
            cases: HashMap::new(),
            hooks: HashSet::new(),
            suggestions: 0,
            run_hooks: 0,
        }
    }

    /// The messages before the first scenario. `features` are the selected ones, each with its name in reports.
    /// `unreadable` are mistakes with their file and position.
    pub fn start(
        &self,
        features: &[(String, &Feature)],
        unreadable: &[String],
        hooks: &[Hook],
        lines: &mut Lines,
    ) {
        lines.write(&meta());
        for (uri, feature) in features {
            of_file(uri, feature, lines);
        }
        for what in unreadable {
            lines.write(&parse_error(what));
        }
        for message in steps_and_hooks(hooks) {
            lines.write(&message);
        }
        lines.write(&self.start_of_run());
    }

    pub fn start_of_run(&self) -> Value {
        let (id, timestamp) = (&self.run, timestamp(SystemTime::now()));
        json!({ "testRunStarted": { "id": id, "timestamp": timestamp } })
    }

    pub fn attempt(&mut self, attempt: &Attempt, lines: &mut Lines) {
        let ids = Ids::of_file(&attempt.case.file);
        let line = attempt.case.line;
        let steps: Vec<_> = attempt
            .steps
            .iter()
            .map(|step| test_step(&ids, line, step))
            .collect();
        // If the slot failed, the attempt has other steps. Then it is another test case of the same scenario.
        let shape: Vec<_> = steps
            .iter()
            .map(|step| step["hookId"].to_string())
            .collect();
        let case = format!("{} {}", ids.pickle(line), shape.join(" "));
        let next = self.cases.len() + 1;
        let number = *self.cases.entry(case).or_insert(next);
        let case = format!("{}-{number}", self.run);
        if number == next {
            self.of_the_slot(attempt, lines);
            lines.write(&self.test_case(&case, &ids.pickle(line), steps));
        }
        let started = format!("{case}-a{}", attempt.number);
        lines.write(&message(
            "testCaseStarted",
            [
                ("id", started.as_str().into()),
                ("testCaseId", case.as_str().into()),
                ("timestamp", timestamp(attempt.started)),
                ("workerId", attempt.slot.to_string().into()),
                ("attempt", attempt.number.into()),
            ],
        ));
        for (number, step) in attempt.steps.iter().enumerate() {
            let id = format!("{case}-{number}");
            self.step(&ids, attempt, step, &started, &id, lines);
        }
        lines.write(&message(
            "testCaseFinished",
            [
                ("testCaseStartedId", started.into()),
                ("timestamp", timestamp(attempt.started + attempt.took)),
                ("willBeRetried", attempt.will_be_retried.into()),
            ],
        ));
    }

    /// A hook before the first or after the last scenario.
    pub fn run_hook(&mut self, step: &Step, lines: &mut Lines) {
        let What::Hook(hook) = &step.what else {
            return;
        };
        self.run_hooks += 1;
        let id = format!("{}-h{}", self.run, self.run_hooks);
        lines.write(&message(
            "testRunHookStarted",
            [
                ("id", id.as_str().into()),
                ("testRunStartedId", self.run.as_str().into()),
                ("hookId", hook_id(hook).into()),
                ("timestamp", timestamp(step.started)),
            ],
        ));
        let ended = timestamp(step.started + step.took);
        for attachment in &step.attachments {
            let mut members = values::attachment(attachment);
            members["testRunHookStartedId"] = id.as_str().into();
            members["timestamp"] = ended.clone();
            lines.write(&object([("attachment", members)]));
        }
        lines.write(&message(
            "testRunHookFinished",
            [
                ("testRunHookStartedId", id.into()),
                ("timestamp", ended),
                ("result", result("", step)),
            ],
        ));
    }

    /// `stopped` is why the run ended before its first scenario, if it did.
    pub fn end(&self, success: bool, stopped: &str) -> Value {
        let timestamp = timestamp(SystemTime::now());
        let mut end = json!({ "testRunFinished": {
            "testRunStartedId": self.run, "timestamp": timestamp, "success": success,
        } });
        if !stopped.is_empty() {
            end["testRunFinished"]["exception"] = json!({ "type": "Failure", "message": stopped });
        }
        end
    }

    /// The slot's hook is only sent if it failed.
    fn of_the_slot(&mut self, attempt: &Attempt, lines: &mut Lines) {
        for step in &attempt.steps {
            if let What::Hook(hook) = &step.what
                && hook.scope == Scope::Slot
                && self.hooks.insert(hook_id(hook))
            {
                lines.write(&of_hook(hook));
            }
        }
    }

    fn test_case(&self, id: &str, pickle: &str, mut steps: Vec<Value>) -> Value {
        for (number, step) in steps.iter_mut().enumerate() {
            step["id"] = format!("{id}-{number}").into();
        }
        message(
            "testCase",
            [
                ("id", id.into()),
                ("pickleId", pickle.into()),
                ("testSteps", steps.into()),
                ("testRunStartedId", self.run.as_str().into()),
            ],
        )
    }

    fn step(
        &mut self,
        ids: &Ids,
        attempt: &Attempt,
        step: &Step,
        started: &str,
        id: &str,
        lines: &mut Lines,
    ) {
        let of_step = |name, timestamp, result: Option<Value>| {
            let mut members = object([
                ("testCaseStartedId", started.into()),
                ("testStepId", id.into()),
                ("timestamp", timestamp),
            ]);
            if let Some(result) = result {
                members["testStepResult"] = result;
            }
            object([(name, members)])
        };
        lines.write(&of_step("testStepStarted", timestamp(step.started), None));
        let ended = timestamp(step.started + step.took);
        for attachment in &step.attachments {
            let mut members = values::attachment(attachment);
            members["testCaseStartedId"] = started.into();
            members["testStepId"] = id.into();
            members["timestamp"] = ended.clone();
            lines.write(&object([("attachment", members)]));
        }
        if let What::Step {
            index,
            snippet: Some(snippet),
            ..
        } = &step.what
            && step.status == Status::Undefined
        {
            self.suggestions += 1;
            lines.write(&json!({ "suggestion": {
                "id": format!("{}-s{}", self.run, self.suggestions),
                "pickleStepId": ids.pickle_step(attempt.case.line, *index),
                "snippets": [{ "language": "rust", "code": snippet }],
            } }));
        }
        let result = result(&attempt.case.file, step);
        lines.write(&of_step("testStepFinished", ended, Some(result)));
    }
}

/// Writes a file's source, tree and pickles.
fn of_file(uri: &str, feature: &Feature, lines: &mut Lines) {
    let bytes = feature.path.as_ref().map(std::fs::read);
    let bytes = bytes.and_then(Result::ok).unwrap_or_default();
    let Ok(document) = parse(&bytes) else {
        return;
    };
    lines.write(&document::source(uri, &String::from_utf8_lossy(&bytes)));
    lines.write_large(&document::Envelope::of(uri, &document));
    for pickle in pickle::envelopes(uri, &document, feature) {
        lines.write(&pickle);
    }
}

/// `features/x.feature:4:3: what is wrong`. A file may have several mistakes, one per line.
fn parse_error(what: &str) -> Value {
    let first = what.lines().next().unwrap_or_default();
    let (uri, rest) = match first.find(".feature:") {
        Some(at) => first.split_at(at + ".feature".len()),
        None => (first, ""),
    };
    let mut numbers = rest
        .split(':')
        .skip(1)
        .map_while(|part| part.parse::<usize>().ok());
    let mut source = json!({ "uri": uri });
    if let Some(line) = numbers.next() {
        source["location"] = json!({ "line": line });
        if let Some(column) = numbers.next() {
            source["location"]["column"] = json!(column);
        }
    }
    json!({ "parseError": { "source": source, "message": what } })
}

fn test_step(ids: &Ids, line: usize, step: &Step) -> Value {
    match &step.what {
        What::Hook(hook) => object([("id", "".into()), ("hookId", hook_id(hook).into())]),
        What::Step { index, matches, .. } => {
            let definitions = matches.iter().map(|it| definition_id(&it.file, it.line));
            object([
                ("id", "".into()),
                ("pickleStepId", ids.pickle_step(line, *index).into()),
                ("stepDefinitionIds", definitions.collect()),
                (
                    "stepMatchArgumentsLists",
                    matches.iter().map(arguments_list).collect(),
                ),
            ])
        }
    }
}

fn meta() -> Value {
    let product = |name: &str| json!({ "name": name });
    let mut meta = json!({
        "protocolVersion": PROTOCOL,
        "implementation": { "name": "bdd-harness", "version": env!("CARGO_PKG_VERSION") },
        "runtime": product("Rust"),
        "os": product(std::env::consts::OS),
        "cpu": product(std::env::consts::ARCH),
    });
    if let Some(ci) = ci::found() {
        meta["ci"] = ci;
    }
    json!({ "meta": meta })
}

fn message<const N: usize>(name: &str, members: [(&str, Value); N]) -> Value {
    object([(name, object(members))])
}
