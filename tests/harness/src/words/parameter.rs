//! Parameter types of expressions, besides texts and numbers.

use std::{fmt, str::FromStr};

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

/// `{status_class}`: the class of a status, by its first digit.
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
                "`{text}` isn't one of success, redirect, client error, server error"
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
