//! Tokens: signed JWTs that name a session or a client, and random secrets of which only a hash is stored.

use std::fmt::Write;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::domain::{Id, Scopes, Time};

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    sub: String,
    jti: String,
    iat: i64,
    exp: i64,
    /// Only in tokens of clients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
}

/// The session or client that a valid token names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bearer {
    /// The user of a session.
    Session(Id),
    /// An OAuth client.
    Client {
        /// The id of the client's row.
        id: Id,
        /// The scopes that were granted to the token.
        scopes: Scopes,
        /// When the token expires.
        expires_at: Time,
    },
}

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// No key has the id that the token names.
    UnknownKey,
    Invalid,
}

struct Key {
    kid: String,
    signing: EncodingKey,
    verifying: DecodingKey,
}

/// Signs tokens with the first key, and accepts tokens that any of the keys has signed.
pub struct Tokens {
    keys: Vec<Key>,
    validation: Validation,
}

impl Tokens {
    /// Takes the id and the secret of each key.
    pub fn new<'a>(keys: impl IntoIterator<Item = (String, &'a str)>) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        // The session's row decides to the microsecond. This check only saves a query for tokens expired long ago.
        validation.leeway = 1;
        validation.set_required_spec_claims(&["exp", "sub"]);
        let key = |(kid, secret): (String, &str)| Key {
            kid,
            signing: EncodingKey::from_secret(secret.as_bytes()),
            verifying: DecodingKey::from_secret(secret.as_bytes()),
        };
        Self {
            keys: keys.into_iter().map(key).collect(),
            validation,
        }
    }

    /// A token for a session.
    pub fn sign(&self, user_id: Id, session_id: Id, issued_at: Time, expires_at: Time) -> String {
        self.encode(&Claims {
            sub: user_id.to_string(),
            jti: session_id.to_string(),
            iat: issued_at.unix_seconds(),
            exp: expires_at.unix_seconds(),
            scope: None,
        })
    }

    /// A token for a client.
    pub fn sign_client(
        &self,
        client_id: Id,
        scopes: Scopes,
        issued_at: Time,
        expires_at: Time,
    ) -> String {
        self.encode(&Claims {
            sub: client_id.to_string(),
            jti: Id::generate().to_string(),
            iat: issued_at.unix_seconds(),
            exp: expires_at.unix_seconds(),
            scope: Some(scopes.to_string()),
        })
    }

    fn encode(&self, claims: &Claims) -> String {
        let key = self.keys.first().expect("only sets with a key sign");
        let header = Header {
            kid: Some(key.kid.clone()),
            ..Header::new(Algorithm::HS256)
        };
        // Signing a plain struct with HS256 has no failure mode.
        jsonwebtoken::encode(&header, claims, &key.signing).expect("a token can be signed")
    }

    /// The bearer that a token names, if we signed it and it has not expired.
    pub fn bearer(&self, token: &str) -> Result<Bearer, Refusal> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| Refusal::Invalid)?;
        // Older versions signed tokens without a key id: every key is tried.
        let is_named = |key: &&Key| header.kid.as_ref().is_none_or(|kid| *kid == key.kid);
        let mut keys = self.keys.iter().filter(is_named).peekable();
        keys.peek().ok_or(Refusal::UnknownKey)?;
        keys.find_map(|key| self.bearer_by(token, key))
            .ok_or(Refusal::Invalid)
    }

    fn bearer_by(&self, token: &str, key: &Key) -> Option<Bearer> {
        let read = jsonwebtoken::decode::<Claims>(token, &key.verifying, &self.validation).ok()?;
        let claims = read.claims;
        let Some(scope) = claims.scope else {
            return Id::parse(&claims.jti).map(Bearer::Session);
        };
        let expires_at = Time::from_unix_seconds(claims.exp)?;
        (expires_at > Time::now()).then_some(Bearer::Client {
            id: Id::parse(&claims.sub)?,
            scopes: Scopes::try_from(scope).ok()?,
            expires_at,
        })
    }
}

/// The id of a key. Tokens contain it, so it reveals nothing about the secret.
pub fn key_id(secret: &str) -> String {
    token_hash(&format!("key id of {secret}"))[..16].to_owned()
}

/// A secret with 256 random bits.
pub fn random_token() -> String {
    hex(&rand::random::<[u8; 32]>())
}

/// The hash under which a random secret is stored.
pub fn token_hash(token: &str) -> String {
    sha256(token.as_bytes())
}

/// SHA-256 in hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
