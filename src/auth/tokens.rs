//! Tokens: signed JWTs that name a session or a client, and random texts of which only a hash is kept.

use std::fmt::Write;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::scopes::Scopes;
use crate::store::{Id, Time};

/// What a token says.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    sub: String,
    jti: String,
    iat: i64,
    exp: i64,
    /// In clients' tokens, and in no others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
}

/// Whom a token that we signed speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bearer {
    /// Whoever opened the session.
    Session(Id),
    /// A client, with what this token is good for.
    Client {
        /// The client's row.
        id: Id,
        /// What the token was asked for.
        scopes: Scopes,
        /// When it stops working.
        expires_at: Time,
    },
}

/// Signs tokens and reads them.
#[derive(Clone)]
pub struct Tokens {
    signing: EncodingKey,
    checking: DecodingKey,
    validation: Validation,
}

impl Tokens {
    /// Signs with this key.
    pub fn new(key: &[u8]) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        // The session's own end decides to the microsecond; this only spares a look for tokens long gone.
        validation.leeway = 1;
        validation.set_required_spec_claims(&["exp", "sub"]);
        Self {
            signing: EncodingKey::from_secret(key),
            checking: DecodingKey::from_secret(key),
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
        // HS256 with a plain struct has nothing that could fail.
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &self.signing)
            .expect("a token can be signed")
    }

    /// Whom a token speaks for, if we signed it and it isn't over.
    pub fn bearer(&self, token: &str) -> Option<Bearer> {
        let read = jsonwebtoken::decode::<Claims>(token, &self.checking, &self.validation).ok()?;
        let claims = read.claims;
        let Some(scope) = claims.scope else {
            return Id::parse(&claims.jti).map(Bearer::Session);
        };
        let expires_at = Time::from_unix_seconds(claims.exp)?;
        (expires_at > Time::now()).then_some(Bearer::Client {
            id: Id::parse(&claims.sub)?,
            scopes: Scopes::parse(&scope)?,
            expires_at,
        })
    }
}

/// A text of 256 random bits.
pub fn random_token() -> String {
    hex(&rand::random::<[u8; 32]>())
}

/// The hash under which a random token is stored.
pub fn token_hash(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
