//! Imports from other programs: reads their SQLite files, and writes what they hold in one transaction.

mod foreign;
mod pizzas;
mod updates;

pub use foreign::{ForeignFile, ForeignTable, Row};
pub use pizzas::ImportedPizza;
pub use updates::ImportedUpdate;
