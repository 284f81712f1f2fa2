//! Roles of users.

use super::scopes::{Scope, Scopes};
use super::words::words;

words! {
    /// What a user may do. Each role may do everything that the roles before it may do.
    Role {
        /// A dancer.
        User = "user",
        /// A teacher.
        Moderator = "moderator",
        /// An operator of the school's systems.
        Admin = "admin",
    }
}

impl Role {
    /// The scopes that the role grants.
    pub fn scopes(self) -> Scopes {
        match self {
            Self::User => Scopes::from_iter([Scope::Read]),
            Self::Moderator => Scopes::from_iter([Scope::Read, Scope::Write]),
            Self::Admin => Scopes::all(),
        }
    }
}
