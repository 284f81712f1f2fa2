//! Durations in sentences, tags and options.

use std::{str::FromStr, time::Duration};

use bdd_harness::Parameter;
use serde::Deserialize;

/// `{duration}`: `250ms`, `2s`, `1.5s`, `1m30s`, `1h`. Options, tags and settings also take `1m 30s`, `12min5s`, `2 days`.
#[derive(Clone, Copy, Debug, Deserialize, Parameter)]
#[serde(try_from = "String")]
#[param(name = "duration", regex = "(?:[0-9]+(?:[.][0-9]+)?(?:ms|s|m|h))+")]
pub struct Span(pub Duration);

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let duration = humantime::parse_duration(text).map_err(|_| {
            format!("`{text}` isn't a duration: write it like 250ms, 2s, 1.5s or 1m 30s")
        })?;
        Ok(Self(duration))
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
