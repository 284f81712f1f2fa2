//! Numbers compared as they are written, whatever their length.

use std::cmp::Ordering;

/// `0.digits × 10^magnitude`, with no zero at either end of the digits.
struct Decimal {
    negative: bool,
    digits: String,
    magnitude: i64,
}

/// How two numbers compare by value: `1.10` equals `1.1` and `11e-1`. `None` when one of them is not a number.
pub fn order(one: &str, other: &str) -> Option<Ordering> {
    let (one, other) = (Decimal::read(one)?, Decimal::read(other)?);
    let sign = |number: &Decimal| match (number.digits.is_empty(), number.negative) {
        (true, _) => 0,
        (false, false) => 1,
        (false, true) => -1,
    };
    let size = |number: &Decimal| (number.magnitude, number.digits.clone());
    Some(sign(&one).cmp(&sign(&other)).then_with(|| {
        if one.negative {
            size(&other).cmp(&size(&one))
        } else {
            size(&one).cmp(&size(&other))
        }
    }))
}

/// Whether a number has no fraction: `3`, `3.0` and `1e3`.
pub fn is_whole(text: &str) -> bool {
    Decimal::read(text).is_some_and(|number| {
        i64::try_from(number.digits.len()).is_ok_and(|digits| digits <= number.magnitude.max(0))
    })
}

impl Decimal {
    /// Also accepts what SQL does: `+1`, `.5` and `007`.
    fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(unsigned) => (true, unsigned),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}");
        if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        let significant = digits.trim_start_matches('0');
        if significant.is_empty() {
            return Some(Self {
                negative: false,
                digits: String::new(),
                magnitude: 0,
            });
        }
        let leading_zeros = digits.len() - significant.len();
        Some(Self {
            negative,
            magnitude: i64::try_from(whole.len())
                .ok()?
                .checked_sub(i64::try_from(leading_zeros).ok()?)?
                .checked_add(exponent)?,
            digits: significant.trim_end_matches('0').to_owned(),
        })
    }
}
