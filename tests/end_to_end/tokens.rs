//! Tokens, good and bad.

use super::app::SECRET;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds since 1970.
pub fn now() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is past 1970");
    i64::try_from(elapsed.as_secs()).expect("the clock fits")
}

/// A good token.
pub fn token(tenant: &str, user: &str, scopes: &[&str]) -> String {
    signed(SECRET, &json!({ "sub": user, "tenant": tenant, "scopes": scopes, "exp": now() + 3_600 }))
}

/// A good token that carries data.
pub fn token_with(user: &str, scopes: &[&str], data: &Value) -> String {
    signed(SECRET, &json!({ "sub": user, "tenant": "t1", "scopes": scopes, "data": data, "exp": now() + 3_600 }))
}

/// Someone who may do everything in tenant `t1`.
pub fn admin() -> String {
    token("t1", "admin", &["STUDENT", "TEACHER", "ADMIN"])
}

/// These claims under this secret.
pub fn signed(secret: &str, claims: &Value) -> String {
    let key = EncodingKey::from_secret(secret.as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key).expect("claims can be signed")
}

/// Every way to lie about who one is, by name.
pub fn bad_tokens() -> Vec<(&'static str, String)> {
    let claims =
        |exp: i64| json!({ "sub": "admin", "tenant": "t1", "scopes": ["STUDENT", "TEACHER", "ADMIN"], "exp": exp });
    let good = signed(SECRET, &claims(now() + 3_600));
    let parts: Vec<&str> = good.split('.').collect();
    let none = format!("{}.{}.", base64_url(br#"{"alg":"none","typ":"JWT"}"#), parts[1]);
    let hs512 = jsonwebtoken::encode(
        &Header::new(Algorithm::HS512),
        &claims(now() + 3_600),
        &EncodingKey::from_secret(SECRET.as_bytes()),
    );
    let other = signed("another-secret-that-is-long-enough-too", &claims(now() + 3_600));
    let swapped = format!("{}.{}.{}", parts[0], base64_url(claims(now() + 9_999).to_string().as_bytes()), parts[2]);
    vec![
        ("forged", other),
        ("payload swapped", swapped),
        ("expired", signed(SECRET, &claims(now() - 3_600))),
        ("alg none", none),
        ("another algorithm", hs512.expect("claims can be signed")),
        ("without tenant", signed(SECRET, &json!({ "sub": "admin", "scopes": ["ADMIN"], "exp": now() + 3_600 }))),
        ("without exp", signed(SECRET, &json!({ "sub": "admin", "tenant": "t1", "scopes": ["ADMIN"] }))),
        ("no token at all", "nonsense".to_owned()),
    ]
}

/// Base64 for URLs, without padding.
fn base64_url(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            text.push(char::from(LETTERS[(bits >> (18 - 6 * place) & 63) as usize]));
        }
    }
    text
}
