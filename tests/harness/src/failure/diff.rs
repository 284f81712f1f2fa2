//! The differences between two texts, word by word. Invisible characters are made visible.

use similar::{ChangeTag, TextDiff};
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// Shorter texts are compared by eye.
const LONG: usize = 24;

/// `"Hello, [-Grace-]{+Ada+}!"`: brackets contain what only the first text has, braces what only the second has. `None`
/// if the two plain lines show the difference as well.
pub fn words(expected: &str, found: &str) -> Option<String> {
    let is_hidden = look_alike(expected, found);
    if !is_hidden
        && (expected.len().max(found.len()) < LONG || !(is_text(expected) && is_text(found)))
    {
        return None;
    }
    let diff = if is_hidden {
        TextDiff::from_chars(expected, found)
    } else {
        TextDiff::from_unicode_words(expected, found)
    };
    let mut text = String::new();
    let (mut equal, mut all) = (0, 0);
    for change in diff.iter_all_changes() {
        all += change.value().len();
        match change.tag() {
            ChangeTag::Equal => {
                equal += change.value().len();
                text.push_str(change.value());
            }
            ChangeTag::Delete => push(&mut text, "[-", &visible(change.value()), "-]"),
            ChangeTag::Insert => push(&mut text, "{+", &visible(change.value()), "+}"),
        }
    }
    // If texts have little in common, a word diff doesn't help.
    (equal * 3 > all).then_some(text)
}

/// Adds a part. It is merged with the part before if both are of the same kind.
fn push(text: &mut String, open: &str, part: &str, close: &str) {
    match text.strip_suffix(close) {
        Some(before) if before.contains(open) => {
            *text = format!("{before}{part}{close}");
        }
        _ => text.push_str(&format!("{open}{part}{close}")),
    }
}

fn is_text(shown: &str) -> bool {
    shown.starts_with('"')
}

/// Whether they differ only in white space, in combined letters, or in characters without width.
fn look_alike(expected: &str, found: &str) -> bool {
    let plain = |text: &str| {
        text.nfc()
            .filter(|c| !c.is_whitespace() && !is_invisible(*c))
            .collect::<String>()
            .replace("\\t", "")
            .replace("\\n", "")
            .replace("\\r", "")
    };
    expected != found && plain(expected) == plain(found)
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}')
}

/// Blanks become dots. Other white space, combining marks and characters without width become code points. Non-ASCII
/// letters get their code point added, because another letter may look the same.
fn visible(part: &str) -> String {
    let mut text = String::new();
    for c in part.chars() {
        match c {
            ' ' => text.push('·'),
            c if c.is_whitespace() || c.is_control() || is_invisible(c) || is_combining_mark(c) => {
                text.push_str(&format!("<U+{:04X}>", u32::from(c)));
            }
            c if part.chars().count() == 1 && !c.is_ascii() => {
                text.push_str(&format!("{c}<U+{:04X}>", u32::from(c)));
            }
            c => text.push(c),
        }
    }
    text
}
