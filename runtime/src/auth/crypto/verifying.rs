//! Whether a signature holds.

use jsonwebtoken::crypto::JwtVerifier;
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::signature::{Error as Refusal, Verifier};
use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind};
use ring::signature::{self, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm};
use ring::{error::Unspecified, hmac};

use super::without_zeros;

/// How signatures of an algorithm are looked at.
#[derive(Clone, Copy)]
enum How {
    Secret(hmac::Algorithm),
    Rsa(&'static RsaParameters),
    Curve(&'static dyn VerificationAlgorithm),
}

struct Held {
    algorithm: Algorithm,
    how: How,
    key: DecodingKey,
}

/// What verifies signatures of an algorithm with a key.
///
/// # Errors
/// The key is one of other algorithms, or the algorithm is not known here.
pub(super) fn new(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>, Error> {
    if key.family() != algorithm.family() {
        return Err(ErrorKind::InvalidKeyFormat.into());
    }
    let how = how(*algorithm).ok_or(ErrorKind::UnsupportedAlgorithm)?;
    Ok(Box::new(Held { algorithm: *algorithm, how, key: key.clone() }))
}

fn how(algorithm: Algorithm) -> Option<How> {
    Some(match algorithm {
        Algorithm::HS256 => How::Secret(hmac::HMAC_SHA256),
        Algorithm::HS384 => How::Secret(hmac::HMAC_SHA384),
        Algorithm::HS512 => How::Secret(hmac::HMAC_SHA512),
        Algorithm::RS256 => How::Rsa(&signature::RSA_PKCS1_2048_8192_SHA256),
        Algorithm::RS384 => How::Rsa(&signature::RSA_PKCS1_2048_8192_SHA384),
        Algorithm::RS512 => How::Rsa(&signature::RSA_PKCS1_2048_8192_SHA512),
        Algorithm::PS256 => How::Rsa(&signature::RSA_PSS_2048_8192_SHA256),
        Algorithm::PS384 => How::Rsa(&signature::RSA_PSS_2048_8192_SHA384),
        Algorithm::PS512 => How::Rsa(&signature::RSA_PSS_2048_8192_SHA512),
        Algorithm::ES256 => How::Curve(&signature::ECDSA_P256_SHA256_FIXED),
        Algorithm::ES384 => How::Curve(&signature::ECDSA_P384_SHA384_FIXED),
        Algorithm::EdDSA => How::Curve(&signature::ED25519),
        _ => return None,
    })
}

impl JwtVerifier for Held {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

impl Verifier<Vec<u8>> for Held {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), Refusal> {
        use DecodingKeyKind::{RsaModulusExponent, SecretOrDer};
        match (self.how, self.key.kind()) {
            (How::Secret(how), SecretOrDer(key)) => hmac::verify(&hmac::Key::new(how, key), message, signature),
            (How::Rsa(how), SecretOrDer(key)) => UnparsedPublicKey::new(how, key).verify(message, signature),
            (How::Rsa(how), RsaModulusExponent { n, e }) => {
                let key = RsaPublicKeyComponents { n: without_zeros(n), e: without_zeros(e) };
                key.verify(how, message, signature)
            }
            (How::Curve(how), SecretOrDer(key)) => UnparsedPublicKey::new(how, key).verify(message, signature),
            (How::Secret(_) | How::Curve(_), RsaModulusExponent { .. }) => Err(Unspecified),
        }
        // Why it does not hold is nobody's business.
        .map_err(|_| Refusal::new())
    }
}
