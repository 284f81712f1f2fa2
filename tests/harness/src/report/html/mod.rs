//! `report.html`: one file that works without other files. Every attempt is a separate script after the page, so the
//! file can be opened at any time.

use std::time::UNIX_EPOCH;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use crate::{
    report::record::{Attempt, Status, Step, What},
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
    call(
        "attempt",
        &json!({
            "file": case.file,
            "line": case.line,
            "feature": case.feature,
            "rule": case.rule,
            "name": case.name,
            "row": case.row,
            "tags": case.tags,
            "slot": attempt.slot,
            "start": milliseconds(attempt.started.duration_since(UNIX_EPOCH).unwrap_or_default()),
            "took": milliseconds(attempt.took),
            "status": name(attempt.status()),
            "number": attempt.number,
            "again": attempt.will_be_retried,
            "steps": attempt.steps.iter().map(step).collect::<Vec<_>>(),
        }),
    )
}

pub fn end() -> String {
    call("end", &json!({}))
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
    let mut value = json!({
        "title": step.what.title(),
        "status": name(step.status),
        "took": milliseconds(step.took),
    });
    match &step.what {
        What::Hook(_) => value["hook"] = json!(true),
        What::Step {
            line,
            argument,
            matches,
            ..
        } => {
            value["line"] = json!(line);
            if !argument.is_empty() {
                value["argument"] = json!(argument);
            }
            if let [only] = matches.as_slice() {
                value["code"] = json!(format!("{}:{}", only.file, only.line));
            }
        }
    }
    if !step.message.is_empty() {
        value["message"] = json!(step.message);
    }
    if !step.attachments.is_empty() {
        value["attached"] = step.attachments.iter().map(attached).collect();
    }
    value
}

fn attached(attachment: &Attachment) -> Value {
    let mut value = json!({ "type": attachment.media_type });
    if let Some(name) = &attachment.name {
        value["name"] = json!(name);
    }
    match &attachment.content {
        Content::Text(text) => value["text"] = json!(text),
        Content::Bytes(bytes) => value["bytes"] = json!(BASE64_STANDARD.encode(bytes)),
    }
    value
}

fn milliseconds(took: std::time::Duration) -> f64 {
    (took.as_secs_f64() * 10_000.0).round() / 10.0
}

/// Calls a function of the page. The data can't end the script, because it contains no `<`.
fn call(function: &str, data: &Value) -> String {
    let data = data.to_string().replace('<', "\\u003c");
    let data = data
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029");
    format!("<script>report.{function}({data})</script>\n")
}
