//! The reference of all keys.

use std::fmt::Write;

use super::sections::KEYS;

/// The reference of all keys as a Markdown table.
pub fn reference() -> String {
    let mut text = String::from(
        "# Configuration\n\n\
         Defaults, then a TOML file (`--config` or `DLC_CONFIG`), then the environment, then flags; the last one wins. \
         An unknown key stops the start. For a secret or a URL, a variable whose name ends in `_FILE`, such as \
         `DB_PASSWORD_FILE`, names a file with the value.\n\n\
         | key | environment | default | allowed | meaning |\n|---|---|---|---|---|\n",
    );
    for key in KEYS {
        let own = key.env();
        let names = [own.as_str()]
            .iter()
            .chain(key.well_known)
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>();
        let default = if key.default.is_empty() {
            "none".into()
        } else {
            format!("`{}`", key.default)
        };
        let secret = if key.secret { " Secret." } else { "" };
        let (name, names, allowed, meaning) =
            (key.name, names.join(", "), key.allowed, key.meaning.trim());
        let _ = writeln!(
            text,
            "| `{name}` | {names} | {default} | {allowed} | {meaning}{secret} |"
        );
    }
    text
}
