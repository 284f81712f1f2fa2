//! Searches for any part of a text, in any case.

/// The text in lower case, letter by letter, so that a final sigma equals any other. Line breaks become spaces. Triggers
/// of the tables do the same to rows that others insert.
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::fold;

    /// The letters of a migration's two literals: first all capitals, then as many small ones.
    fn letters(migration: &str) -> BTreeMap<char, String> {
        let literals = migration.lines().filter_map(|line| {
            let line = line.trim().trim_start_matches("|| ");
            line.strip_prefix('\'')?.split('\'').next()
        });
        let all: Vec<char> = literals.flat_map(str::chars).collect();
        let (capitals, small) = all.split_at(all.len() / 2);
        let small = small.iter().map(ToString::to_string);
        capitals.iter().copied().zip(small).collect()
    }

    #[test]
    fn the_triggers_know_every_letter() {
        for migration in [
            include_str!("../../../migrations/postgres/0024_search_texts.up.sql"),
            include_str!("../../../migrations/sqlite/0024_search_texts.up.sql"),
        ] {
            let letters = letters(migration);
            assert!(letters.len() > 1400, "{}", letters.len());
            for (capital, small) in letters {
                assert_eq!(fold(&capital.to_string()), small, "{capital}");
            }
        }
    }
}
