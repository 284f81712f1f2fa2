//! Reads SQL files. Files that need another program are refused, with what to do.

use std::path::Path;

use crate::failure::Failure;

/// Files that need another program, by their first bytes.
const FORMATS: [(&[u8], &str); 3] = [
    (
        b"PGDMP",
        "it is in pg_dump's custom format: schema = { run = \"pg_restore --no-owner --dbname {url} FILE\" }",
    ),
    (b"\x1f\x8b", "it is compressed: unpack it"),
    (
        b"toc.dat\0",
        "it is in pg_dump's tar format: schema = { run = \"pg_restore --no-owner --dbname {url} FILE\" }",
    ),
];

/// The text of an SQL file. A changelog of Liquibase is refused: only Liquibase knows which of its changesets run.
pub fn text_of(path: &Path) -> Result<String, Failure> {
    let refused = |why: &str| Failure::new(format!("{}: {why}", path.display()));
    let bytes = std::fs::read(path).map_err(|error| refused(&error.to_string()))?;
    if let Some((_, why)) = FORMATS.iter().find(|(start, _)| bytes.starts_with(start)) {
        return Err(refused(why));
    }
    let text = String::from_utf8(bytes).map_err(|_| {
        refused(
            "it isn't UTF-8 text: convert it, or write the dump again with pg_dump --encoding=UTF8",
        )
    })?;
    let first = text.trim_start_matches('\u{feff}').trim_start();
    let mut words = first
        .strip_prefix("--")
        .unwrap_or_default()
        .split_whitespace();
    if words
        .next()
        .is_some_and(|word| word.eq_ignore_ascii_case("liquibase"))
    {
        return Err(refused(
            "it is a changelog of Liquibase, whose conditions only Liquibase follows: \
             schema = { run = \"liquibase update --url={url:jdbc} --changelog-file=FILE\" }",
        ));
    }
    Ok(text)
}
