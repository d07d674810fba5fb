//! Tokens that services show each other: for one tenant, one command and one minute, or for the events of one service.
//!
//! They are signed with a key that is derived from the shared secret and used for nothing else, so that no token of a user can be
//! one, whatever its claims are.

use std::collections::BTreeSet;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use super::{LEEWAY, Secret, TokenError, Verified, crypto, invalid};
use crate::automation::Target;
use crate::caller::Caller;
use crate::event::Tenant;
use crate::value::DateTime;

/// What the header says that such a token is.
pub(super) const KIND: &str = "service+jwt";
/// What the secret is mixed with.
const PURPOSE: &[u8] = b"scaffold service token 1";
/// What stands in the place of a command in a token that lets its bearer read a service's events. No command is called so.
const EVENTS: &str = "$events";
/// How long a token is valid, in seconds.
const VALID: i64 = 60;

/// Signs and verifies the tokens of services. Cheap to clone.
#[derive(Clone)]
pub(crate) struct ServiceKeys {
    sign: EncodingKey,
    verify: DecodingKey,
}

impl std::fmt::Debug for ServiceKeys {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("ServiceKeys(…)")
    }
}

/// A short text that only this text has: 256 bits, in letters that travel anywhere.
pub(crate) fn digest(text: &str) -> String {
    let key = EncodingKey::from_secret(b"scaffold digest 1");
    // A text that could not be digested stays as it is, so that two never become one.
    crypto::sign(text.as_bytes(), &key, Algorithm::HS256).unwrap_or_else(|_| text.to_owned())
}

/// A key for one purpose, made of a secret that serves several.
///
/// # Errors
/// A sentence if the secret cannot be used.
pub(super) fn derived(secret: &Secret, purpose: &[u8]) -> Result<Vec<u8>, String> {
    let root = EncodingKey::from_secret(secret.bytes());
    let derived = crypto::sign(purpose, &root, Algorithm::HS256);
    derived.map(String::into_bytes).map_err(|cause| format!("no key can be made of the secret: {cause}"))
}

#[derive(Serialize, Deserialize)]
struct Claims {
    tenant: String,
    /// `mailer.SendWelcome`
    command: String,
    /// The permission that the command asks for, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    exp: i64,
}

/// When a token runs out that is signed at a moment.
fn expiry(at: DateTime) -> i64 {
    at.millis() / 1000 + VALID
}

impl Caller {
    /// Whether it is another service that may read the events of this one.
    pub(crate) fn reads_events_of(&self, service: &str) -> bool {
        self.only.as_deref().and_then(|only| only.strip_suffix(EVENTS)?.strip_suffix('.')) == Some(service)
    }
}

impl ServiceKeys {
    /// The keys of all who share the secret.
    ///
    /// # Errors
    /// A sentence if the secret cannot be used.
    pub(crate) fn new(secret: &Secret) -> Result<Self, String> {
        let key = derived(secret, PURPOSE)?;
        Ok(Self { sign: EncodingKey::from_secret(&key), verify: DecodingKey::from_secret(&key) })
    }

    /// A token that lets its bearer send this one command for this one tenant.
    ///
    /// # Errors
    /// A sentence if it cannot be signed.
    pub(crate) fn token(&self, tenant: &Tenant, target: &Target) -> Result<String, String> {
        self.signed(tenant, target, DateTime::now())
    }

    /// The same, as it was signed at a moment.
    pub(super) fn signed(&self, tenant: &Tenant, target: &Target, at: DateTime) -> Result<String, String> {
        self.sign(Claims {
            tenant: tenant.as_str().to_owned(),
            command: format!("{}.{}", target.service, target.command),
            scope: target.permission.map(str::to_owned),
            exp: expiry(at),
        })
    }

    /// A token that lets its bearer read the events of this one service, those of all tenants, and do nothing else.
    ///
    /// # Errors
    /// A sentence if it cannot be signed.
    pub(crate) fn events_token(&self, service: &str) -> Result<String, String> {
        self.events_token_until(service, expiry(DateTime::now()))
    }

    /// The same until an instant, in seconds since 1970.
    pub(crate) fn events_token_until(&self, service: &str, exp: i64) -> Result<String, String> {
        let command = format!("{service}.{EVENTS}");
        self.sign(Claims { tenant: String::new(), command, scope: None, exp })
    }

    fn sign(&self, claims: Claims) -> Result<String, String> {
        let header = Header { typ: Some(KIND.to_owned()), ..Header::new(Algorithm::HS256) };
        let signed = crypto::encode(&header, &claims, &self.sign);
        signed.map_err(|cause| format!("a token cannot be signed: {cause}"))
    }

    /// Verifies a token of a service.
    ///
    /// # Errors
    /// [`TokenError::Invalid`]
    pub(super) fn verify(&self, token: &str) -> Result<Verified, TokenError> {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = LEEWAY;
        validation.validate_aud = false;
        let claims = crypto::decode::<Claims>(token, &self.verify, &validation).map_err(invalid)?.claims;
        // Signed by a clock that is ahead, it would be good for as much longer than a minute.
        if claims.exp.saturating_sub(DateTime::now().millis() / 1000) > VALID + LEEWAY.cast_signed() {
            return Err(TokenError::Invalid("it is valid for too long: the clocks of the services differ".into()));
        }
        let caller = Caller {
            permissions: claims.scope.into_iter().collect::<BTreeSet<String>>(),
            token: Some(token.to_owned()),
            only: Some(claims.command),
            ..Caller::anonymous(Tenant::new(claims.tenant))
        };
        Ok(Verified { caller, expires: DateTime::from_millis(claims.exp.saturating_mul(1000)) })
    }
}
