//! Searches for any part of a text, in any case.

/// The text in lower case, letter by letter, so that a final sigma equals any other. Line breaks become spaces.
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

/// The searched text of a row. Line breaks separate its fields and occur nowhere else, so that a search never matches
/// across two fields.
pub(in crate::store) fn fold_fields<'a>(fields: impl IntoIterator<Item = &'a str>) -> String {
    let folded: Vec<_> = fields.into_iter().map(fold).collect();
    folded.join("\n")
}

/// The pattern of `like … escape '!'` for any part of a folded text, with `%`, `_` and `!` escaped. A backslash would
/// depend on the server's rules for strings.
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
