//! Searches for any part of a text, in any case.

/// The text in lower case, letter by letter, so that a sigma is the same at the end of a word.
pub(in crate::store) fn fold(text: &str) -> String {
    text.chars()
        .flat_map(char::to_lowercase)
        .map(|letter| if letter == 'ς' { 'σ' } else { letter })
        .collect()
}

/// The pattern of `like … escape '!'` for any part of a folded text; `%`, `_` and `!` stand for themselves. A backslash
/// would mean something else in a server with other rules for strings.
pub(super) fn any_part(folded: &str) -> String {
    let mut pattern = String::from("%");
    for letter in folded.chars() {
        if matches!(letter, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}
