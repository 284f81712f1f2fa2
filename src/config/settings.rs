//! The types of values: how each is parsed and shown.

use std::{fmt, num::NonZeroU32, num::NonZeroUsize, path::PathBuf, time::Duration};

/// A type that a configuration key can have.
pub trait Setting: Sized {
    /// The allowed values; completes "allowed is …".
    const ALLOWED: &'static str;
    /// Whether the value must never be shown.
    const SECRET: bool = false;
    /// Whether the value is a string in TOML.
    const QUOTED: bool = true;

    /// Whether the value may be in a file, as secrets often are.
    const MAY_BE_A_FILE: bool = Self::SECRET;

    /// Parses the value; `None` if it isn't allowed.
    fn read(text: &str) -> Option<Self>;

    /// The text with everything secret in it masked.
    fn mask(text: &str) -> String {
        if Self::SECRET && !text.is_empty() {
            "***".into()
        } else {
            text.into()
        }
    }
}

macro_rules! setting_from_str {
    ($($kind:ty: $allowed:literal, $quoted:literal;)+) => {$(
        impl Setting for $kind {
            const ALLOWED: &'static str = $allowed;
            const QUOTED: bool = $quoted;
            fn read(text: &str) -> Option<Self> {
                text.parse().ok()
            }
        }
    )+};
}

setting_from_str! {
    String: "any text", true;
    PathBuf: "a path", true;
    bool: "true or false", false;
    u16: "a whole number from 0 to 65535", false;
    u32: "a whole number from 0 to 4294967295", false;
    usize: "a whole number, 0 or more", false;
    NonZeroU32: "a whole number from 1 to 4294967295", false;
    NonZeroUsize: "a whole number, 1 or more", false;
}

/// An empty text is `None`.
impl<T: Setting> Setting for Option<T> {
    const ALLOWED: &'static str = T::ALLOWED;
    const SECRET: bool = T::SECRET;
    const QUOTED: bool = T::QUOTED;
    const MAY_BE_A_FILE: bool = T::MAY_BE_A_FILE;

    fn read(text: &str) -> Option<Self> {
        if text.is_empty() {
            Some(None)
        } else {
            T::read(text).map(Some)
        }
    }

    fn mask(text: &str) -> String {
        T::mask(text)
    }
}

/// A sum of milliseconds, seconds, minutes, hours and days: `250ms`, `1.5s`, `1m30s`, `1h`, `7d`. `0` needs no unit.
impl Setting for Duration {
    const ALLOWED: &'static str = "a duration such as 250ms, 30s, 1m30s or 1h";

    fn read(text: &str) -> Option<Self> {
        if text == "0" {
            return Some(Duration::ZERO);
        }
        let mut rest = text;
        let mut total = Duration::ZERO;
        while !rest.is_empty() {
            let number_len = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
            let (number, after) = rest.split_at(number_len);
            let unit_len = after
                .find(|c: char| !c.is_ascii_alphabetic())
                .unwrap_or(after.len());
            let (unit, after) = after.split_at(unit_len);
            let seconds = match unit {
                "ms" => 0.001,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                "d" => 86_400.0,
                _ => return None,
            };
            let part = Duration::try_from_secs_f64(number.parse::<f64>().ok()? * seconds).ok()?;
            total = total.checked_add(part)?;
            rest = after;
        }
        // More than a hundred years is a mistake, and would overflow the arithmetic on times.
        (!text.is_empty() && total.as_secs() < 100 * 366 * 86_400).then_some(total)
    }
}

/// A text that is never shown: not in logs, not by `config`, not in errors.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Setting for Secret {
    const ALLOWED: &'static str = "any text";
    const SECRET: bool = true;

    fn read(text: &str) -> Option<Self> {
        Some(Self(text.into()))
    }
}

macro_rules! choice {
    ($(#[$about:meta])* $name:ident, $allowed:literal { $($variant:ident = $text:literal $(| $other:literal)*),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $(#[doc = concat!("`", $text, "`")] $variant),+ }

        impl $name {
            /// The word for the value in the configuration.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl Setting for $name {
            const ALLOWED: &'static str = $allowed;
            fn read(text: &str) -> Option<Self> {
                match text { $($text $(| $other)* => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

choice! {
    /// Where the service runs. Staging and production refuse weak settings and never guess the database.
    Environment, "development (dev), test, staging or production (prod)" {
        Development = "development" | "dev",
        Test = "test",
        Staging = "staging",
        Production = "production" | "prod",
    }
}

impl Environment {
    /// Whether weak settings are refused.
    pub fn is_strict(self) -> bool {
        matches!(self, Self::Staging | Self::Production)
    }
}

choice! {
    /// The database engine; `auto` takes it from the other settings.
    Driver, "auto, postgres (postgresql) or sqlite" {
        Auto = "auto",
        Postgres = "postgres" | "postgresql",
        Sqlite = "sqlite",
    }
}

choice! {
    /// How the connection to PostgreSQL is encrypted, in the words of libpq.
    SslMode, "disable, allow, prefer, require, verify-ca or verify-full" {
        Disable = "disable",
        Allow = "allow",
        Prefer = "prefer",
        Require = "require",
        VerifyCa = "verify-ca",
        VerifyFull = "verify-full",
    }
}

choice! {
    /// How spans are sent to the collector.
    OtlpProtocol, "http/protobuf, which collectors expect on port 4318; gRPC is not supported" {
        HttpProtobuf = "http/protobuf",
    }
}

choice! {
    /// Where traces go, in OpenTelemetry's words.
    TracesExporter, "otlp or none" {
        Otlp = "otlp",
        None = "none",
    }
}

choice! {
    /// Which traces are recorded, in OpenTelemetry's words.
    Sampler, "always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off or parentbased_traceidratio" {
        AlwaysOn = "always_on",
        AlwaysOff = "always_off",
        TraceIdRatio = "traceidratio",
        ParentBasedAlwaysOn = "parentbased_always_on",
        ParentBasedAlwaysOff = "parentbased_always_off",
        ParentBasedTraceIdRatio = "parentbased_traceidratio",
    }
}

/// A fraction from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ratio(pub f64);

impl Setting for Ratio {
    const ALLOWED: &'static str = "a number from 0 to 1";
    const QUOTED: bool = false;

    fn read(text: &str) -> Option<Self> {
        let ratio: f64 = text.parse().ok()?;
        (0.0..=1.0).contains(&ratio).then_some(Self(ratio))
    }
}

choice! {
    /// The format of log lines; `auto` is pretty on a terminal and JSON elsewhere.
    LogFormat, "auto, pretty or json" {
        Auto = "auto",
        Pretty = "pretty",
        Json = "json",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_sums_of_numbers_with_units() {
        let good = [
            ("250ms", 250),
            ("2s", 2_000),
            ("1.5s", 1_500),
            ("1m30s", 90_000),
            ("1h", 3_600_000),
            ("0", 0),
        ];
        for (text, milliseconds) in good {
            assert_eq!(
                Duration::read(text),
                Some(Duration::from_millis(milliseconds)),
                "{text}"
            );
        }
        for text in ["", "5", "s", "1x", "-1s", "1s2", "1..5s", "99999999999d"] {
            assert_eq!(Duration::read(text), None, "{text}");
        }
    }
}
