//! Output for people.

use std::{
    borrow::Cow,
    fmt,
    io::Write as _,
    sync::{
        LazyLock,
        atomic::{AtomicBool, Ordering},
    },
};

use regex::Regex;

/// Whether standard output belongs to a command that we run.
static RESERVED: AtomicBool = AtomicBool::new(false);

/// From now on all output goes to standard error, because standard output belongs to a command that we run.
pub fn reserve_standard_output() {
    RESERVED.store(true, Ordering::Relaxed);
}

/// Prints a line on standard output. If the reader has gone away (`| head`), that isn't an error.
pub fn say(line: impl fmt::Display) {
    if RESERVED.load(Ordering::Relaxed) {
        return complain(line);
    }
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Prints text on standard output and flushes it, without a newline.
pub fn draw(text: impl fmt::Display) {
    let mut out = std::io::stdout();
    let _ = write!(out, "{text}");
    let _ = out.flush();
}

/// The text, or the start of a text with more bytes than this.
pub fn shortened(text: &str, longest: usize) -> String {
    if text.len() <= longest {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(longest);
    format!("{}… ({} bytes in all)", &text[..end], text.len())
}

/// A program's output without colours and other codes for a terminal.
pub fn without_colours(text: &str) -> Cow<'_, str> {
    static CODE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\x1b\[[0-9;:?]*[ -/]*[@-~]").expect("a valid pattern"));
    CODE.replace_all(text, "")
}

/// Prints a line on standard error.
pub fn complain(line: impl fmt::Display) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
