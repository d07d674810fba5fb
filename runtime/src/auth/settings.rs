//! How tokens are to be verified, as configured.

use std::fmt;

use jsonwebtoken::Algorithm;

use super::JwksSource;

/// The shortest secret that HS256 is accepted with, in bytes (the size of its hash).
const SHORTEST_SECRET: usize = 32;

/// How tokens are verified.
#[derive(Clone, Debug)]
pub struct AuthSettings {
    /// With which keys.
    pub keys: AuthKeys,
    /// The `iss` that a token must carry, if any.
    pub issuer: Option<String>,
    /// The `aud` that a token must carry, if any.
    pub audience: Option<String>,
}

/// Where the keys come from.
#[derive(Clone, Debug)]
pub enum AuthKeys {
    /// Nothing is configured: every token is refused, and only what is public can be called.
    None,
    /// HS256 with a shared secret.
    Secret(Secret),
    /// Public keys of an identity provider, for exactly one algorithm.
    Jwks {
        /// The file or URL of the key set.
        source: JwksSource,
        /// The one algorithm that is accepted.
        algorithm: Algorithm,
    },
}

/// A shared secret; never shown.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Takes a secret of at least 32 bytes.
    ///
    /// # Errors
    /// A sentence that says so, without the secret.
    pub fn new(text: impl Into<String>) -> Result<Self, String> {
        let text = text.into();
        if text.len() < SHORTEST_SECRET {
            return Err(format!(
                "the secret has {} bytes; HS256 needs {SHORTEST_SECRET} or more (try `openssl rand -base64 48`)",
                text.len()
            ));
        }
        Ok(Self(text))
    }

    /// One that nobody else has.
    pub(crate) fn random() -> Self {
        // Four ids of 74 random bits each, from the operating system's generator.
        Self((0..4).map(|_| uuid::Uuid::now_v7().simple().to_string()).collect())
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret(…)")
    }
}

/// Reads the name of an algorithm that key sets are accepted with.
///
/// # Errors
/// A sentence that lists the accepted ones.
pub(crate) fn algorithm(name: &str) -> Result<Algorithm, String> {
    match name {
        "RS256" => Ok(Algorithm::RS256),
        "ES256" => Ok(Algorithm::ES256),
        "EdDSA" => Ok(Algorithm::EdDSA),
        other => Err(format!("`{other}` is not accepted for key sets; RS256, ES256 and EdDSA are")),
    }
}
