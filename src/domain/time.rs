//! Times: UTC in whole microseconds, always written with six decimal places and `Z`.

use std::{fmt, time::Duration};

use chrono::{DateTime, Datelike, SecondsFormat, SubsecRound, Utc};
use serde::{Serialize, Serializer};

/// A time in the precision that both databases keep. SQLite stores the text that answers show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, utoipa::ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2026-01-31T18:30:00.000000Z")]
pub struct Time(DateTime<Utc>);

impl Time {
    pub fn now() -> Self {
        Utc::now().into()
    }

    /// This time plus a duration. The configuration limits durations, so the sum never overflows.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        (self.0 + duration).into()
    }

    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        (self.0 - duration).into()
    }

    /// The duration since an earlier time; `None` if that time is later than this one.
    pub fn since(self, earlier: Self) -> Option<Duration> {
        (self.0 - earlier.0).to_std().ok()
    }

    /// The inverse of [`Self::unix_seconds`].
    pub fn from_unix_seconds(seconds: i64) -> Option<Self> {
        DateTime::from_timestamp(seconds, 0).map(Self)
    }

    /// Parses RFC 3339 with any offset, and a year of four digits. A leap second becomes the second after it, because
    /// PostgreSQL has no leap seconds.
    pub fn parse(text: &str) -> Option<Self> {
        let time = DateTime::parse_from_rfc3339(text).ok()?.with_timezone(&Utc);
        let time = DateTime::from_timestamp_micros(time.timestamp_micros())?;
        (1..=9999).contains(&time.year()).then_some(Self(time))
    }

    /// Such as "31 January 2026, 18:30:00 UTC".
    pub fn human_readable(self) -> String {
        self.0.format("%-d %B %Y, %H:%M:%S UTC").to_string()
    }

    /// Seconds since 1970-01-01, as JWTs count.
    pub fn unix_seconds(self) -> i64 {
        self.0.timestamp()
    }
}

impl From<DateTime<Utc>> for Time {
    fn from(time: DateTime<Utc>) -> Self {
        Self(time.trunc_subsecs(6))
    }
}

impl From<Time> for DateTime<Utc> {
    fn from(time: Time) -> Self {
        time.0
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::Micros, true))
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::Time;

    #[test]
    fn times_are_truncated_to_microseconds() {
        for (text, kept) in [
            ("2026-01-31T18:30:00Z", Some("2026-01-31T18:30:00.000000Z")),
            (
                "2026-01-31T19:30:00.1234567+01:00",
                Some("2026-01-31T18:30:00.123456Z"),
            ),
            (
                "1969-12-31T23:59:59.9999999Z",
                Some("1969-12-31T23:59:59.999999Z"),
            ),
            (
                "2016-12-31T23:59:60.5Z",
                Some("2017-01-01T00:00:00.500000Z"),
            ),
            ("9999-12-31T23:59:60Z", None),
            ("0001-01-01T00:00:00Z", Some("0001-01-01T00:00:00.000000Z")),
            ("0001-01-01T00:00:00+01:00", None),
            ("2026-02-30T00:00:00Z", None),
        ] {
            let read = Time::parse(text).map(|time| time.to_string());
            assert_eq!(read.as_deref(), kept, "{text}");
        }
    }
}
