//! Passwords, tokens, and who may do what.

pub mod passwords;
pub mod rules;
pub mod scopes;
pub mod tokens;

use serde::Serialize;

use scopes::{Scope, Scopes};

/// The client of development, whose secret everybody knows.
pub const DEV_CLIENT: &str = "dev-client";

/// What a user may do; each role may do what those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// A dancer.
    User,
    /// A teacher.
    Moderator,
    /// Who runs the school's systems.
    Admin,
}

/// All roles.
pub const ROLES: [Role; 3] = [Role::User, Role::Moderator, Role::Admin];

impl Role {
    /// The word for it, in answers and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Moderator => "moderator",
            Self::Admin => "admin",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        ROLES.into_iter().find(|role| role.as_str() == text)
    }

    /// What the role gives.
    pub fn scopes(self) -> Scopes {
        match self {
            Self::User => Scopes::from_iter([Scope::Read]),
            Self::Moderator => Scopes::from_iter([Scope::Read, Scope::Write]),
            Self::Admin => Scopes::all(),
        }
    }
}

impl TryFrom<String> for Role {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("{text:?} is no role"))
    }
}
