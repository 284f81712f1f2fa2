//! Parts of messages.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use crate::{
    report::{
        object::object,
        record::{Argument, Group, Match, Status, Step, What},
    },
    world::{Attachment, Content},
};

pub fn arguments_list(matched: &Match) -> Value {
    let argument = |Argument { parameter, group }: &Argument| {
        let mut value = object([("group", of_group(group))]);
        if !parameter.is_empty() {
            value["parameterTypeName"] = parameter.as_str().into();
        }
        value
    };
    let arguments = matched.arguments.iter().map(argument).collect();
    object([("stepMatchArguments", arguments)])
}

fn of_group(group: &Group) -> Value {
    let mut value = object([]);
    if let Some((start, text)) = &group.found {
        value["start"] = (*start).into();
        value["value"] = text.as_str().into();
    }
    if !group.children.is_empty() {
        value["children"] = group.children.iter().map(of_group).collect();
    }
    value
}

/// `file` has the step, if it is none of a hook.
pub fn result(file: &str, step: &Step) -> Value {
    let status = json!(step.status);
    let mut value = object([("status", status), ("duration", duration(step.took))]);
    if !step.message.is_empty() {
        value["message"] = step.message.as_str().into();
    }
    if step.status == Status::Failed {
        let place = match &step.what {
            What::Step { line, .. } => format!("{file}:{line}"),
            What::Hook(hook) => hook.place(),
        };
        value["exception"] = json!({
            "type": "Failure",
            "message": step.message,
            "stackTrace": format!("{}\n{place}", step.message),
        });
    }
    value
}

pub fn attachment(attachment: &Attachment) -> Value {
    let (body, encoding) = match &attachment.content {
        Content::Text(text) => (text.clone(), "IDENTITY"),
        Content::Bytes(bytes) => (BASE64_STANDARD.encode(bytes), "BASE64"),
    };
    let mut value = object([
        ("body", body.into()),
        ("contentEncoding", encoding.into()),
        ("mediaType", attachment.media_type.as_str().into()),
    ]);
    if let Some(name) = &attachment.name {
        value["fileName"] = name.as_str().into();
    }
    value
}

pub fn timestamp(time: SystemTime) -> Value {
    duration(time.duration_since(UNIX_EPOCH).unwrap_or_default())
}

fn duration(took: Duration) -> Value {
    object([
        ("seconds", took.as_secs().into()),
        ("nanos", took.subsec_nanos().into()),
    ])
}
