//! Lists: which rows, in which order, one page of them, and how many there are in total.

mod filter;
mod list;
mod order;
pub(super) mod search;
pub(super) mod totals;

pub(super) use filter::Filter;
pub use order::{Sort, SortBy, Window};
