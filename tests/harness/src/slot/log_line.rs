//! A log line in JSON, shown as people read it: level, logger, message, fields.
//!
//! Every library has names of its own for the first three. Everything else is a field, so nothing is lost.

use crate::json::Json;

const LEVELS: [&str; 6] = ["level", "levelname", "severity", "log.level", "@l", "lvl"];
const LOGGERS: [&str; 6] = [
    "target",
    "logger",
    "logger_name",
    "loggerName",
    "log.logger",
    "SourceContext",
];
const MESSAGES: [&str; 6] = ["message", "msg", "@m", "@mt", "event", "short_message"];
/// Levels that pino writes as numbers.
const NUMBERS: [(&str, &str); 6] = [
    ("10", "TRACE"),
    ("20", "DEBUG"),
    ("30", "INFO"),
    ("40", "WARN"),
    ("50", "ERROR"),
    ("60", "FATAL"),
];

type Members<'a> = Vec<(&'a str, &'a Json)>;

/// `None` if it is no object with a message.
pub fn shown(line: &Json) -> Option<String> {
    let mut members: Members<'_> = line.as_object()?.iter().map(borrowed).collect();
    let spans = spans(&mut members);
    // tracing's JSON has the message among the fields.
    let fields = members.iter().position(|(name, _)| *name == "fields");
    if let Some(inner) = fields.and_then(|at| members[at].1.as_object()) {
        members.retain(|(name, _)| *name != "fields");
        members.extend(inner.iter().map(borrowed));
    }
    let message = taken(&mut members, &MESSAGES)?;
    let level = taken(&mut members, &LEVELS).map_or_else(String::new, level);
    let logger = taken(&mut members, &LOGGERS);
    let logger = logger.map_or_else(String::new, |name| format!(" {name}"));
    let mut text = match (level.as_str(), logger.trim_start()) {
        ("", "") => message,
        ("", logger) => format!("{logger}: {message}"),
        (level, _) => format!("{level:>5}{logger}: {message}"),
    };
    let mut fields = Vec::new();
    for (name, value) in members {
        flattened(name.to_owned(), value, &mut fields);
    }
    let (long, short): (Vec<_>, Vec<_>) = fields.into_iter().partition(|(_, value)| is_long(value));
    for (name, value) in short {
        text.push_str(&format!(" {name}={}", value.to_text()));
    }
    text.push_str(&spans);
    for (name, value) in long {
        text.push_str(&format!("\n  {name}="));
        for line in value.to_text().trim_end().lines() {
            text.push_str(&format!("\n    {line}"));
        }
    }
    Some(text)
}

fn borrowed((name, value): &(String, Json)) -> (&str, &Json) {
    (name, value)
}

/// A text of several lines, such as a traceback.
fn is_long(value: &Json) -> bool {
    let text = value.as_str();
    text.is_some_and(|text| text.trim_end().contains('\n'))
}

/// Adds a field. An object with a long text becomes fields of their own, as in `err.stack`, because the text would stay on
/// one line inside JSON.
fn flattened<'a>(name: String, value: &'a Json, fields: &mut Vec<(String, &'a Json)>) {
    let inner = value.as_object().unwrap_or_default();
    if !inner.iter().any(|(_, value)| has_long(value)) {
        return fields.push((name, value));
    }
    for (member, value) in inner {
        flattened(format!("{name}.{member}"), value, fields);
    }
}

fn has_long(value: &Json) -> bool {
    let inner = value.as_object().unwrap_or_default();
    is_long(value) || inner.iter().any(|(_, value)| has_long(value))
}

/// Removes the first member that has one of these names and is a text or a number.
fn taken(members: &mut Members<'_>, names: &[&str]) -> Option<String> {
    let is_plain = |value: &Json| value.as_str().is_some() || value.as_number().is_some();
    let of_name = |name: &&str| {
        let mut all = members.iter();
        all.position(|(known, value)| known == name && is_plain(value))
    };
    let at = names.iter().find_map(of_name)?;
    Some(members.remove(at).1.to_text())
}

fn level(level: String) -> String {
    let number = NUMBERS.iter().find(|(number, _)| *number == level);
    number.map_or_else(|| level.to_uppercase(), |(_, name)| (*name).to_owned())
}

/// Removes the spans of tracing's JSON: ` · request path=/health`, the innermost first. `span` repeats the innermost.
fn spans(members: &mut Members<'_>) -> String {
    let of_name = |name: &str| {
        let found = members.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| *value)
    };
    let (span, spans) = (of_name("span"), of_name("spans").and_then(Json::as_array));
    let Some(spans) = spans.filter(|spans| {
        let innermost = spans.last().map(ToString::to_string);
        spans.iter().all(|span| name_of(span).is_some())
            && (span.is_none() || span.map(ToString::to_string) == innermost)
    }) else {
        return String::new();
    };
    let one = |span: &Json| {
        let fields = span.as_object().into_iter().flatten();
        let fields = fields.filter(|(name, _)| name != "name");
        let fields = fields.map(|(name, value)| format!(" {name}={}", value.to_text()));
        let name = name_of(span).unwrap_or_default();
        format!(" · {name}{}", fields.collect::<String>())
    };
    let text = spans.iter().rev().map(one).collect();
    members.retain(|(name, _)| *name != "span" && *name != "spans");
    text
}

fn name_of(span: &Json) -> Option<&str> {
    span.get("name")?.as_str()
}
