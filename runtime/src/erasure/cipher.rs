//! Keys, and what they do: they seal bytes for one place, open them there and nowhere else, and name texts without telling them.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::error::Unspecified;
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

/// A key's length in bytes.
const LENGTH: usize = 32;

/// The form of what is sealed: ChaCha20-Poly1305 under a random nonce, which stands in front.
const FORM: u8 = 1;

/// A key of 32 bytes. It is overwritten when it is dropped, and never shown.
#[derive(Clone)]
pub(super) struct Secret(Zeroizing<[u8; LENGTH]>);

impl Secret {
    /// A new one.
    ///
    /// # Errors
    /// If the system gives no random bytes.
    pub(super) fn random() -> Result<Self, Unspecified> {
        let mut bytes = Zeroizing::new([0; LENGTH]);
        SystemRandom::new().fill(&mut *bytes)?;
        Ok(Self(bytes))
    }

    /// The key of these bytes; none if they are not 32.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        Some(Self(Zeroizing::new(bytes.try_into().ok()?)))
    }

    /// The key of 32 bytes in base64, of either alphabet, padded or not.
    ///
    /// # Errors
    /// A sentence that does not repeat the text.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let form = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
        let form = GeneralPurpose::new(&base64::alphabet::URL_SAFE, form);
        let bytes = Zeroizing::new(text.replace('+', "-").replace('/', "_"));
        let bytes = form.decode(&*bytes).map(Zeroizing::new);
        let bytes = bytes.map_err(|_| "it is no base64 (try `openssl rand -base64 32`)".to_owned())?;
        Self::of(&bytes).ok_or_else(|| {
            format!("it has {} bytes; {LENGTH} are needed, in base64 (try `openssl rand -base64 32`)", bytes.len())
        })
    }

    /// Its bytes, to be sealed by another key or kept by an operator.
    pub(super) fn bytes(&self) -> &[u8] {
        &*self.0
    }

    /// Seals bytes for a place, which is told by its parts.
    ///
    /// # Errors
    /// If the system gives no random bytes.
    pub(super) fn seal(&self, place: &[&str], plain: &[u8]) -> Result<String, Unspecified> {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce)?;
        let mut sealed = Vec::with_capacity(1 + NONCE_LEN + plain.len() + CHACHA20_POLY1305.tag_len());
        sealed.push(FORM);
        sealed.extend_from_slice(&nonce);
        let mut text = Zeroizing::new(plain.to_vec());
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = self.aead()?.seal_in_place_separate_tag(nonce, Aad::from(joined(place)), &mut text)?;
        sealed.extend_from_slice(&text);
        sealed.extend_from_slice(tag.as_ref());
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// Opens what this key has sealed for this very place; none for anything else.
    pub(super) fn open(&self, place: &[&str], sealed: &str) -> Option<Zeroizing<Vec<u8>>> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, sealed) = bytes.strip_prefix(&[FORM])?.split_first_chunk::<NONCE_LEN>()?;
        let mut text = Zeroizing::new(sealed.to_vec());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let length = self.aead().ok()?.open_in_place(nonce, Aad::from(joined(place)), &mut text).ok()?.len();
        text.truncate(length);
        Some(text)
    }

    /// What stands for a text: the same for the same text under the same key. It tells nothing of the text.
    pub(super) fn name(&self, parts: &[&str]) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.bytes());
        URL_SAFE_NO_PAD.encode(hmac::sign(&key, &joined(parts)))
    }

    fn aead(&self) -> Result<LessSafeKey, Unspecified> {
        UnboundKey::new(&CHACHA20_POLY1305, self.bytes()).map(LessSafeKey::new)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret(…)")
    }
}

/// A key as text, for whoever keeps it.
pub(super) fn shown(secret: &Secret) -> Zeroizing<String> {
    Zeroizing::new(base64::engine::general_purpose::STANDARD.encode(secret.bytes()))
}

/// Parts with their lengths in front, so that no two lists of parts give the same bytes.
fn joined(parts: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in parts {
        bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_sealed_opens_at_its_place_with_its_key_and_nowhere_else() {
        let (key, other) = (Secret::random().unwrap(), Secret::random().unwrap());
        let sealed = key.seal(&["acme", "e1", "note"], b"allergic to nuts").unwrap();
        assert_eq!(key.open(&["acme", "e1", "note"], &sealed).unwrap().as_slice(), b"allergic to nuts");
        assert!(key.open(&["acme", "e2", "note"], &sealed).is_none(), "another event");
        assert!(key.open(&["acme", "e1n", "ote"], &sealed).is_none(), "parts do not flow together");
        assert!(other.open(&["acme", "e1", "note"], &sealed).is_none());
        let twice = key.seal(&["acme", "e1", "note"], b"allergic to nuts").unwrap();
        assert_ne!(sealed, twice, "nobody sees that two texts are the same");
        let mut bent = sealed.clone().into_bytes();
        bent[30] = if bent[30] == b'A' { b'B' } else { b'A' };
        for broken in [String::from_utf8(bent).unwrap(), sealed[..20].to_owned(), String::new(), "ÿ".to_owned()] {
            assert!(key.open(&["acme", "e1", "note"], &broken).is_none());
        }
    }

    #[test]
    fn keys_are_read_in_every_base64_and_never_shown() {
        let key = Secret::of(&[0xfb; 32]).unwrap();
        let text = shown(&key);
        assert!(text.contains('+') && text.ends_with('='));
        let url = text.replace('+', "-").replace('/', "_");
        for form in [text.as_str(), text.trim_end_matches('='), &url] {
            assert_eq!(Secret::parse(form).unwrap().bytes(), key.bytes());
        }
        assert!(Secret::parse("c2hvcnQ=").unwrap_err().starts_with("it has 5 bytes"));
        let error = Secret::parse("not base64!").unwrap_err();
        assert!(!error.contains("not base64!") && error.contains("openssl rand -base64 32"));
        assert_eq!(format!("{key:?}"), "Secret(…)");
    }

    #[test]
    fn a_name_is_the_same_for_the_same_text_and_key() {
        let (key, other) = (Secret::random().unwrap(), Secret::random().unwrap());
        assert_eq!(key.name(&["email:a@b.c"]), key.name(&["email:a@b.c"]));
        assert_ne!(key.name(&["email:a@b.c"]), key.name(&["email:a@b.d"]));
        assert_ne!(key.name(&["email:a@b.c"]), other.name(&["email:a@b.c"]));
        assert_eq!(key.name(&["x"]).len(), 43);
    }
}
