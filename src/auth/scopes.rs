//! Scopes: what a token lets its bearer do.

use std::fmt;

use serde::{Serialize, Serializer};

/// One thing that a token may be good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Looking at what isn't open to all.
    Read,
    /// Changing shop and platform.
    Write,
    /// Saying how far a database is.
    Provision,
    /// Users, clients, and everybody's things.
    Admin,
}

/// All scopes, in the order in which they are written.
pub const SCOPES: [Scope; 4] = [Scope::Read, Scope::Write, Scope::Provision, Scope::Admin];

impl Scope {
    /// The word for it, in tokens, answers and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Provision => "provision",
            Self::Admin => "admin",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        SCOPES.into_iter().find(|scope| scope.as_str() == text)
    }

    fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A set of scopes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, utoipa::ToSchema)]
#[schema(value_type = Vec<Scope>)]
pub struct Scopes(u8);

impl Scopes {
    /// Every scope there is.
    pub fn all() -> Self {
        SCOPES.into_iter().collect()
    }

    /// Whether the scope is in it.
    pub fn contains(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// Whether all of these are in it.
    pub fn holds(self, others: Self) -> bool {
        others.0 & !self.0 == 0
    }

    /// What is in both.
    #[must_use]
    pub fn and(self, others: Self) -> Self {
        Self(self.0 & others.0)
    }

    /// The scopes, in the order in which they are written.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        SCOPES
            .into_iter()
            .filter(move |scope| self.contains(*scope))
    }

    /// Reads words with one space between them (RFC 6749 §3.3); `None` when one isn't known.
    pub fn parse(text: &str) -> Option<Self> {
        text.split(' ').map(Scope::parse).collect()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | scope.bit()))
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<_> = self.iter().map(Scope::as_str).collect();
        f.write_str(&words.join(" "))
    }
}

impl Serialize for Scopes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl TryFrom<String> for Scopes {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("{text:?} are no scopes"))
    }
}
