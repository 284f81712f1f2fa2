use super::{Connection, Table};
use crate::harness::failure::Outcome;
pub async fn insert(
    _c: &mut Connection,
    _t: &Table,
    _n: &[String],
    _rows: &[Vec<String>],
    _seed: &str,
) -> Outcome {
    Ok(())
}
