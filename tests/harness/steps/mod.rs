//! The vocabulary, grouped by what a word speaks of.

pub mod database;
pub mod request;
pub mod response;
pub mod variables;
