//! The messages about parameter types, steps and hooks.

use serde_json::{Value, json};

use crate::{
    registry::{definitions, parameter_types},
    report::{
        messages::document,
        record::{Hook, Scope},
    },
};

pub const BEFORE_RUN: &str = "BEFORE_TEST_RUN";
pub const AFTER_RUN: &str = "AFTER_TEST_RUN";

/// Sorted by file and line.
pub fn steps_and_hooks(hooks: &[Hook]) -> Vec<Value> {
    let types = parameter_types().into_iter().map(|parameter| {
        json!({ "parameterType": {
            "id": format!("parameter-{}", parameter.name),
            "name": parameter.name,
            "regularExpressions": [parameter.regex],
            "preferForRegularExpressionMatch": false,
            "useForSnippets": true,
            "sourceReference": source_reference(parameter.file, parameter.line),
        } })
    });
    let steps = definitions().into_iter().map(|definition| {
        let (file, line) = (definition.file, definition.line);
        let kind = if definition.is_regex {
            "REGULAR_EXPRESSION"
        } else {
            "CUCUMBER_EXPRESSION"
        };
        let value = json!({ "stepDefinition": {
            "id": definition_id(file, line),
            "pattern": { "type": kind, "source": definition.expression },
            "sourceReference": source_reference(file, line),
        } });
        ((file.to_owned(), line), value)
    });
    let hooks = hooks
        .iter()
        .map(|hook| ((hook.file.clone(), hook.line), of_hook(hook)));
    let mut placed: Vec<_> = steps.chain(hooks).collect();
    placed.sort_by(|(one, _), (other, _)| one.cmp(other));
    types
        .chain(placed.into_iter().map(|(_, value)| value))
        .collect()
}

pub fn of_hook(hook: &Hook) -> Value {
    let kind = match (hook.scope, hook.before) {
        (Scope::Run, true) => BEFORE_RUN,
        (Scope::Run, false) => AFTER_RUN,
        (_, true) => "BEFORE_TEST_CASE",
        (_, false) => "AFTER_TEST_CASE",
    };
    let mut value = json!({
        "id": hook_id(hook),
        "type": kind,
        "sourceReference": source_reference(&hook.file, hook.line),
    });
    if let Some(name) = &hook.name {
        value["name"] = json!(name);
    }
    if !hook.tags.is_empty() {
        value["tagExpression"] = json!(hook.tags);
    }
    json!({ "hook": value })
}

fn source_reference(file: &str, line: u32) -> Value {
    json!({ "uri": file, "location": { "line": line } })
}

pub fn definition_id(file: &str, line: u32) -> String {
    format!("step-{}-{line}", document::hash(file))
}

pub fn hook_id(hook: &Hook) -> String {
    let when = if hook.before { "before" } else { "after" };
    format!("{when}-{}-{}", document::hash(&hook.file), hook.line)
}
