//! Channel binding: the hash of the server's certificate that both sides put into the proof of the password
//! (`tls-server-end-point`, RFC 5929). Whoever stands in between has another certificate, and so another proof.

use ring::digest::{Algorithm, SHA256, SHA384, SHA512, digest};

/// The hash of a certificate; none where the standard names none for the way it is signed.
pub(super) fn hash(certificate: &[u8]) -> Option<Vec<u8>> {
    Some(digest(algorithm(signature(certificate)?)?, certificate).as_ref().to_vec())
}

/// By the object identifier of the signature. Hashes that are too weak count as SHA-256.
fn algorithm(identifier: &[u8]) -> Option<&'static Algorithm> {
    const RSA: [u8; 8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01];
    const ECDSA: [u8; 6] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04];
    match (identifier.strip_prefix(&RSA), identifier.strip_prefix(&ECDSA)) {
        (Some([4 | 5 | 11]), _) | (_, Some([1] | [3, 2])) => Some(&SHA256),
        (Some([12]), _) | (_, Some([3, 3])) => Some(&SHA384),
        (Some([13]), _) | (_, Some([3, 4])) => Some(&SHA512),
        _ => None,
    }
}

/// The object identifier of the algorithm that a certificate is signed with: the first part of the second of three.
fn signature(certificate: &[u8]) -> Option<&[u8]> {
    const SEQUENCE: u8 = 0x30;
    const IDENTIFIER: u8 = 0x06;
    let (certificate, _) = element(SEQUENCE, certificate)?;
    let (_, rest) = element(SEQUENCE, certificate)?;
    let (algorithm, _) = element(SEQUENCE, rest)?;
    element(IDENTIFIER, algorithm).map(|(identifier, _)| identifier)
}

/// What the element in front holds, if it is of this kind, and what comes behind it (DER).
fn element(kind: u8, text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&[found, length], rest) = text.split_first_chunk::<2>()?;
    if found != kind {
        return None;
    }
    if length < 0x80 {
        return rest.split_at_checked(length.into());
    }
    let (length, rest) = rest.split_at_checked((length & 0x7f).into())?;
    if length.len() > 4 {
        return None;
    }
    rest.split_at_checked(length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_hash_is_the_one_of_the_signature() {
        let signed = |algorithm| {
            let key = rcgen::KeyPair::generate_for(algorithm).unwrap();
            rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap()
        };
        let certificate = signed(&rcgen::PKCS_ECDSA_P256_SHA256);
        assert_eq!(hash(certificate.der()).unwrap(), digest(&SHA256, certificate.der()).as_ref());
        let certificate = signed(&rcgen::PKCS_ECDSA_P384_SHA384);
        assert_eq!(hash(certificate.der()).unwrap(), digest(&SHA384, certificate.der()).as_ref());
        // For this one the standard has no hash.
        assert_eq!(hash(signed(&rcgen::PKCS_ED25519).der()), None);
    }

    #[test]
    fn what_is_no_certificate_has_none() {
        let key = rcgen::KeyPair::generate().unwrap();
        let whole = rcgen::CertificateParams::default().self_signed(&key).unwrap();
        let whole = whole.der();
        for length in 0..whole.len() {
            // Without its end it is no certificate, wherever it ends.
            assert_eq!(hash(&whole[..length]), None, "{length}");
        }
        assert_eq!(hash(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]), None);
        assert_eq!(hash(&[0x30, 0xff]), None);
    }
}
