//! The service's log lines, kept apart by slot.
//!
//! Every slot's service runs on threads of its own, so the thread says whose line it is: nothing has to be
//! passed along, and lines of pools, hash workers and panics are caught as well.

use std::{
    cell::Cell,
    fmt::Write as _,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    span,
};
use tracing_subscriber::{
    Layer, Registry, filter::LevelFilter, layer::Context, layer::SubscriberExt as _,
    registry::LookupSpan,
};

/// A failing scenario shows at most so many lines, its last ones.
const KEPT: usize = 500;

thread_local! {
    static OWNER: Cell<Option<usize>> = const { Cell::new(None) };
}

static BOOK: LazyLock<Mutex<Vec<Log>>> = LazyLock::new(Mutex::default);

/// The lines of one slot.
#[derive(Clone, Debug, Default)]
pub struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    /// The log of a slot; the same for the same number.
    pub fn of(slot: usize) -> Self {
        let mut book = BOOK.lock().unwrap_or_else(PoisonError::into_inner);
        if book.len() <= slot {
            book.resize_with(slot + 1, Self::default);
        }
        book[slot].clone()
    }

    pub fn push(&self, line: impl Into<String>) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == KEPT {
            lines.remove(0);
        }
        lines.push(line.into());
    }

    /// All lines since the last `clear`.
    pub fn lines(&self) -> Vec<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub fn clear(&self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
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
        Some(slot) => Log::of(slot).push(format!("PANIC {panic}")),
        None if super::runner::in_step() => super::runner::panicked_at(panic.location()),
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
        let mut line = format!(
            "{:>5} {}:",
            event.metadata().level(),
            event.metadata().target()
        );
        if let Some(message) = &fields.message {
            let _ = write!(line, " {message}");
        }
        line.push_str(&fields.others);
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(fields) = span.extensions().get::<Fields>() {
                let _ = write!(line, " · {}{}", span.name(), fields.others);
            }
        }
        Log::of(slot).push(line);
    }
}

#[derive(Default)]
struct Fields {
    message: Option<String>,
    others: String,
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            self.message = Some(format!("{value:?}"));
        } else {
            let _ = write!(self.others, " {}={value:?}", field.name());
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            self.message = Some(value.to_owned());
        } else {
            let _ = write!(self.others, " {}={value}", field.name());
        }
    }
}
