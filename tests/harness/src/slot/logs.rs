//! The service's log lines, separated by slot.
//!
//! Every slot's service runs on its own threads, so the thread tells which slot a line belongs to. This works for all
//! lines, also those of pools, hash workers and panics.

use std::{
    cell::Cell,
    collections::VecDeque,
    fmt::Write as _,
    sync::{Arc, LazyLock},
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use serde_json::{Map, Value};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    span,
};
use tracing_subscriber::{
    Layer, Registry, filter::LevelFilter, layer::Context, layer::SubscriberExt as _,
    registry::LookupSpan,
};

use crate::{
    json::{Flaw, Json},
    output::without_colours,
    process::panics,
    slot::log_line,
};

/// The number of a scenario's lines that are kept; older ones are dropped.
const KEPT: usize = 2000;
/// A log is complete if it had no new line for this long. `POLL_INTERVAL` is the pause between two checks.
const QUIET: Duration = Duration::from_millis(50);
const POLL_INTERVAL: Duration = Duration::from_millis(5);

thread_local! {
    static OWNER: Cell<Option<usize>> = const { Cell::new(None) };
}

static LOGS: LazyLock<Mutex<Vec<Log>>> = LazyLock::new(Mutex::default);

/// One line, and its contents as JSON; `null` if the line isn't JSON.
#[derive(Clone, Debug)]
pub struct Line {
    pub text: String,
    pub json: Json,
}

/// The lines of one slot.
#[derive(Clone, Debug, Default)]
pub struct Log(Arc<Mutex<Lines>>);

#[derive(Debug, Default)]
struct Lines {
    kept: VecDeque<Line>,
    forgotten: usize,
    latest: Option<Instant>,
}

impl Line {
    /// A line that a process wrote.
    pub fn read(text: &str) -> Self {
        let text = without_colours(text).into_owned();
        let json = Json::parse(&text).unwrap_or_else(|flaw| match flaw {
            Flaw::Syntax(_) => Json::Null,
            flaw => flaw.to_string().into(),
        });
        Self { text, json }
    }

    /// The line as people read it: a line in JSON as level, logger, message and fields.
    pub fn shown(&self) -> String {
        log_line::shown(&self.json).unwrap_or_else(|| self.text.clone())
    }

    /// Whether the line contains the text, literally or inside a JSON string, where some characters are escaped.
    pub fn contains(&self, text: &str) -> bool {
        fn inside(json: &Json, text: &str) -> bool {
            match json {
                Json::String(string) => string.contains(text),
                Json::Array(items) => items.iter().any(|item| inside(item, text)),
                Json::Object(members) => members
                    .iter()
                    .any(|(name, value)| name.contains(text) || inside(value, text)),
                _ => false,
            }
        }
        self.text.contains(text) || inside(&self.json, text)
    }
}

impl Log {
    /// The log of a slot. The same number always returns the same log.
    pub fn of(slot: usize) -> Self {
        let mut logs = LOGS.lock();
        if logs.len() <= slot {
            logs.resize_with(slot + 1, Self::default);
        }
        logs[slot].clone()
    }

    pub fn push(&self, line: Line) {
        let mut lines = self.0.lock();
        if lines.kept.len() == KEPT {
            lines.kept.pop_front();
            lines.forgotten += 1;
        }
        lines.kept.push_back(line);
        lines.latest = Some(Instant::now());
    }

    /// The lines since the last `clear`, without those that were dropped.
    pub fn lines(&self) -> Vec<Line> {
        self.0.lock().kept.iter().cloned().collect()
    }

    /// The number of lines since the last `clear`.
    pub fn count(&self) -> usize {
        let lines = self.0.lock();
        lines.forgotten + lines.kept.len()
    }

