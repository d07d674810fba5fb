//! What is accepted as a token, and what is not. The keys here sign nothing but these tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod calls;
mod key_sets;
mod services;
mod signatures;
mod tokens;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::{AuthKeys, AuthSettings, Secret, TokenError, Verified, Verifier, crypto};
use crate::value::DateTime;

const SECRET: &str = "a secret that has thirty-two bytes";

fn in_seconds(seconds: i64) -> i64 {
    DateTime::now().millis() / 1000 + seconds
}

/// Claims that are accepted, changed by what a test is about.
fn claims(change: Value) -> Value {
    let mut claims = json!({ "sub": "u1", "tenant": "acme", "exp": in_seconds(300) });
    for (name, value) in change.as_object().unwrap() {
        match value {
            Value::Null => claims.as_object_mut().unwrap().remove(name),
            value => claims.as_object_mut().unwrap().insert(name.clone(), value.clone()),
        };
    }
    claims
}

fn sign(algorithm: Algorithm, key: &EncodingKey, id: Option<&str>, claims: &Value) -> String {
    let header = Header { kid: id.map(str::to_owned), ..Header::new(algorithm) };
    crypto::encode(&header, claims, key).unwrap()
}

fn with_secret(claims: &Value) -> String {
    sign(Algorithm::HS256, &EncodingKey::from_secret(SECRET.as_bytes()), None, claims)
}

fn settings(keys: AuthKeys) -> AuthSettings {
    AuthSettings { keys, issuer: None, audience: None }
}

fn secret_verifier() -> Verifier {
    Verifier::new(&settings(AuthKeys::Secret(Secret::new(SECRET).unwrap()))).unwrap()
}

fn refused(outcome: Result<Verified, TokenError>) -> String {
    match outcome {
        Err(TokenError::Invalid(reason)) => reason,
        other => panic!("expected a refusal, got {other:?}"),
    }
}
