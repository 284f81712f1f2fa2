//! The harness: behaviour tests on a real database. It knows nothing of dance lessons.
#![allow(dead_code, reason = "the benches use a part of it")]

pub mod client;
pub mod database;
pub mod failure;
pub mod json_path;
pub mod made;
pub mod matcher;
pub mod slot;
pub mod steps;
pub mod variables;
pub mod world;
