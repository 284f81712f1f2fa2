//! What is declared about a key of the configuration.

/// One key: its names, its default, what is allowed and what it means.
pub struct Key {
    /// The dotted name, such as `server.port`.
    pub name: &'static str,
    /// The default as text; empty means none.
    pub default: &'static str,
    /// Names in the environment besides `DLC_SECTION_KEY`.
    pub well_known: &'static [&'static str],
    /// What is allowed, in words.
    pub allowed: &'static str,
    /// What the key is for.
    pub meaning: &'static str,
    /// Whether the value is never shown.
    pub secret: bool,
    /// Whether TOML writes the value in quotes.
    pub quoted: bool,
    /// Hides what is secret in a value.
    pub mask: fn(&str) -> String,
}

impl Key {
    /// The name in the environment: `DLC_SERVER_PORT` for `server.port`.
    pub fn env(&self) -> String {
        format!("DLC_{}", self.name.replace('.', "_").to_uppercase())
    }
}
