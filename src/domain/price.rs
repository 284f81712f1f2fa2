//! Prices: decimal strings outside, whole cents inside.

use std::fmt;

use serde::{Serialize, Serializer};

/// A price from 0.00 to 99999999.99.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, utoipa::ToSchema)]
#[schema(value_type = String, example = "8.50", pattern = "^[0-9]{1,8}(\\.[0-9]{1,2})?$")]
pub struct Price(i64);

impl Price {
    /// What is wrong with a text that [`Self::parse`] doesn't accept; completes "this field …".
    pub const EXPECTED: &'static str =
        "must be a decimal string from \"0.00\" to \"99999999.99\" with at most two places";

    /// Parses a decimal text with at most two decimal places.
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, places) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |text: &str, most: usize| {
            (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !digits(whole, 8) || !digits(places, 2) {
            return None;
        }
        format!("{whole}{places:0<2}").parse().ok().map(Self)
    }

    /// The price in cents, as it is stored.
    pub fn cents(self) -> i64 {
        self.0
    }
}

impl From<i64> for Price {
    fn from(cents: i64) -> Self {
        Self(cents)
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

impl Serialize for Price {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::Price;

    #[test]
    fn prices_are_decimal_texts() {
        for (text, shown) in [
            ("0", "0.00"),
            ("12", "12.00"),
            ("12.5", "12.50"),
            ("12.05", "12.05"),
            ("99999999.99", "99999999.99"),
        ] {
            let price = Price::parse(text).map(|price| price.to_string());
            assert_eq!(price.as_deref(), Some(shown), "{text}");
        }
        for text in [
            "",
            ".",
            "5.",
            ".5",
            "-1",
            "+1",
            "1.005",
            "1e2",
            "100000000",
            "1,50",
            " 1",
        ] {
            assert_eq!(Price::parse(text), None, "{text}");
        }
    }
}
