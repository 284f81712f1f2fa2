//! Searches for any part of a text, in any case.

/// The text in lower case, letter by letter, so that a sigma is the same at the end of a word. A line break is a blank.
pub(in crate::store) fn fold(text: &str) -> String {
    text.chars()
        .flat_map(char::to_lowercase)
        .map(|letter| match letter {
            'ς' => 'σ',
            '\n' => ' ',
            other => other,
        })
        .collect()
}

/// The searched text of a row. Line breaks stand between its fields and nowhere else, so that a search never matches
/// across two of them.
pub(in crate::store) fn fold_fields<'a>(fields: impl IntoIterator<Item = &'a str>) -> String {
    let folded: Vec<_> = fields.into_iter().map(fold).collect();
    folded.join("\n")
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
