//! Tokens with a shared secret.

use super::*;

#[tokio::test]
async fn a_good_token_says_who_calls() {
    let data = json!({ "region": "north" });
    for scopes in [json!({ "scopes": ["A", "B"] }), json!({ "scopes": "A B" }), json!({ "scope": "A  B" })] {
        let mut change = scopes;
        change["data"] = data.clone();
        let token = with_secret(&claims(change));
        let verified = secret_verifier().verify(&token).await.unwrap();
        let caller = &verified.caller;
        assert_eq!(caller.user_id.as_deref(), Some("u1"));
        assert_eq!(caller.tenant.as_str(), "acme");
        assert_eq!(caller.permissions.iter().map(String::as_str).collect::<Vec<_>>(), ["A", "B"]);
        assert_eq!(caller.data, data);
        assert_eq!(caller.token.as_deref(), Some(token.as_str()));
        assert!(!caller.system);
        assert!(verified.expires > DateTime::now());
        assert!(!format!("{verified:?}").contains(&token));
    }
}

#[tokio::test]
async fn claims_of_the_wrong_form_are_refused() {
    for (change, reason) in [
        (json!({ "exp": null }), "exp"),
        (json!({ "exp": in_seconds(-60) }), "expired"),
        (json!({ "exp": "tomorrow" }), ""),
        (json!({ "nbf": in_seconds(60) }), "not valid yet"),
        (json!({ "tenant": null }), "tenant"),
        (json!({ "tenant": "" }), "tenant"),
        (json!({ "tenant": "  " }), "tenant"),
        (json!({ "tenant": 7 }), "tenant"),
        (json!({ "tenant": ["acme"] }), "tenant"),
        (json!({ "sub": 7 }), ""),
        (json!({ "sub": "" }), "sub"),
        (json!({ "scopes": 7 }), ""),
        (json!({ "scopes": [7] }), ""),
        (json!({ "data": "text" }), "data"),
    ] {
        let found = refused(secret_verifier().verify(&with_secret(&claims(change.clone()))).await);
        assert!(found.contains(reason), "{change}: {found}");
    }
}

#[tokio::test]
async fn signatures_by_others_are_refused() {
    let other = EncodingKey::from_secret(b"another secret that is long enough");
    let token = sign(Algorithm::HS256, &other, None, &claims(json!({})));
    assert!(refused(secret_verifier().verify(&token).await).contains("signature"));
    // The right secret, but not the pinned algorithm.
    let ours = EncodingKey::from_secret(SECRET.as_bytes());
    for algorithm in [Algorithm::HS384, Algorithm::HS512] {
        let token = sign(algorithm, &ours, None, &claims(json!({})));
        assert!(refused(secret_verifier().verify(&token).await).contains("algorithm"));
    }
}

#[tokio::test]
async fn tokens_that_are_none_are_refused() {
    // {"alg":"none","typ":"JWT"} with good claims and no signature.
    let good = with_secret(&claims(json!({})));
    let payload = good.split('.').nth(1).unwrap();
    let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{payload}.");
    let header = good.split('.').next().unwrap();
    let stripped = format!("{header}.{payload}.");
    let long = "a".repeat(9000);
    for token in ["", "a", "a.b.c", "...", &unsigned, &stripped, &long] {
        refused(secret_verifier().verify(token).await);
    }
}

#[tokio::test]
async fn issuer_and_audience_count_when_they_are_set() {
    let keys = AuthKeys::Secret(Secret::new(SECRET).unwrap());
    let strict = AuthSettings { keys, issuer: Some("idp".into()), audience: Some("api".into()) };
    let verifier = Verifier::new(&strict).unwrap();
    let good = json!({ "iss": "idp", "aud": ["api", "other"] });
    assert!(verifier.verify(&with_secret(&claims(good))).await.is_ok());
    for change in [json!({}), json!({ "iss": "idp" }), json!({ "aud": "api" }), json!({ "iss": "x", "aud": "api" })] {
        refused(verifier.verify(&with_secret(&claims(change))).await);
    }
    // An audience that nobody asked for is no reason to refuse.
    assert!(secret_verifier().verify(&with_secret(&claims(json!({ "aud": "x" })))).await.is_ok());
}

#[tokio::test]
async fn without_keys_no_token_is_accepted() {
    let verifier = Verifier::new(&settings(AuthKeys::None)).unwrap();
    refused(verifier.verify(&with_secret(&claims(json!({})))).await);
    let empty = sign(Algorithm::HS256, &EncodingKey::from_secret(b""), None, &claims(json!({})));
    refused(verifier.verify(&empty).await);
}

#[test]
fn secrets_must_be_long_and_are_never_shown() {
    assert!(Secret::new("x".repeat(31)).is_err());
    let secret = Secret::new(SECRET).unwrap();
    assert!(!format!("{:?}", settings(AuthKeys::Secret(secret))).contains(SECRET));
}

#[tokio::test]
async fn what_was_accepted_once_helps_no_other_token() {
    let verifier = secret_verifier();
    let good = with_secret(&claims(json!({ "scope": "A" })));
    for _ in 0..2 {
        let verified = verifier.verify(&good).await.unwrap();
        assert_eq!((verified.caller.token.as_deref(), verified.caller.permissions.len()), (Some(good.as_str()), 1));
    }
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let more = with_secret(&claims(json!({ "scope": "A B" })));
    let (more, _) = more.rsplit_once('.').unwrap();
    for forged in [format!("{more}.{signature}"), format!("{signed}."), format!("{signed}.{}", &signature[1..])] {
        refused(verifier.verify(&forged).await);
    }
    let other = Verifier::new(&settings(AuthKeys::Secret(Secret::new("another secret that is long enough").unwrap())));
    refused(other.unwrap().verify(&good).await);
}
