//! `report.html`: one file that works without other files. Every attempt is a separate script after the page, so the
//! file can be opened at any time.

use std::time::UNIX_EPOCH;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use crate::{
    report::{
        object::object,
        record::{Attempt, Status, Step, What},
    },
    world::{Attachment, Content},
};

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The page without attempts, and the number of selected scenarios.
pub fn start(chosen: usize, unreadable: &[String]) -> String {
    let page = PAGE.replacen("/*style*/", STYLE, 1);
    let page = page.replacen("/*script*/", SCRIPT, 1);
    page + &call(
        "start",
        &json!({ "chosen": chosen, "unreadable": unreadable }),
    )
}

pub fn attempt(attempt: &Attempt) -> String {
    let case = &attempt.case;
    let started = attempt.started.duration_since(UNIX_EPOCH);
    let started = started.unwrap_or_default();
    call(
        "attempt",
        &object([
            ("file", case.file.as_str().into()),
            ("line", case.line.into()),
            ("feature", case.feature.as_str().into()),
            ("rule", case.rule.as_deref().into()),
            ("name", case.name.as_str().into()),
            ("row", case.row.as_str().into()),
            ("tags", case.tags.iter().map(String::as_str).collect()),
            ("slot", attempt.slot.into()),
            ("start", milliseconds(started).into()),
            ("took", milliseconds(attempt.took).into()),
            ("status", name(attempt.status()).into()),
            ("number", attempt.number.into()),
            ("again", attempt.will_be_retried.into()),
            ("steps", attempt.steps.iter().map(step).collect()),
        ]),
    )
}

/// A hook before the first or after the last scenario.
pub fn run_hook(hook: &Step) -> String {
    call("hook", &step(hook))
}

/// `stopped` is why the run ended before its first scenario, if it did.
pub fn end(stopped: &str) -> String {
    call("end", &json!({ "stopped": stopped }))
}

/// The name of a status in the page's data and style.
fn name(status: Status) -> &'static str {
    match status {
        Status::Passed => "passed",
        Status::Skipped => "skipped",
        Status::Interrupted => "interrupted",
        Status::Pending => "pending",
        Status::Undefined => "undefined",
        Status::Ambiguous => "ambiguous",
        Status::Failed => "failed",
    }
}

/// Empty members are left out, because there are tens of thousands of steps.
fn step(step: &Step) -> Value {
    let mut value = object([
        ("title", step.what.title().into()),
        ("status", name(step.status).into()),
        ("took", milliseconds(step.took).into()),
    ]);
    match &step.what {
        What::Hook(_) => value["hook"] = true.into(),
        What::Step {
            line,
            argument,
            matches,
            ..
        } => {
            value["line"] = (*line).into();
            if !argument.is_empty() {
                value["argument"] = argument.as_str().into();
            }
            if let [only] = &**matches {
                value["code"] = format!("{}:{}", only.file, only.line).into();
            }
        }
    }
    if !step.message.is_empty() {
        value["message"] = step.message.as_str().into();
    }
    if !step.attachments.is_empty() {
        value["attached"] = step.attachments.iter().map(attached).collect();
    }
    value
}

fn attached(attachment: &Attachment) -> Value {
    let mut value = object([("type", attachment.media_type.as_str().into())]);
    if let Some(name) = &attachment.name {
        value["name"] = name.as_str().into();
    }
    match &attachment.content {
        Content::Text(text) => value["text"] = text.as_str().into(),
        Content::Bytes(bytes) => value["bytes"] = BASE64_STANDARD.encode(bytes).into(),
    }
    value
}

fn milliseconds(took: std::time::Duration) -> f64 {
    (took.as_secs_f64() * 10_000.0).round() / 10.0
}

/// Calls a function of the page. The data can't end the script, because it contains no `<`.
fn call(function: &str, data: &Value) -> String {
    let mut text = data.to_string();
    for (sign, escaped) in [
        ('<', "\\u003c"),
        ('\u{2028}', "\\u2028"),
        ('\u{2029}', "\\u2029"),
    ] {
        if text.contains(sign) {
            text = text.replace(sign, escaped);
        }
    }
    format!("<script>report.{function}({text})</script>\n")
}
