//! Tokens signed by an identity provider, whose keys are in a file.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jsonwebtoken::jwk::Jwk;

use super::super::{JwksSource, Keys};
use super::*;

const RSA: [&[u8]; 2] = [include_bytes!("rsa1.der"), include_bytes!("rsa2.der")];
const EC: &[u8] = include_bytes!("ec.der");
const ED: &[u8] = include_bytes!("ed.der");

fn key(algorithm: Algorithm) -> EncodingKey {
    match algorithm {
        Algorithm::RS256 => EncodingKey::from_rsa_der(RSA[0]),
        Algorithm::ES256 => EncodingKey::from_ec_der(EC),
        Algorithm::EdDSA => EncodingKey::from_ed_der(ED),
        other => panic!("no key for {other:?}"),
    }
}

fn public(key: &EncodingKey, algorithm: Algorithm, id: &str) -> Value {
    crypto::install();
    let mut jwk = Jwk::from_encoding_key(key, algorithm).unwrap();
    jwk.common.key_id = Some(id.to_owned());
    serde_json::to_value(jwk).unwrap()
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new(keys: &[Value]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.write(keys);
        folder
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("keys.json")
    }

    fn write(&self, keys: &[Value]) {
        std::fs::write(self.file(), json!({ "keys": keys }).to_string()).unwrap();
    }
}

fn open(file: &Path, algorithm: Algorithm) -> Result<Verifier, String> {
    Verifier::new(&settings(AuthKeys::Jwks { source: JwksSource::File(file.to_owned()), algorithm }))
}

/// A verifier that may read its file again at once.
fn eager(file: &Path, algorithm: Algorithm) -> Verifier {
    let mut verifier = open(file, algorithm).unwrap();
    if let Keys::Set(set) = &mut verifier.keys {
        set.refresh_at_most_every(Duration::ZERO);
    }
    verifier
}

#[tokio::test]
async fn each_algorithm_verifies_with_its_own_key_only() {
    let all = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];
    let keys: Vec<Value> = all.iter().map(|a| public(&key(*a), *a, &format!("{a:?}"))).collect();
    let folder = Folder::new(&keys);
    for pinned in all {
        let verifier = open(&folder.file(), pinned).unwrap();
        for signed in all {
            let token = sign(signed, &key(signed), Some(&format!("{signed:?}")), &claims(json!({})));
            let outcome = verifier.verify(&token).await;
            assert_eq!(outcome.is_ok(), signed == pinned, "{signed:?} against {pinned:?}");
        }
    }
}

#[tokio::test]
async fn a_public_key_is_no_shared_secret() {
    let rsa = key(Algorithm::RS256);
    let jwk = public(&rsa, Algorithm::RS256, "k");
    let folder = Folder::new(std::slice::from_ref(&jwk));
    let verifier = open(&folder.file(), Algorithm::RS256).unwrap();
    // What an attacker knows: the public key, in whatever spelling, used as an HMAC secret.
    for known in
        [jwk["n"].as_str().unwrap().to_owned(), jwk.to_string(), std::fs::read_to_string(folder.file()).unwrap()]
    {
        let forged = sign(Algorithm::HS256, &EncodingKey::from_secret(known.as_bytes()), Some("k"), &claims(json!({})));
        assert!(refused(verifier.verify(&forged).await).contains("algorithm"));
    }
    // And the other way round: an asymmetric signature where a secret is expected.
    let token = sign(Algorithm::RS256, &rsa, None, &claims(json!({})));
    assert!(refused(secret_verifier().verify(&token).await).contains("algorithm"));
}

#[tokio::test]
async fn a_rotated_key_is_found_and_a_withdrawn_one_lost() {
    let [old, new] = RSA.map(EncodingKey::from_rsa_der);
    let token = |key: &EncodingKey, id: &str| sign(Algorithm::RS256, key, Some(id), &claims(json!({})));
    let folder = Folder::new(&[public(&old, Algorithm::RS256, "old")]);
    let verifier = eager(&folder.file(), Algorithm::RS256);
    assert!(verifier.verify(&token(&old, "old")).await.is_ok());
    refused(verifier.verify(&token(&new, "new")).await);
    folder.write(&[public(&new, Algorithm::RS256, "new")]);
    assert!(verifier.verify(&token(&new, "new")).await.is_ok());
    refused(verifier.verify(&token(&old, "old")).await);
    // A key id of one key does not help the signature of another.
    refused(verifier.verify(&token(&old, "new")).await);
}

