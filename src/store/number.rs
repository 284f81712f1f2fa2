//! Numbers in JSON, which the engines write in different ways: PostgreSQL without an exponent, so that 1e17 comes back
//! as an integer.

use serde_json::Number;

/// The number as an integer, when it is a whole one and integers reach so far.
pub fn integer(number: &Number) -> Option<Number> {
    let whole = number.as_f64().filter(|number| number.fract() == 0.0)?;
    let digits = format!("{whole:.0}");
    let signed = digits.parse().map(|number: i64| number.into());
    let unsigned = || digits.parse().map(|number: u64| number.into());
    signed.or_else(|_| unsigned()).ok()
}
