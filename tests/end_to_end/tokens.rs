//! Tokens, good and bad.

use super::app::SECRET;
use super::signing;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
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
    signing::hs256(claims, secret)
}

/// Every way to lie about who one is, by name.
pub fn bad_tokens() -> Vec<(&'static str, String)> {
    let claims =
        |exp: i64| json!({ "sub": "admin", "tenant": "t1", "scopes": ["STUDENT", "TEACHER", "ADMIN"], "exp": exp });
    let good = signed(SECRET, &claims(now() + 3_600));
    let parts: Vec<&str> = good.split('.').collect();
    let none = format!("{}.{}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#), parts[1]);
    let hs512 = signing::hs512(&claims(now() + 3_600), SECRET);
    let other = signed("another-secret-that-is-long-enough-too", &claims(now() + 3_600));
    let swapped = format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode(claims(now() + 9_999).to_string()), parts[2]);
    vec![
        ("forged", other),
        ("payload swapped", swapped),
        ("expired", signed(SECRET, &claims(now() - 3_600))),
        ("alg none", none),
        ("another algorithm", hs512),
        ("without tenant", signed(SECRET, &json!({ "sub": "admin", "scopes": ["ADMIN"], "exp": now() + 3_600 }))),
        ("without exp", signed(SECRET, &json!({ "sub": "admin", "tenant": "t1", "scopes": ["ADMIN"] }))),
        ("no token at all", "nonsense".to_owned()),
    ]
}