#[tokio::test]
async fn a_token_that_was_accepted_goes_with_its_key() {
    let [old, new] = RSA.map(EncodingKey::from_rsa_der);
    let token = |key: &EncodingKey, id: &str| sign(Algorithm::RS256, key, Some(id), &claims(json!({})));
    let folder = Folder::new(&[public(&old, Algorithm::RS256, "old")]);
    let verifier = eager(&folder.file(), Algorithm::RS256);
    let accepted = token(&old, "old");
    for _ in 0..2 {
        assert!(verifier.verify(&accepted).await.is_ok());
    }
    folder.write(&[public(&new, Algorithm::RS256, "new")]);
    // Somebody comes with the new key: the file is read again.
    assert!(verifier.verify(&token(&new, "new")).await.is_ok());
    refused(verifier.verify(&accepted).await);
    refused(verifier.verify(&accepted).await);
}

#[tokio::test]
async fn the_file_is_not_read_for_every_unknown_key() {
    let [old, new] = RSA.map(EncodingKey::from_rsa_der);
    let folder = Folder::new(&[public(&old, Algorithm::RS256, "old")]);
    let verifier = open(&folder.file(), Algorithm::RS256).unwrap();
    folder.write(&[public(&new, Algorithm::RS256, "new")]);
    let token = sign(Algorithm::RS256, &new, Some("new"), &claims(json!({})));
    assert!(refused(verifier.verify(&token).await).contains("key"), "read again within a minute");
}

#[tokio::test]
async fn a_broken_file_keeps_the_last_keys() {
    let old = EncodingKey::from_rsa_der(RSA[0]);
    let folder = Folder::new(&[public(&old, Algorithm::RS256, "old")]);
    let verifier = eager(&folder.file(), Algorithm::RS256);
    std::fs::write(folder.file(), "{").unwrap();
    refused(verifier.verify(&sign(Algorithm::RS256, &old, Some("other"), &claims(json!({})))).await);
    assert!(verifier.verify(&sign(Algorithm::RS256, &old, Some("old"), &claims(json!({})))).await.is_ok());
}

#[tokio::test]
async fn without_a_key_id_the_only_key_is_meant() {
    let [one, two] = RSA.map(EncodingKey::from_rsa_der);
    let token = sign(Algorithm::RS256, &one, None, &claims(json!({})));
    let folder = Folder::new(&[public(&one, Algorithm::RS256, "one")]);
    assert!(open(&folder.file(), Algorithm::RS256).unwrap().verify(&token).await.is_ok());
    folder.write(&[public(&one, Algorithm::RS256, "one"), public(&two, Algorithm::RS256, "two")]);
    refused(open(&folder.file(), Algorithm::RS256).unwrap().verify(&token).await);
}

#[test]
fn files_without_a_usable_key_are_refused_at_start() {
    let folder = Folder::new(&[public(&key(Algorithm::ES256), Algorithm::ES256, "e")]);
    assert!(open(&folder.file(), Algorithm::RS256).unwrap_err().contains("RS256"));
    let symmetric = json!({ "kty": "oct", "k": "c2VjcmV0", "kid": "s" });
    folder.write(&[symmetric]);
    assert!(open(&folder.file(), Algorithm::RS256).is_err());
    let mut encrypts = public(&key(Algorithm::RS256), Algorithm::RS256, "r");
    encrypts["use"] = json!("enc");
    folder.write(&[encrypts]);
    assert!(open(&folder.file(), Algorithm::RS256).is_err());
    assert!(open(&folder.0.path().join("absent.json"), Algorithm::RS256).unwrap_err().contains("absent.json"));
    std::fs::write(folder.file(), "x".repeat(600 * 1024)).unwrap();
    assert!(open(&folder.file(), Algorithm::RS256).unwrap_err().contains("larger"));
}

#[cfg(feature = "jwks-url")]
#[tokio::test]
async fn keys_are_fetched_from_an_address_when_first_needed() {
    let key = EncodingKey::from_rsa_der(RSA[0]);
    let set = json!({ "keys": [public(&key, Algorithm::RS256, "k")] }).to_string();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answer = axum::routing::get(move || std::future::ready(set.clone()));
    let router = axum::Router::new().route("/keys", answer);
    tokio::spawn(async move { axum::serve(listener, router).await });
    let token = sign(Algorithm::RS256, &key, Some("k"), &claims(json!({})));
    let verifier = |path: &str| {
        let source = JwksSource::parse(&format!("http://{address}/{path}")).unwrap();
        Verifier::new(&settings(AuthKeys::Jwks { source, algorithm: Algorithm::RS256 })).unwrap()
    };
    assert!(verifier("keys").verify(&token).await.is_ok());
    // While the keys cannot be had nobody is let in, and nobody is called a liar either.
    assert_eq!(verifier("absent").verify(&token).await.err(), Some(TokenError::Unavailable));
}
