//! Passwords and tokens. Takes plain parameters: it knows neither the configuration nor the database.

pub mod passwords;
pub mod tokens;
