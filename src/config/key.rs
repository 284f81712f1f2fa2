//! The declaration of a key.

/// A key of the configuration.
pub struct Key {
    /// The dotted name, such as `server.port`.
    pub name: &'static str,
    /// The default as text; empty if there is none.
    pub default: &'static str,
    /// Environment variables besides `DLC_SECTION_KEY`.
    pub well_known: &'static [&'static str],
    /// The allowed values, in words.
    pub allowed: &'static str,
    pub meaning: &'static str,
    /// Whether the value must never be shown.
    pub secret: bool,
    /// Whether the value is a string in TOML.
    pub quoted: bool,
    /// Whether a variable whose name ends in `_FILE` may name a file with the value.
    pub may_be_a_file: bool,
    /// Masks what is secret in a value.
    pub mask: fn(&str) -> String,
}

impl Key {
    /// The environment variable: `DLC_SERVER_PORT` for `server.port`.
    pub fn env(&self) -> String {
        format!("DLC_{}", self.name.replace('.', "_").to_uppercase())
    }
}
