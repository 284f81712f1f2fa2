//! Times: UTC, cut to microseconds, written with exactly six digits and `Z` everywhere.

use std::{fmt, time::Duration};

use chrono::{DateTime, Datelike, SecondsFormat, SubsecRound, Utc};
use serde::{Serialize, Serializer};
use sqlx::{
    Decode, Encode, Postgres, Sqlite, Type,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgTypeInfo, PgValueRef},
    sqlite::{SqliteArgumentsBuffer, SqliteTypeInfo, SqliteValueRef},
};

/// A moment, the same to the last digit from both stores; in `SQLite` it is the text that answers show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, utoipa::ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2026-01-31T18:30:00.000000Z")]
pub struct Time(DateTime<Utc>);

impl Time {
    /// The present moment.
    pub fn now() -> Self {
        Self(Utc::now().trunc_subsecs(6))
    }

    /// This moment and a span later; the configuration bounds spans, so the sum is a date that exists.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self((self.0 + span).trunc_subsecs(6))
    }

    /// The moment so many seconds after 1970 began.
    pub fn from_unix_seconds(seconds: i64) -> Option<Self> {
        DateTime::from_timestamp(seconds, 0).map(Self)
    }

    /// Reads RFC 3339, in any offset; years have four digits there. A leap second is the second after it, because
    /// PostgreSQL counts none.
    pub fn parse(text: &str) -> Option<Self> {
        let time = DateTime::parse_from_rfc3339(text).ok()?.with_timezone(&Utc);
        let time = DateTime::from_timestamp_micros(time.timestamp_micros())?;
        (1..=9999).contains(&time.year()).then_some(Self(time))
    }

    /// Seconds since 1970, as tokens count.
    pub fn unix_seconds(self) -> i64 {
        self.0.timestamp()
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

impl Type<Postgres> for Time {
    fn type_info() -> PgTypeInfo {
        <DateTime<Utc> as Type<Postgres>>::type_info()
    }
}

impl Encode<'_, Postgres> for Time {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        Encode::<Postgres>::encode_by_ref(&self.0, buffer)
    }
}

impl Decode<'_, Postgres> for Time {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        <DateTime<Utc> as Decode<Postgres>>::decode(value).map(Self)
    }
}

impl Type<Sqlite> for Time {
    fn type_info() -> SqliteTypeInfo {
        <String as Type<Sqlite>>::type_info()
    }

    fn compatible(kind: &SqliteTypeInfo) -> bool {
        <DateTime<Utc> as Type<Sqlite>>::compatible(kind)
    }
}

impl Encode<'_, Sqlite> for Time {
    fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        Encode::<Sqlite>::encode(self.to_string(), buffer)
    }
}

impl Decode<'_, Sqlite> for Time {
    fn decode(value: SqliteValueRef<'_>) -> Result<Self, BoxDynError> {
        let time = <DateTime<Utc> as Decode<Sqlite>>::decode(value)?;
        Ok(Self(time.trunc_subsecs(6)))
    }
}

#[cfg(test)]
mod tests {
    use super::Time;

    #[test]
    fn times_are_cut_to_microseconds_that_both_stores_count() {
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
