//! Who calls: tokens are verified here, by every service again, and become a [`Call`].
//!
//! The algorithm is pinned by the configuration; what a token says about itself chooses nothing
//! but the key's id. A token that is present must be valid, even where none is needed.

mod accepted;
mod call;
mod claims;
pub(crate) mod crypto;
mod expiry;
mod keys;
#[cfg(any(test, feature = "files", feature = "gateway"))]
mod links;
mod service;
mod settings;
mod source;
#[cfg(test)]
mod tests;

use jsonwebtoken::{Algorithm, DecodingKey, Validation};

use crate::caller::Caller;
use crate::value::DateTime;

pub(crate) use call::trace_id;
pub use call::{Call, System};
pub(crate) use expiry::passed;
#[cfg(any(feature = "files", feature = "gateway"))]
pub(crate) use links::LinkKeys;
pub(crate) use service::{ServiceKeys, digest};
pub(crate) use settings::algorithm;
pub use settings::{AuthKeys, AuthSettings, Secret};
pub use source::JwksSource;

use accepted::Accepted;
use claims::Claims;
use keys::KeySet;

/// The longest token that is looked at, in bytes.
const LONGEST_TOKEN: usize = 8 * 1024;
/// How far the clocks of issuer and service may differ, in seconds.
const LEEWAY: u64 = 10;

/// Why a token was not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is not valid; the text says why without quoting it.
    #[error("the token is not valid: {0}")]
    Invalid(String),
    /// The keys to verify it cannot be had at the moment.
    #[error("tokens cannot be verified at the moment")]
    Unavailable,
}

/// A caller as a valid token describes it.
#[derive(Clone, Debug)]
pub struct Verified {
    /// Who it is.
    pub caller: Caller,
    /// From when on the token no longer counts.
    pub expires: DateTime,
}

/// Verifies tokens.
#[derive(Debug)]
pub struct Verifier {
    keys: Keys,
    validation: Validation,
    accepted: Accepted,
    services: Option<ServiceKeys>,
}

enum Keys {
    None,
    Secret(DecodingKey),
    Set(KeySet),
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::None => "None",
            Self::Secret(_) => "Secret(…)",
            Self::Set(_) => "Set(…)",
        })
    }
}

impl Verifier {
    /// Builds it and reads a key file; a key URL is fetched when the first token comes.
    ///
    /// The first one brings jsonwebtoken's cryptography into the process, unless another is there already.
    ///
    /// # Errors
    /// A sentence for the one who configures: the key file is missing, unreadable or holds no key
    /// of the algorithm.
    pub fn new(settings: &AuthSettings) -> Result<Self, String> {
        crypto::install();
        let (keys, algorithm) = match &settings.keys {
            AuthKeys::None => (Keys::None, Algorithm::HS256),
            AuthKeys::Secret(secret) => (Keys::Secret(DecodingKey::from_secret(secret.bytes())), Algorithm::HS256),
            AuthKeys::Jwks { source, algorithm } => (Keys::Set(KeySet::open(source.clone(), *algorithm)?), *algorithm),
        };
        Ok(Self { keys, validation: validation(settings, algorithm), accepted: Accepted::new(), services: None })
    }

    /// The same, which accepts tokens of services too.
    #[must_use]
    pub(crate) fn with_services(self, keys: ServiceKeys) -> Self {
        Self { services: Some(keys), ..self }
    }

    /// Verifies a token and says who it stands for.
    ///
    /// # Errors
    /// [`TokenError`]: it is not valid, or the keys cannot be had.
    pub async fn verify(&self, token: &str) -> Result<Verified, TokenError> {
        if token.len() > LONGEST_TOKEN {
            return Err(TokenError::Invalid("it is too long".into()));
        }
        let now = DateTime::now();
        if let Some(verified) = self.accepted.find(token, self.key_set(), now) {
            return Ok(verified);
        }
        // The only thing read before the signature: which key, and whether the algorithm is ours.
        let header = jsonwebtoken::decode_header(token).map_err(invalid)?;
        if let (Some(service::KIND), Some(services)) = (header.typ.as_deref(), &self.services) {
            return services.verify(token);
        }
        if !self.validation.algorithms.contains(&header.alg) {
            return Err(TokenError::Invalid("its algorithm is not accepted".into()));
        }
        let (claims, edition) = match &self.keys {
            Keys::None => return Err(TokenError::Invalid("no tokens are accepted here".into())),
            Keys::Secret(key) => (self.decode(token, key)?, None),
            Keys::Set(set) => {
                let (key, edition) = set.key(header.kid.as_deref()).await?;
                (self.decode(token, &key)?, Some(edition))
            }
        };
        let verified = claims.verified(token)?;
        self.accepted.keep(token, &verified, edition, now);
        Ok(verified)
    }

    fn key_set(&self) -> Option<&KeySet> {
        if let Keys::Set(set) = &self.keys { Some(set) } else { None }
    }

    fn decode(&self, token: &str, key: &DecodingKey) -> Result<Claims, TokenError> {
        crypto::decode(token, key, &self.validation).map(|data| data.claims).map_err(invalid)
    }
}

fn validation(settings: &AuthSettings, algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    let mut required = vec!["exp"];
    validation.leeway = LEEWAY;
    validation.validate_nbf = true;
    validation.validate_aud = settings.audience.is_some();
    if let Some(audience) = &settings.audience {
        validation.set_audience(&[audience]);
        required.push("aud");
    }
    if let Some(issuer) = &settings.issuer {
        validation.set_issuer(&[issuer]);
        required.push("iss");
    }
    validation.set_required_spec_claims(&required);
    validation
}

fn invalid(error: jsonwebtoken::errors::Error) -> TokenError {
    use jsonwebtoken::errors::ErrorKind;
    TokenError::Invalid(match error.kind() {
        ErrorKind::ExpiredSignature => "it has expired".into(),
        ErrorKind::ImmatureSignature => "it is not valid yet".into(),
        ErrorKind::InvalidSignature => "its signature does not match".into(),
        ErrorKind::InvalidIssuer => "its issuer is not accepted".into(),
        ErrorKind::InvalidAudience => "it is meant for another audience".into(),
        ErrorKind::MissingRequiredClaim(claim) => format!("its claim `{claim}` is missing"),
        ErrorKind::InvalidAlgorithm => "its algorithm is not accepted".into(),
        ErrorKind::Json(_) => "its claims are not of the expected form".into(),
        _ => "it is malformed".into(),
    })
}
