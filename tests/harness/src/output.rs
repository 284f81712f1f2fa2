//! What is said to a person.

use std::{fmt, io::Write as _};

/// A line on standard output. A reader that has gone away (`| head`) is no reason to fail.
pub fn say(line: impl fmt::Display) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Text on standard output, at once, without a newline.
pub fn draw(text: impl fmt::Display) {
    let mut out = std::io::stdout();
    let _ = write!(out, "{text}");
    let _ = out.flush();
}

/// A line on standard error.
pub fn complain(line: impl fmt::Display) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
