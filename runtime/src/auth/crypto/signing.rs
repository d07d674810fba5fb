//! Signatures. The runtime itself signs with shared secrets only.

use jsonwebtoken::crypto::JwtSigner;
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::signature::{Error as Refusal, Signer};
use jsonwebtoken::{Algorithm, EncodingKey};
use ring::error::Unspecified;
use ring::hmac;
use ring::rand::SystemRandom;
use ring::signature::{self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, RsaEncoding, RsaKeyPair};

/// A key, and what is done with it.
enum Pen {
    Secret(hmac::Key),
    Rsa(&'static dyn RsaEncoding, Box<RsaKeyPair>),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

struct Held {
    algorithm: Algorithm,
    pen: Pen,
}

/// What signs by an algorithm with a key.
///
/// # Errors
/// The key is one of other algorithms or broken, or the algorithm is not known here.
pub(super) fn new(algorithm: &Algorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>, Error> {
    if key.family() != algorithm.family() {
        return Err(ErrorKind::InvalidKeyFormat.into());
    }
    let pen = pen(*algorithm, key.as_bytes())?;
    Ok(Box::new(Held { algorithm: *algorithm, pen }))
}

/// The curve of an algorithm, and its hash.
pub(super) fn curve(algorithm: Algorithm) -> Option<&'static EcdsaSigningAlgorithm> {
    match algorithm {
        Algorithm::ES256 => Some(&signature::ECDSA_P256_SHA256_FIXED_SIGNING),
        Algorithm::ES384 => Some(&signature::ECDSA_P384_SHA384_FIXED_SIGNING),
        _ => None,
    }
}

fn pen(algorithm: Algorithm, key: &[u8]) -> Result<Pen, ErrorKind> {
    let secret = |how| Ok(Pen::Secret(hmac::Key::new(how, key)));
    let rsa = |how| match RsaKeyPair::from_der(key) {
        Ok(pair) => Ok(Pen::Rsa(how, Box::new(pair))),
        Err(cause) => Err(ErrorKind::InvalidRsaKey(cause.to_string())),
    };
    match algorithm {
        Algorithm::HS256 => secret(hmac::HMAC_SHA256),
        Algorithm::HS384 => secret(hmac::HMAC_SHA384),
        Algorithm::HS512 => secret(hmac::HMAC_SHA512),
        Algorithm::RS256 => rsa(&signature::RSA_PKCS1_SHA256),
        Algorithm::RS384 => rsa(&signature::RSA_PKCS1_SHA384),
        Algorithm::RS512 => rsa(&signature::RSA_PKCS1_SHA512),
        Algorithm::PS256 => rsa(&signature::RSA_PSS_SHA256),
        Algorithm::PS384 => rsa(&signature::RSA_PSS_SHA384),
        Algorithm::PS512 => rsa(&signature::RSA_PSS_SHA512),
        Algorithm::ES256 | Algorithm::ES384 => {
            let how = curve(algorithm).ok_or(ErrorKind::UnsupportedAlgorithm)?;
            let pair = EcdsaKeyPair::from_pkcs8(how, key, &SystemRandom::new());
            pair.map(Pen::Ec).map_err(|_| ErrorKind::InvalidEcdsaKey)
        }
        // A file of a key alone, which is what openssl writes, is as good as one with the public half beside it.
        Algorithm::EdDSA => {
            let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(key);
            pair.map(Pen::Ed).map_err(|_| ErrorKind::InvalidEddsaKey)
        }
        _ => Err(ErrorKind::UnsupportedAlgorithm),
    }
}

impl JwtSigner for Held {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

impl Signer<Vec<u8>> for Held {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, Refusal> {
        self.pen.sign(message).map_err(|_| Refusal::new())
    }
}

impl Pen {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Unspecified> {
        let random = SystemRandom::new();
        match self {
            Self::Secret(key) => Ok(hmac::sign(key, message).as_ref().to_vec()),
            Self::Rsa(how, pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(*how, &random, message, &mut signature)?;
                Ok(signature)
            }
            Self::Ec(pair) => Ok(pair.sign(&random, message)?.as_ref().to_vec()),
            Self::Ed(pair) => Ok(pair.sign(message).as_ref().to_vec()),
        }
    }
}
