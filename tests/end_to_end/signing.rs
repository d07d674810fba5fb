//! Signs tokens by itself, so that what verifies them is held against something else.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;

/// Claims signed by HS256, under a secret.
pub fn hs256(claims: &Value, secret: &str) -> String {
    let message = message("HS256", claims);
    let mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).expect("a key of any length");
    with_signature(&message, &mac.chain_update(&message).finalize().into_bytes())
}

/// The same by HS512.
#[allow(dead_code, reason = "not every test that includes this file asks for it")]
pub fn hs512(claims: &Value, secret: &str) -> String {
    let message = message("HS512", claims);
    let mac = Hmac::<sha2::Sha512>::new_from_slice(secret.as_bytes()).expect("a key of any length");
    with_signature(&message, &mac.chain_update(&message).finalize().into_bytes())
}

fn message(algorithm: &str, claims: &Value) -> String {
    let header = serde_json::json!({ "typ": "JWT", "alg": algorithm });
    [header.to_string(), claims.to_string()].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".")
}

fn with_signature(message: &str, signature: &[u8]) -> String {
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}
