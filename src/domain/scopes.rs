//! Scopes: what a token permits.

use std::fmt;

use serde::{Serialize, Serializer};

use super::words::words;

words! {
    /// One permission of a token.
    Scope {
        /// Reading what is not open to everybody.
        Read = "read",
        /// Changing shop and platform.
        Write = "write",
        /// Changing the status of managed databases.
        Provision = "provision",
        /// Managing users, clients, and what others own.
        Admin = "admin",
    }
}

/// A set of scopes, written as words with one space between them (RFC 6749 §3.3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, utoipa::ToSchema)]
#[schema(value_type = Vec<Scope>)]
pub struct Scopes(u8);

impl Scopes {
    /// Every scope there is.
    pub fn all() -> Self {
        Scope::ALL.into_iter().collect()
    }

    /// Whether the set has this scope.
    pub fn contains(self, scope: Scope) -> bool {
        self.contains_all(Self::from_iter([scope]))
    }

    /// Whether the set has all of these scopes.
    pub fn contains_all(self, others: Self) -> bool {
        others.0 & !self.0 == 0
    }

    /// The scopes that are in both sets.
    #[must_use]
    pub fn and(self, others: Self) -> Self {
        Self(self.0 & others.0)
    }

    /// The scopes, in the order in which they are written.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL
            .into_iter()
            .filter(move |scope| self.contains(*scope))
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(
            scopes
                .into_iter()
                .fold(0, |bits, scope| bits | 1 << scope as u8),
        )
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
        text.split(' ')
            .map(|word| Scope::try_from(word.to_owned()))
            .collect()
    }
}
