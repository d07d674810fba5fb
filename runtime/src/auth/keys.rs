//! A set of public keys that is kept up to date.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, DecodingKeyKind};
use tokio::sync::Mutex;

use super::{JwksSource, TokenError, crypto};

/// A set is read again for an unknown key at most this often, so that forged key ids cost nothing.
const AT_MOST_EVERY: Duration = Duration::from_secs(60);
/// A set older than this is read again anyway, so that withdrawn keys stop working.
const STALE_AFTER: Duration = Duration::from_secs(600);

/// The keys of one source that fit the pinned algorithm.
pub(super) struct KeySet {
    source: JwksSource,
    algorithm: Algorithm,
    known: RwLock<Arc<Known>>,
    /// When the source was last asked; held while asking, so that only one asks.
    asked: Mutex<Option<Instant>>,
    at_most_every: Duration,
}

/// The keys as they were read at one time.
#[derive(Clone)]
pub(super) struct Edition(Arc<Known>);

#[derive(Default)]
struct Known {
    keys: Vec<(Option<String>, DecodingKey)>,
    read_at: Option<Instant>,
}

impl KeySet {
    pub(super) fn open(source: JwksSource, algorithm: Algorithm) -> Result<Self, String> {
        let mut known = Known::default();
        let mut asked = None;
        if let JwksSource::File(_) = source {
            known = read(&source, algorithm)?;
            asked = Some(Instant::now());
        }
        let (known, asked) = (RwLock::new(Arc::new(known)), Mutex::new(asked));
        Ok(Self { source, algorithm, known, asked, at_most_every: AT_MOST_EVERY })
    }

    #[cfg(test)]
    pub(super) fn refresh_at_most_every(&mut self, period: Duration) {
        self.at_most_every = period;
    }

    /// The key of this id, and the edition that it is of; without an id, the only key there is.
    pub(super) async fn key(&self, id: Option<&str>) -> Result<(DecodingKey, Edition), TokenError> {
        let known = self.known();
        if known.is_fresh()
            && let Some(key) = known.find(id)
        {
            return Ok((key, Edition(known)));
        }
        self.refresh(known).await;
        let known = self.known();
        match known.find(id) {
            Some(key) => Ok((key, Edition(known))),
            None if known.read_at.is_none() => Err(TokenError::Unavailable),
            None => Err(TokenError::Invalid("its key is not known".into())),
        }
    }

    /// Whether these are the keys of today, read not too long ago.
    pub(super) fn is_in_force(&self, edition: &Edition) -> bool {
        edition.0.is_fresh() && Arc::ptr_eq(&edition.0, &self.known())
    }

    fn known(&self) -> Arc<Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn refresh(&self, seen: Arc<Known>) {
        let mut asked = self.asked.lock().await;
        // Somebody else may have refreshed while this one waited.
        let changed = !Arc::ptr_eq(&seen, &self.known());
        if changed || asked.is_some_and(|asked| asked.elapsed() < self.at_most_every) {
            return;
        }
        *asked = Some(Instant::now());
        let (source, algorithm) = (self.source.clone(), self.algorithm);
        match tokio::task::spawn_blocking(move || read(&source, algorithm)).await {
            Ok(Ok(known)) => {
                *self.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(known);
            }
            Ok(Err(cause)) => tracing::warn!(%cause, "the key set could not be read; the last one stays"),
            Err(cause) => tracing::error!(%cause, "reading the key set broke off"),
        }
    }
}

impl Known {
    fn is_fresh(&self) -> bool {
        self.read_at.is_some_and(|read_at| read_at.elapsed() < STALE_AFTER)
    }

    fn find(&self, id: Option<&str>) -> Option<DecodingKey> {
        let found = match id {
            Some(id) => self.keys.iter().find(|(known, _)| known.as_deref() == Some(id)),
            None if self.keys.len() == 1 => self.keys.first(),
            None => None,
        };
        found.map(|(_, key)| key.clone())
    }
}

fn read(source: &JwksSource, algorithm: Algorithm) -> Result<Known, String> {
    let text = source.read()?;
    let set: JwkSet = serde_json::from_str(&text).map_err(|cause| format!("no JSON Web Key Set: {cause}"))?;
    let keys: Vec<_> = set.keys.iter().filter_map(|jwk| usable(jwk, algorithm)).collect();
    if keys.is_empty() {
        let long = crypto::SHORTEST_RSA;
        let rsa =
            if algorithm.family() == AlgorithmFamily::Rsa { format!(" of {long} bits or more") } else { String::new() };
        return Err(format!("the key set holds no signing key for {algorithm:?}{rsa}"));
    }
    Ok(Known { keys, read_at: Some(Instant::now()) })
}

fn usable(jwk: &Jwk, algorithm: Algorithm) -> Option<(Option<String>, DecodingKey)> {
    let common = &jwk.common;
    let signs = common.public_key_use.as_ref().is_none_or(|purpose| *purpose == PublicKeyUse::Signature);
    let fits = common.key_algorithm.is_none_or(|named| named.to_string() == format!("{algorithm:?}"));
    let key = DecodingKey::from_jwk(jwk).ok()?;
    // A symmetric key in a public set would let anyone sign.
    let family = key.family() == algorithm.family() && key.family() != AlgorithmFamily::Hmac;
    (signs && fits && family && is_long_enough(&key)).then(|| (common.key_id.clone(), key))
}

/// Whether signatures with this key say anything.
fn is_long_enough(key: &DecodingKey) -> bool {
    let DecodingKeyKind::RsaModulusExponent { n, .. } = key.kind() else { return true };
    crypto::bits(n) >= crypto::SHORTEST_RSA
}
