//! Parameter types of expressions, besides texts and numbers.

use std::{fmt, str::FromStr, time::Duration};

use bdd_harness::Parameter;

/// `{method}`: an HTTP method.
#[derive(Clone, Debug, Parameter)]
#[param(name = "method", regex = "GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS")]
pub struct Method(pub String);

impl FromStr for Method {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

/// `{duration}`: `250ms`, `2s`, `1.5s`, `1m30s`, `1h`.
#[derive(Clone, Copy, Debug, Parameter)]
#[param(name = "duration", regex = "(?:[0-9]+(?:[.][0-9]+)?(?:ms|s|m|h))+")]
pub struct Span(pub Duration);

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("`{text}` is no duration: write it like 250ms, 2s, 1.5s or 1m30s");
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
            total += Duration::try_from_secs_f64(number * seconds).map_err(|_| wrong())?;
            rest = behind;
        }
        Ok(Self(total))
    }
}

/// `{status_class}`: what the first digit of a status says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Parameter)]
#[param(
    name = "status_class",
    regex = "success|redirect|client error|server error"
)]
pub enum StatusClass {
    Success,
    Redirect,
    ClientError,
    ServerError,
}

impl StatusClass {
    pub fn holds(self, status: u16) -> bool {
        let first = match self {
            Self::Success => 2,
            Self::Redirect => 3,
            Self::ClientError => 4,
            Self::ServerError => 5,
        };
        status / 100 == first
    }
}

impl FromStr for StatusClass {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "success" => Ok(Self::Success),
            "redirect" => Ok(Self::Redirect),
            "client error" => Ok(Self::ClientError),
            "server error" => Ok(Self::ServerError),
            _ => Err(format!(
                "`{text}` is none of success, redirect, client error, server error"
            )),
        }
    }
}

impl fmt::Display for StatusClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Success => "a success (2xx)",
            Self::Redirect => "a redirect (3xx)",
            Self::ClientError => "a client error (4xx)",
            Self::ServerError => "a server error (5xx)",
        })
    }
}
