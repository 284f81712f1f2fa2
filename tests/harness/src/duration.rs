//! Durations in sentences, tags and options.

use std::{str::FromStr, time::Duration};

use bdd_harness::Parameter;
use serde::Deserialize;

/// `{duration}`: `250ms`, `2s`, `1.5s`, `1m30s`, `1h`.
#[derive(Clone, Copy, Debug, Deserialize, Parameter)]
#[serde(try_from = "String")]
#[param(name = "duration", regex = "(?:[0-9]+(?:[.][0-9]+)?(?:ms|s|m|h))+")]
pub struct Span(pub Duration);

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("`{text}` isn't a duration: write it like 250ms, 2s, 1.5s or 1m30s");
        if text.is_empty() {
            return Err(wrong());
        }
        let mut total = Duration::ZERO;
        let mut rest = text;
        while !rest.is_empty() {
            let unit_at = rest
                .find(|c: char| c.is_ascii_alphabetic())
                .ok_or_else(wrong)?;
            let (number, unit_on) = rest.split_at(unit_at);
            let end = unit_on
                .find(|c: char| !c.is_ascii_alphabetic())
                .unwrap_or(unit_on.len());
            let (unit, behind) = unit_on.split_at(end);
            let seconds = match unit {
                "ms" => 0.001,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                _ => return Err(wrong()),
            };
            let number: f64 = number.parse().map_err(|_| wrong())?;
            let part = Duration::try_from_secs_f64(number * seconds).map_err(|_| wrong())?;
            total = total.checked_add(part).ok_or_else(wrong)?;
            rest = behind;
        }
        Ok(Self(total))
    }
}

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// How long something may take: a duration that isn't zero.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Limit(pub Duration);

impl FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse()? {
            Span(Duration::ZERO) => Err("a limit must be longer than zero".to_owned()),
            Span(limit) => Ok(Self(limit)),
        }
    }
}

impl TryFrom<String> for Limit {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}