    /// Removes matching lines after the first `begin` ones, at most this number, and returns how many were removed.
    pub fn remove(&self, begin: usize, most: usize, matches: impl Fn(&str) -> bool) -> usize {
        let mut lines = self.0.lock();
        let begin = begin.saturating_sub(lines.forgotten);
        let (mut index, mut removed) = (0, 0);
        lines.kept.retain(|line| {
            let is_removed = index >= begin && removed < most && matches(&line.text);
            index += 1;
            removed += usize::from(is_removed);
            !is_removed
        });
        removed
    }

    /// The number of dropped lines.
    pub fn forgotten(&self) -> usize {
        self.0.lock().forgotten
    }

    /// Waits until the log is complete, because a process's lines arrive a moment after its responses. Returns whether
    /// it became complete within this time.
    pub async fn is_complete_within(&self, patience: Duration) -> bool {
        let began = Instant::now();
        while began.elapsed() < QUIET || !self.is_quiet() {
            if began.elapsed() > patience {
                return false;
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        }
        true
    }

    fn is_quiet(&self) -> bool {
        self.0
            .lock()
            .latest
            .is_none_or(|latest| latest.elapsed() >= QUIET)
    }

    pub fn clear(&self) {
        *self.0.lock() = Lines::default();
    }
}

/// From now on, log events of this thread belong to that slot.
pub fn this_thread_belongs_to(slot: usize) {
    OWNER.set(Some(slot));
}

/// Sets the process's tracing subscriber and panic hook. Lines of slots go to their logs, all others are dropped.
///
/// A panic in a step is part of its failure, and a panic in a service is in its log. Only other panics are printed.
pub fn capture(level: LevelFilter) {
    let subscriber = Registry::default().with(ToSlots.with_filter(level));
    // A second run in the same process (the benchmarks) keeps the first run's subscriber.
    let _ = tracing::subscriber::set_global_default(subscriber);
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| match OWNER.get() {
        Some(slot) => Log::of(slot).push(Line::read(&format!("PANIC {panic}"))),
        None if panics::note_step_panic(panic.location()) => {}
        None => default(panic),
    }));
}

struct ToSlots;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for ToSlots {
    fn on_new_span(
        &self,
        attributes: &span::Attributes<'_>,
        id: &span::Id,
        context: Context<'_, S>,
    ) {
        if OWNER.get().is_none() {
            return;
        }
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &span::Id, values: &span::Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let Some(slot) = OWNER.get() else { return };
        let mut fields = Fields::default();
        event.record(&mut fields);
        let (level, target) = (event.metadata().level(), event.metadata().target());
        let mut text = format!("{level:>5} {target}:");
        if let Some(message) = fields.0.get("message") {
            let _ = write!(text, " {}", Json::from(message.clone()).to_text());
        }
        text.push_str(&fields.shown());
        let mut spans = Vec::new();
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(fields) = span.extensions().get::<Fields>() {
                let _ = write!(text, " · {}{}", span.name(), fields.shown());
                let mut fields = fields.0.clone();
                fields.insert("name".into(), span.name().into());
                spans.insert(0, Value::Object(fields));
            }
        }
        Log::of(slot).push(Line {
            text,
            json: json(level.as_str(), target, fields.0, spans),
        });
    }
}

/// The event in the format of tracing's JSON subscriber, with its fields beside level and target. So a scenario works
/// the same in this process and with the built executable.
fn json(level: &str, target: &str, mut fields: Map<String, Value>, spans: Vec<Value>) -> Json {
    fields.insert("level".into(), level.into());
    fields.insert("target".into(), target.into());
    if let Some(innermost) = spans.last() {
        fields.insert("span".into(), innermost.clone());
        fields.insert("spans".into(), spans.into());
    }
    Value::Object(fields).into()
}

/// The fields of an event or a span, by name.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    /// All fields except the message, on one line.
    fn shown(&self) -> String {
        let others = self.0.iter().filter(|(name, _)| *name != "message");
        let shown: Vec<_> = others
            .map(|(name, value)| format!(" {name}={}", Json::from(value.clone()).to_text()))
            .collect();
        shown.concat()
    }

    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.put(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value);
    }
}
