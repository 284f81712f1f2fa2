//! Numbers in JSON. PostgreSQL's `jsonb` writes them without an exponent, so 1e17 is read back as an integer.

use serde_json::Number;

/// The number as an integer, if it is a whole number in the range of `i64` or `u64`.
pub fn integer(number: &Number) -> Option<Number> {
    let whole = number.as_f64().filter(|number| number.fract() == 0.0)?;
    let digits = format!("{whole:.0}");
    let signed = digits.parse().map(|number: i64| number.into());
    let unsigned = || digits.parse().map(|number: u64| number.into());
    signed.or_else(|_| unsigned()).ok()
}
