//! Ids of rows.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The id of a row, a UUID of version 7.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(transparent)]
#[schema(value_type = Uuid)]
pub struct Id(Uuid);

impl Id {
    /// A new id; it sorts after all ids that this process generated before.
    pub fn generate() -> Self {
        Self(Uuid::now_v7())
    }

    /// Parses the hyphenated form, the only one that is accepted from clients.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() == 36 {
            Uuid::try_parse(text).ok().map(Self)
        } else {
            None
        }
    }
}

impl From<Uuid> for Id {
    fn from(uuid: Uuid) -> Self {
        Self(uuid)
    }
}

impl From<Id> for Uuid {
    fn from(id: Id) -> Self {
        id.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}
