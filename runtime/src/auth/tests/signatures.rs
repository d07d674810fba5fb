//! Signatures made elsewhere: the examples of the RFCs, and what OpenSSL has signed, one of each algorithm.

use jsonwebtoken::crypto::verify;
use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use jsonwebtoken::{AlgorithmFamily, DecodingKey};

use super::super::crypto::bits;
use super::*;

const ALL: [Algorithm; 12] = [
    Algorithm::HS256,
    Algorithm::HS384,
    Algorithm::HS512,
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// A token that somebody else has signed, and the key to see that.
struct Signed {
    algorithm: Algorithm,
    jwk: Value,
    message: String,
    signature: String,
}

impl Signed {
    fn of(read: &Value) -> Self {
        let (message, signature) = read["token"].as_str().unwrap().rsplit_once('.').unwrap();
        let [message, signature] = [message, signature].map(str::to_owned);
        let algorithm = serde_json::from_value(read["alg"].clone()).unwrap();
        Self { algorithm, jwk: read["jwk"].clone(), message, signature }
    }

    fn key(&self) -> DecodingKey {
        DecodingKey::from_jwk(&serde_json::from_value(self.jwk.clone()).unwrap()).unwrap()
    }

    fn holds(&self, message: &str, algorithm: Algorithm) -> bool {
        crypto::install();
        verify(&self.signature, message.as_bytes(), &self.key(), algorithm).unwrap_or(false)
    }
}

fn read() -> Value {
    serde_json::from_str(include_str!("signatures.json")).unwrap()
}

fn signed() -> Vec<Signed> {
    read()["signed"].as_array().unwrap().iter().map(Signed::of).collect()
}

fn private(algorithm: Algorithm) -> EncodingKey {
    match (algorithm.family(), algorithm) {
        (AlgorithmFamily::Hmac, _) => EncodingKey::from_secret(SECRET.as_bytes()),
        (AlgorithmFamily::Rsa, _) => EncodingKey::from_rsa_der(include_bytes!("rsa1.der")),
        (AlgorithmFamily::Ed, _) => EncodingKey::from_ed_der(include_bytes!("ed.der")),
        (AlgorithmFamily::Ec, Algorithm::ES256) => EncodingKey::from_ec_der(include_bytes!("ec.der")),
        (AlgorithmFamily::Ec, _) => EncodingKey::from_ec_der(include_bytes!("p384.der")),
    }
}

#[test]
fn what_others_have_signed_holds_by_its_algorithm_only() {
    let signed = signed();
    for algorithm in ALL {
        assert!(signed.iter().any(|one| one.algorithm == algorithm), "{algorithm:?}");
    }
    for one in signed {
        for algorithm in ALL {
            assert_eq!(one.holds(&one.message, algorithm), algorithm == one.algorithm, "{algorithm:?}: {}", one.jwk);
        }
        assert!(!one.holds(&format!("{}x", one.message), one.algorithm));
    }
}

#[test]
fn a_changed_signature_does_not_hold() {
    for mut one in signed() {
        let good = one.signature.clone();
        for at in [0, good.len() / 2, good.len() - 2] {
            let letter = if good.as_bytes()[at] == b'A' { "B" } else { "A" };
            one.signature.replace_range(at..=at, letter);
            assert!(!one.holds(&one.message, one.algorithm), "{:?} at {at}", one.algorithm);
            one.signature.clone_from(&good);
        }
        for short in ["", &good[..good.len() - 4], &format!("{good}AAAA")] {
            one.signature = short.to_owned();
            assert!(!one.holds(&one.message, one.algorithm), "{:?}: {short}", one.algorithm);
        }
    }
}

#[test]
fn what_is_signed_here_holds_with_the_key_that_is_told() {
    crypto::install();
    for algorithm in ALL {
        let key = private(algorithm);
        let signature = crypto::sign(b"a text", &key, algorithm).unwrap();
        let told = Jwk::from_encoding_key(&key, algorithm).unwrap();
        let key = DecodingKey::from_jwk(&told).unwrap();
        assert!(verify(&signature, b"a text", &key, algorithm).unwrap(), "{algorithm:?}");
        assert!(!verify(&signature, b"a test", &key, algorithm).unwrap(), "{algorithm:?}");
    }
}

#[test]
fn keys_of_another_kind_sign_and_verify_nothing() {
    crypto::install();
    for (algorithm, other) in ALL.iter().flat_map(|one| ALL.map(|other| (*one, other))) {
        if algorithm.family() != other.family() {
            assert!(crypto::sign(b"a text", &private(other), algorithm).is_err(), "{algorithm:?} with {other:?}");
        }
    }
    for broken in [EncodingKey::from_rsa_der(b"x"), EncodingKey::from_ec_der(b"x"), EncodingKey::from_ed_der(b"x")] {
        for algorithm in broken.family().algorithms() {
            assert!(crypto::sign(b"a text", &broken, *algorithm).is_err(), "{algorithm:?}");
            assert!(Jwk::from_encoding_key(&broken, *algorithm).is_err(), "{algorithm:?}");
        }
    }
    assert!(crypto::sign(b"a text", &private(Algorithm::ES256), Algorithm::ES384).is_err());
}

#[test]
fn broken_public_keys_let_nobody_in() {
    crypto::install();
    for one in signed() {
        for name in ["n", "e", "x", "y"] {
            for broken in ["", "AQ", "_____w"] {
                let mut jwk = one.jwk.clone();
                if jwk.get(name).is_some() {
                    jwk[name] = json!(broken);
                    let broken =
                        Signed { jwk, ..Signed::of(&json!({ "token": "a.b", "alg": one.algorithm, "jwk": 0 })) };
                    let held = verify(&one.signature, one.message.as_bytes(), &broken.key(), one.algorithm);
                    assert!(!held.unwrap_or(false), "{:?} with a broken {name}", one.algorithm);
                }
            }
        }
    }
}

#[test]
fn a_public_rsa_key_is_taken_in_der_and_with_a_zero_in_front() {
    crypto::install();
    let key = private(Algorithm::RS256);
    let signature = crypto::sign(b"a text", &key, Algorithm::RS256).unwrap();
    let der = include_bytes!("rsa1.public.der");
    assert!(verify(&signature, b"a text", &DecodingKey::from_rsa_der(der), Algorithm::RS256).unwrap());
    // A sequence of two numbers: the first begins with a zero, so that it is not negative.
    let modulus = &der[8..8 + 257];
    assert_eq!((modulus[0], bits(modulus)), (0, 2048));
    let key = DecodingKey::from_rsa_raw_components(modulus, &[0, 1, 0, 1]);
    assert!(verify(&signature, b"a text", &key, Algorithm::RS256).unwrap());
}

#[test]
fn a_key_is_known_by_its_print() {
    crypto::install();
    // RFC 7638 3.1 and RFC 8037 A.3 say how they are made; RFC 8037 gives this one.
    let ed = signed().into_iter().find(|one| one.algorithm == Algorithm::EdDSA).unwrap();
    let jwk: Jwk = serde_json::from_value(ed.jwk).unwrap();
    assert_eq!(jwk.thumbprint(ThumbprintHash::SHA256).unwrap(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    for (hash, letters) in [(ThumbprintHash::SHA384, 64), (ThumbprintHash::SHA512, 86)] {
        assert_eq!(jwk.thumbprint(hash).unwrap().len(), letters);
    }
}

#[tokio::test]
async fn an_rsa_key_that_is_too_short_is_not_taken() {
    let short = Signed::of(&read()["short"]);
    assert!(!short.holds(&short.message, short.algorithm), "ring refuses it by itself");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys.json");
    std::fs::write(&file, json!({ "keys": [short.jwk] }).to_string()).unwrap();
    let source = super::super::JwksSource::File(file);
    let opened = Verifier::new(&settings(AuthKeys::Jwks { source, algorithm: Algorithm::RS256 }));
    assert!(opened.unwrap_err().contains("2048 bits"));
}
