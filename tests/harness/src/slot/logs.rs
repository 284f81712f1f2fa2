//! The service's log lines, kept apart by slot.
//!
//! Every slot's service runs on threads of its own, so the thread says whose line it is: nothing has to be
//! passed along, and lines of pools, hash workers and panics are caught as well.

use std::{
    cell::Cell,
    collections::VecDeque,
    fmt::Write as _,
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

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
    process::panics,
};

/// So many lines of a scenario are kept, its last ones.
const KEPT: usize = 2000;

thread_local! {
    static OWNER: Cell<Option<usize>> = const { Cell::new(None) };
}

static BOOK: LazyLock<Mutex<Vec<Log>>> = LazyLock::new(Mutex::default);

/// One line, and what it says as JSON where the service writes JSON, or `null`.
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
    pub fn read(text: String) -> Self {
        let json = Json::parse(&text).unwrap_or_else(|flaw| match flaw {
            Flaw::Syntax(_) => Json::Null,
            flaw => flaw.to_string().into(),
        });
        Self { text, json }
    }

    /// Whether the text is in it, as it is written or inside a JSON string, where some characters are escaped.
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
    /// The log of a slot; the same for the same number.
    pub fn of(slot: usize) -> Self {
        let mut book = BOOK.lock().unwrap_or_else(PoisonError::into_inner);
        if book.len() <= slot {
            book.resize_with(slot + 1, Self::default);
        }
        book[slot].clone()
    }

    pub fn push(&self, line: Line) {
        let mut lines = self.locked();
        if lines.kept.len() == KEPT {
            lines.kept.pop_front();
            lines.forgotten += 1;
        }
        lines.kept.push_back(line);
        lines.latest = Some(Instant::now());
    }

    /// The lines since the last `clear`, but for those that were too many.
    pub fn lines(&self) -> Vec<Line> {
        self.locked().kept.iter().cloned().collect()
    }

    /// How many lines were too many to keep.
    pub fn forgotten(&self) -> usize {
        self.locked().forgotten
    }

    /// Whether nothing came for so long.
    pub fn is_quiet_for(&self, duration: Duration) -> bool {
        self.locked()
            .latest
            .is_none_or(|latest| latest.elapsed() >= duration)
    }

    pub fn clear(&self) {
        *self.locked() = Lines::default();
    }

    fn locked(&self) -> MutexGuard<'_, Lines> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// From now on, what this thread logs belongs to that slot.
pub fn this_thread_belongs_to(slot: usize) {
    OWNER.set(Some(slot));
}

/// Sets the process's subscriber and panic hook: lines of slots go to their logs, others nowhere.
///
/// A panic in a step is shown by its failure, so it prints nothing here; only one in neither is printed.
pub fn capture(level: LevelFilter) {
    let subscriber = Registry::default().with(ToSlots.with_filter(level));
    // A second run in the same process (the benchmarks) keeps the first one's.
    let _ = tracing::subscriber::set_global_default(subscriber);
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| match OWNER.get() {
        Some(slot) => Log::of(slot).push(Line::read(format!("PANIC {panic}"))),
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

/// The event as the usual JSON subscriber writes it with its fields beside level and target, so that a scenario means
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
    /// All but the message, on one line.
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
