//! How types of the domain are stored: PostgreSQL has types for ids, times and JSON; SQLite stores all of them as text.

use chrono::{DateTime, Utc};
use sqlx::{
    Decode, Encode, Postgres, Sqlite, Type,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgTypeInfo, PgValueRef, types::Oid},
    sqlite::{SqliteArgumentsBuffer, SqliteTypeInfo, SqliteValueRef},
};
use uuid::Uuid;

use crate::domain::{Id, JsonText, Time};

/// Stores a type of the domain as a type of sqlx in PostgreSQL, and as text in SQLite.
macro_rules! stored {
    ($ours:ty as $theirs:ty, $from_sqlite:expr) => {
        impl Type<Postgres> for $ours {
            fn type_info() -> PgTypeInfo {
                <$theirs as Type<Postgres>>::type_info()
            }
        }

        impl Encode<'_, Postgres> for $ours {
            fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
                Encode::<Postgres>::encode(<$theirs>::from(*self), buffer)
            }
        }

        impl Decode<'_, Postgres> for $ours {
            fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
                <$theirs as Decode<Postgres>>::decode(value).map(Self::from)
            }
        }

        impl Type<Sqlite> for $ours {
            fn type_info() -> SqliteTypeInfo {
                <String as Type<Sqlite>>::type_info()
            }

            fn compatible(kind: &SqliteTypeInfo) -> bool {
                <String as Type<Sqlite>>::compatible(kind)
                    || <DateTime<Utc> as Type<Sqlite>>::compatible(kind)
            }
        }

        impl Encode<'_, Sqlite> for $ours {
            fn encode_by_ref(
                &self,
                buffer: &mut SqliteArgumentsBuffer,
            ) -> Result<IsNull, BoxDynError> {
                Encode::<Sqlite>::encode(self.to_string(), buffer)
            }
        }

        impl Decode<'_, Sqlite> for $ours {
            fn decode(value: SqliteValueRef<'_>) -> Result<Self, BoxDynError> {
                let decode: fn(SqliteValueRef<'_>) -> Result<$theirs, BoxDynError> = $from_sqlite;
                decode(value).map(Self::from)
            }
        }
    };
}

stored!(Id as Uuid, |value| Ok(Uuid::try_parse(
    <&str as Decode<Sqlite>>::decode(value)?
)?));
stored!(Time as DateTime<Utc>, |value| {
    <DateTime<Utc> as Decode<Sqlite>>::decode(value)
});

/// `json`, because it keeps the text; `jsonb` does not.
const JSON: PgTypeInfo = PgTypeInfo::with_oid(Oid(114));

impl Type<Postgres> for JsonText {
    fn type_info() -> PgTypeInfo {
        JSON
    }
}

impl Encode<'_, Postgres> for JsonText {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        Encode::<Postgres>::encode(self.as_str(), buffer)
    }
}

impl Decode<'_, Postgres> for JsonText {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        read_json(<&str as Decode<Postgres>>::decode(value)?)
    }
}

impl Type<Sqlite> for JsonText {
    fn type_info() -> SqliteTypeInfo {
        <String as Type<Sqlite>>::type_info()
    }
}

impl Encode<'_, Sqlite> for JsonText {
    fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        Encode::<Sqlite>::encode(self.as_str().to_owned(), buffer)
    }
}

impl Decode<'_, Sqlite> for JsonText {
    fn decode(value: SqliteValueRef<'_>) -> Result<Self, BoxDynError> {
        read_json(<&str as Decode<Sqlite>>::decode(value)?)
    }
}

fn read_json(text: &str) -> Result<JsonText, BoxDynError> {
    JsonText::parse(text.to_owned()).ok_or_else(|| "the column holds no JSON".into())
}
