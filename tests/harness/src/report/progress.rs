//! The progress bar at the bottom of a terminal, and the lines above it.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use parking_lot::Mutex;

use crate::output::say;

const TEMPLATE: &str = "[{bar:30}] {pos}/{len} · {failed} · {speed}{slowest}";
/// The bar is redrawn at this interval, so that the time of a slow scenario is updated.
const TICK: Duration = Duration::from_millis(200);
/// Scenarios that take less time than this aren't shown in the bar.
const SLOW: Duration = Duration::from_secs(1);

/// Prints lines, above the progress bar if there is one.
pub struct Progress {
    bar: Option<ProgressBar>,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    failed: usize,
    colored: bool,
    running: Vec<(String, Instant)>,
}

impl Progress {
    /// `is_shown` if the output is a terminal.
    pub fn new(is_shown: bool, colored: bool) -> Self {
        let state = Arc::new(Mutex::new(State {
            colored,
            ..State::default()
        }));
        let bar = is_shown.then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stdout());
            bar.set_style(style(&state));
            bar
        });
        Self { bar, state }
    }

    pub fn is_shown(&self) -> bool {
        self.bar.is_some()
    }

    pub fn begin(&self, total: usize) {
        if let Some(bar) = &self.bar
            && total > 0
        {
            bar.set_length(u64::try_from(total).unwrap_or(u64::MAX));
            bar.reset_elapsed();
            bar.enable_steady_tick(TICK);
        }
    }

    pub fn started(&self, title: String) {
        self.state.lock().running.push((title, Instant::now()));
    }

    /// `failed` is the number of failures so far.
    pub fn finished(&self, title: &str, failed: usize) {
        let mut state = self.state.lock();
        state.failed = failed;
        if let Some(index) = state.running.iter().position(|(known, _)| known == title) {
            state.running.remove(index);
        }
    }

    pub fn done(&self, scenarios: usize) {
        if let Some(bar) = &self.bar {
            bar.set_position(u64::try_from(scenarios).unwrap_or(u64::MAX));
        }
    }

    /// Prints a line, above the progress bar.
    pub fn line(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| say(text)),
            None => say(text),
        }
    }

    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn style(state: &Arc<Mutex<State>>) -> ProgressStyle {
    let with = |write: fn(&State, &mut dyn fmt::Write)| {
        let state = Arc::clone(state);
        move |_: &ProgressState, out: &mut dyn fmt::Write| {
            write(&state.lock(), out);
        }
    };
    ProgressStyle::with_template(TEMPLATE)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("█▌░")
        .with_key("failed", with(failed))
        .with_key("slowest", with(slowest))
        .with_key(
            "speed",
            |state: &ProgressState, out: &mut dyn fmt::Write| {
                let seconds = state.elapsed().as_secs_f64().max(0.001);
                let _ = write!(out, "{:.0}/s", state.pos() as f64 / seconds);
            },
        )
}

fn failed(state: &State, out: &mut dyn fmt::Write) {
    let _ = match (state.failed, state.colored) {
        (failed, true) if failed > 0 => write!(out, "\x1b[31m{failed} failed\x1b[0m"),
        (failed, _) => write!(out, "{failed} failed"),
    };
}

/// The scenario that has been running longest, if it takes long.
fn slowest(state: &State, out: &mut dyn fmt::Write) {
    let oldest = state.running.iter().min_by_key(|(_, start)| *start);
    if let Some((title, start)) = oldest
        && start.elapsed() > SLOW
    {
        let _ = write!(out, " · {:.0} s: {title}", start.elapsed().as_secs_f64());
    }
}
