//! Keeps scenarios apart: the template, its clones, the reset, and the proof that the reset is right.

pub mod lease;
pub mod proof;
pub mod reset;
pub mod sqlite;
pub mod template;
pub mod written;
