//! Limits attempts that could be repeated until one succeeds, per account and per address. The counts are in the
//! database, so that several replicas together allow no more attempts than one.

use std::{
    net::{IpAddr, Ipv6Addr},
    time::Duration,
};

use tracing::{field::display, info};

use super::audit::Origin;
use super::error::ApiError;
use crate::auth::tokens;
use crate::config::Limits;
use crate::domain::{Id, Time};
use crate::store::{Store, attempts::AttemptLimit};

/// The account that attempts are counted for. Each variant has its own counts. The name and the email of one user are
/// counted separately too: otherwise a 429 would reveal that both belong to the same user.
pub enum Account<'a> {
    Username(&'a str),
    Email(&'a str),
    Client(&'a str),
    /// The current password of a logged-in user.
    Password(Id),
    /// An account that is about to be registered.
    New,
}

impl Account<'_> {
    /// What is counted; `None` if only the address is.
    fn key(&self) -> Option<String> {
        Some(match self {
            Self::Username(name) => format!("username {}", name.to_lowercase()),
            Self::Email(email) => format!("email {}", email.to_lowercase()),
            Self::Client(id) => format!("client {id}"),
            Self::Password(user) => format!("password {user}"),
            Self::New => return None,
        })
    }

    /// The act in the audit log when a limit is exceeded.
    fn act(&self) -> &'static str {
        match self {
            Self::Username(_) | Self::Email(_) => "too many log-ins",
            Self::Client(_) => "too many tokens",
            Self::Password(_) => "too many password changes",
            Self::New => "too many registrations",
        }
    }

    fn user_id(&self) -> Option<Id> {
        match self {
            Self::Password(user) => Some(*user),
            _ => None,
        }
    }
}

/// The limits; 0 means none.
pub struct RateLimit {
    per_account: usize,
    per_address: usize,
    store: Store,
}

impl RateLimit {
    pub fn new(limits: &Limits, store: Store) -> Self {
        Self {
            per_account: limits.attempts_per_account,
            per_address: limits.attempts_per_address,
            store,
        }
    }

    /// Counts an attempt. An attempt that exceeds a limit gets 429, is not counted, and is in the audit log.
    pub async fn check(
        &self,
        account: Account<'_>,
        origin: &Origin,
        who: &str,
    ) -> Result<(), ApiError> {
        let address = origin.0.map(|address| match account {
            Account::New => format!("registration {}", network(address)),
            _ => format!("address {}", network(address)),
        });
        let counted = self
            .count([
                (account.key(), self.per_account),
                (address, self.per_address),
            ])
            .await;
        if matches!(counted, Err(ApiError::TooManyRequests(_))) {
            let user_id = account.user_id().map(display);
            info!(target: "audit", act = account.act(), who = %who, from = %origin, user_id);
        }
        counted
    }

    /// Counts a successful attempt for another name of the same account too.
    pub async fn note(&self, account: Account<'_>) -> Result<(), ApiError> {
        match self.count([(account.key(), self.per_account)]).await {
            Err(ApiError::TooManyRequests(_)) => Ok(()),
            counted => counted,
        }
    }

    async fn count<const N: usize>(
        &self,
        keys: [(Option<String>, usize); N],
    ) -> Result<(), ApiError> {
        let limit = |(key, most): (Option<String>, usize)| {
            Some(AttemptLimit {
                key_hash: tokens::token_hash(&key.filter(|_| most > 0)?),
                most: i64::try_from(most).unwrap_or(i64::MAX),
            })
        };
        let limits: Vec<_> = keys.into_iter().filter_map(limit).collect();
        if limits.is_empty() {
            return Ok(());
        }
        match self.store.count_attempt(limits).await? {
            None => Ok(()),
            Some(next) => Err(ApiError::TooManyRequests(
                next.since(Time::now()).unwrap_or(Duration::ZERO),
            )),
        }
    }
}

/// The /64 network of an IPv6 address: a client usually has all addresses of it.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)))
        }
        address @ IpAddr::V4(_) => address,
    }
}
