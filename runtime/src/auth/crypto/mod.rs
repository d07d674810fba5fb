//! The cryptography of tokens: ring's, which TLS and the keys of persons are built with anyway.
//!
//! jsonwebtoken brings none of its own. It takes one a process, so this one does all that its own do: other code of the
//! process may use it too. Whoever comes first is taken: another that is installed before the first token stays.

mod signing;
mod verifying;

use jsonwebtoken::crypto::{CryptoProvider, KeyUtils};
use jsonwebtoken::errors::{ErrorKind, Result};
use jsonwebtoken::jwk::{EllipticCurve, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, TokenData, Validation};
use ring::rsa::PublicKeyComponents;
use ring::signature::{EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaKeyPair};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The shortest RSA key that counts, in bits: RFC 7518 asks for no less.
pub(super) const SHORTEST_RSA: usize = 2048;

static RING: CryptoProvider = CryptoProvider {
    signer_factory: signing::new,
    verifier_factory: verifying::new,
    key_utils: KeyUtils {
        rsa_pub_components_from_private_key: rsa_of_private,
        rsa_pub_components_from_public_key: rsa_of_public,
        ec_pub_components_from_private_key: ec_of_private,
        ed_pub_components_from_private_key: ed_of_private,
        compute_digest: digest,
    },
};

/// Sees to it that the process has cryptography for tokens. To be called before anything of jsonwebtoken is asked to sign or to verify.
pub(crate) fn install() {
    // Only the first is taken. That is this one, or another one's who knows why.
    let _ = RING.install_default();
}

/// Signs a token.
pub(crate) fn encode<T: Serialize>(header: &Header, claims: &T, key: &EncodingKey) -> Result<String> {
    install();
    jsonwebtoken::encode(header, claims, key)
}

/// Verifies a token, and reads its claims.
pub(crate) fn decode<T: DeserializeOwned>(token: &str, key: &DecodingKey, rules: &Validation) -> Result<TokenData<T>> {
    install();
    jsonwebtoken::decode(token, key, rules)
}

/// Signs a text, in letters that travel anywhere.
pub(crate) fn sign(text: &[u8], key: &EncodingKey, algorithm: Algorithm) -> Result<String> {
    install();
    jsonwebtoken::crypto::sign(text, key, algorithm)
}

/// A number as it counts: some write a zero in front, which ring refuses.
fn without_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

/// How many bits a number has.
pub(super) fn bits(number: &[u8]) -> usize {
    let number = without_zeros(number);
    number.first().map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}

fn rsa_of_private(key: &[u8]) -> Result<(Vec<u8>, Vec<u8>)> {
    let pair = RsaKeyPair::from_der(key).map_err(|cause| ErrorKind::InvalidRsaKey(cause.to_string()))?;
    let parts: PublicKeyComponents<Vec<u8>> = pair.public().into();
    Ok((parts.n, parts.e))
}

/// ring does not take public keys apart, and nothing here asks for it.
fn rsa_of_public(_key: &[u8]) -> Result<(Vec<u8>, Vec<u8>)> {
    Err(ErrorKind::InvalidRsaKey("a public key in DER is not taken apart here".to_owned()).into())
}

fn ec_of_private(key: &[u8], algorithm: Algorithm) -> Result<(EllipticCurve, Vec<u8>, Vec<u8>)> {
    let curve = match algorithm {
        Algorithm::ES256 => EllipticCurve::P256,
        _ => EllipticCurve::P384,
    };
    let how = signing::curve(algorithm).ok_or(ErrorKind::InvalidEcdsaKey)?;
    let random = ring::rand::SystemRandom::new();
    let pair = EcdsaKeyPair::from_pkcs8(how, key, &random).map_err(|_| ErrorKind::InvalidEcdsaKey)?;
    // 4, and then both coordinates in full length.
    let (_, point) = pair.public_key().as_ref().split_first().ok_or(ErrorKind::InvalidEcdsaKey)?;
    let (x, y) = point.split_at(point.len() / 2);
    Ok((curve, x.to_vec(), y.to_vec()))
}

fn ed_of_private(key: &[u8], curve: &EllipticCurve) -> Result<Vec<u8>> {
    if *curve != EllipticCurve::Ed25519 {
        return Err(ErrorKind::InvalidAlgorithm.into());
    }
    let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(key).map_err(|_| ErrorKind::InvalidEddsaKey)?;
    Ok(pair.public_key().as_ref().to_vec())
}

fn digest(data: &[u8], hash: ThumbprintHash) -> Result<Vec<u8>> {
    let how = match hash {
        ThumbprintHash::SHA256 => &ring::digest::SHA256,
        ThumbprintHash::SHA384 => &ring::digest::SHA384,
        ThumbprintHash::SHA512 => &ring::digest::SHA512,
        _ => return Err(ErrorKind::UnsupportedAlgorithm.into()),
    };
    Ok(ring::digest::digest(how, data).as_ref().to_vec())
}
