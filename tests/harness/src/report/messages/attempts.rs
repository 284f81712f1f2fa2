//! Builds attempts from the messages of a run.

use std::{
    collections::HashMap,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::Deserialize as _;
use serde_json::Value;

use crate::{
    report::{
        messages::read::{Ids, list, number, text},
        record::{Attempt, Status, Step, What},
    },
    world::{Attachment, Content},
};

/// What has ended with a message.
pub enum Ended {
    Attempt(Attempt),
    /// A hook before the first or after the last scenario.
    RunHook(Step),
}

/// Builds attempts, and hooks around a run, from their messages.
#[derive(Default)]
pub struct Attempts {
    open: HashMap<String, Open>,
    /// Hooks around a run that haven't ended, by the id of their start.
    run_hooks: HashMap<String, Step>,
}

struct Open {
    attempt: Attempt,
    case: String,
    attachments: Vec<Attachment>,
    began: SystemTime,
}

impl Attempts {
    /// Adds a message; returns what ends with it.
    pub fn add(&mut self, ids: &Ids<'_>, message: &Value) -> Option<Ended> {
        let (kind, it) = message.as_object()?.iter().next()?;
        match kind.as_str() {
            "testCaseStarted" => self.start(ids, it),
            "testRunHookStarted" => self.start_run_hook(ids, it),
            _ if it.get("testRunHookStartedId").is_some() => {
                return self.of_run_hook(kind, it).map(Ended::RunHook);
            }
            _ => return self.of_attempt(ids, kind, it).map(Ended::Attempt),
        }
        None
    }

    fn start_run_hook(&mut self, ids: &Ids<'_>, it: &Value) {
        let hook = Step {
            what: What::Hook(ids.hook(text(&it["hookId"]))),
            status: Status::Passed,
            message: String::new(),
            started: time(&it["timestamp"]),
            took: Duration::ZERO,
            attachments: Vec::new(),
        };
        self.run_hooks.insert(text(&it["id"]).to_owned(), hook);
    }

    fn of_run_hook(&mut self, kind: &str, it: &Value) -> Option<Step> {
        let id = text(&it["testRunHookStartedId"]);
        if kind == "attachment" {
            let attachments = &mut self.run_hooks.get_mut(id)?.attachments;
            attachments.push(attachment(it));
            return None;
        }
        let mut hook = self.run_hooks.remove(id)?;
        let result = &it["result"];
        hook.status = status(result);
        text(&result["message"]).clone_into(&mut hook.message);
        hook.took = duration(&result["duration"]);
        Some(hook)
    }

    fn of_attempt(&mut self, ids: &Ids<'_>, kind: &str, it: &Value) -> Option<Attempt> {
        let started = text(&it["testCaseStartedId"]);
        let open = self.open.get_mut(started)?;
        match kind {
            "testStepStarted" => open.began = time(&it["timestamp"]),
            "attachment" => open.attachments.push(attachment(it)),
            "testStepFinished" => open.step(ids, it),
            "testCaseFinished" => {
                let mut attempt = self.open.remove(started)?.attempt;
                let ended = time(&it["timestamp"]);
                attempt.took = ended.duration_since(attempt.started).unwrap_or_default();
                attempt.will_be_retried = it["willBeRetried"].as_bool().unwrap_or_default();
                return Some(attempt);
            }
            _ => {}
        }
        None
    }

    fn start(&mut self, ids: &Ids<'_>, it: &Value) {
        let case = text(&it["testCaseId"]);
        let Some(pickle) = ids.cases.get(case).map(|case| text(&case["pickleId"])) else {
            return;
        };
        let Some(pickle) = ids.pickles.get(pickle) else {
            return;
        };
        let attempt = Attempt {
            case: ids.case(pickle),
            number: number(&it["attempt"]),
            slot: text(&it["workerId"]).parse().unwrap_or_default(),
            started: time(&it["timestamp"]),
            took: Duration::ZERO,
            steps: Vec::new(),
            will_be_retried: false,
        };
        let open = Open {
            began: attempt.started,
            attempt,
            case: case.to_owned(),
            attachments: Vec::new(),
        };
        self.open.insert(text(&it["id"]).to_owned(), open);
    }
}

impl Open {
    fn step(&mut self, ids: &Ids<'_>, it: &Value) {
        let id = text(&it["testStepId"]);
        let case = ids.cases.get(self.case.as_str());
        let case = case.copied().unwrap_or(&Value::Null);
        let steps = list(&case["testSteps"]);
        let step = steps.iter().find(|step| text(&step["id"]) == id);
        let pickle = ids.pickles.get(text(&case["pickleId"])).copied();
        let (Some(step), Some(pickle)) = (step, pickle) else {
            return;
        };
        let result = &it["testStepResult"];
        self.attempt.steps.push(Step {
            what: ids.what(pickle, step),
            status: status(result),
            message: text(&result["message"]).to_owned(),
            started: self.began,
            took: duration(&result["duration"]),
            attachments: std::mem::take(&mut self.attachments),
        });
    }
}

fn status(result: &Value) -> Status {
    Status::deserialize(&result["status"]).unwrap_or(Status::Failed)
}

fn attachment(it: &Value) -> Attachment {
    let body = text(&it["body"]);
    Attachment {
        media_type: text(&it["mediaType"]).to_owned(),
        name: it["fileName"].as_str().map(str::to_owned),
        content: match text(&it["contentEncoding"]) {
            "BASE64" => Content::Bytes(BASE64_STANDARD.decode(body).unwrap_or_default()),
            _ => Content::Text(body.to_owned()),
        },
    }
}

fn time(value: &Value) -> SystemTime {
    UNIX_EPOCH + duration(value)
}

fn duration(value: &Value) -> Duration {
    let seconds = value["seconds"].as_u64().unwrap_or_default();
    let nanos = value["nanos"].as_u64().and_then(|it| it.try_into().ok());
    Duration::new(seconds, nanos.unwrap_or_default())
}
