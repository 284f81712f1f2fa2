//! The keys that sign tokens. They are in the configuration, or else in the database, which all replicas share.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use tokio::sync::Mutex;

use crate::auth::tokens::{Bearer, Refusal, Tokens, key_id, random_token};
use crate::config::Auth;
use crate::store::{Store, StoreError, signing_keys::SigningKey};

/// Removed or expired keys verify tokens for at most this long.
const MAX_AGE: Duration = Duration::from_secs(30);

pub enum TokenKeys {
    Configured(Arc<Tokens>),
    Stored(StoredKeys),
}

pub struct StoredKeys {
    store: Store,
    /// The keys of the last read, and when that read began.
    known: RwLock<(Arc<Tokens>, Option<Instant>)>,
    /// Held while keys are read, so that concurrent requests share one read.
    reading: Mutex<()>,
}

impl TokenKeys {
    pub fn new(auth: &Auth, store: Store) -> Self {
        let configured = auth.signing_keys();
        if configured.is_empty() {
            return Self::Stored(StoredKeys {
                store,
                known: RwLock::new((Arc::new(Tokens::new([])), None)),
                reading: Mutex::default(),
            });
        }
        let keys = configured.into_iter().map(|key| (key_id(key), key));
        Self::Configured(Arc::new(Tokens::new(keys)))
    }

    /// The keys to sign with. If there is none, one is created.
    pub async fn for_signing(&self) -> Result<Arc<Tokens>, StoreError> {
        let stored = match self {
            Self::Configured(tokens) => return Ok(Arc::clone(tokens)),
            Self::Stored(stored) => stored,
        };
        // Read every time: another replica may have removed a key, which must not sign any more.
        let begun = Instant::now();
        let keys = stored.store.signing_keys().await?;
        let keys = if keys.first().is_some_and(|key| key.expires_at.is_none()) {
            keys
        } else {
            let secret = random_token();
            let key = SigningKey::new(key_id(&secret), secret);
            stored.store.ensure_signing_key(key).await?
        };
        Ok(stored.remember(&keys, begun))
    }

    /// The bearer that a token names, if one of our keys signed it and it has not expired.
    pub async fn bearer(&self, token: &str) -> Result<Option<Bearer>, StoreError> {
        let stored = match self {
            Self::Configured(tokens) => return Ok(tokens.bearer(token).ok()),
            Self::Stored(stored) => stored,
        };
        let tokens = stored.not_older_than(MAX_AGE).await?;
        match tokens.bearer(token) {
            // Another replica may just have created the key.
            Err(Refusal::UnknownKey) => {
                let tokens = stored.not_older_than(Duration::ZERO).await?;
                Ok(tokens.bearer(token).ok())
            }
            bearer => Ok(bearer.ok()),
        }
    }
}

impl StoredKeys {
    async fn not_older_than(&self, age: Duration) -> Result<Arc<Tokens>, StoreError> {
        let asked = Instant::now();
        let fresh = || {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            let is_fresh = known
                .1
                .is_some_and(|read| asked.saturating_duration_since(read) <= age);
            is_fresh.then(|| Arc::clone(&known.0))
        };
        if let Some(tokens) = fresh().filter(|_| !age.is_zero()) {
            return Ok(tokens);
        }
        let _reading = self.reading.lock().await;
        if let Some(tokens) = fresh() {
            return Ok(tokens);
        }
        let begun = Instant::now();
        Ok(self.remember(&self.store.signing_keys().await?, begun))
    }

    fn remember(&self, keys: &[SigningKey], begun: Instant) -> Arc<Tokens> {
        let keys = keys
            .iter()
            .map(|key| (key.kid.clone(), key.secret.as_str()));
        let tokens = Arc::new(Tokens::new(keys));
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.1.is_none_or(|read| read < begun) {
            *known = (Arc::clone(&tokens), Some(begun));
        }
        tokens
    }
}
