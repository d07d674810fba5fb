//! Master keys, which data keys are wrapped with. They come from the environment and are stored nowhere.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::cipher::{Secret, shown};

/// The master keys of a process: the first wraps, all of them unwrap. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Masters(Arc<[Master]>);

/// One of them.
pub(super) struct Master {
    /// What it is called: it tells nothing of the key.
    pub(super) id: String,
    pub(super) secret: Secret,
}

impl Masters {
    /// Reads keys in base64, the newest first, with commas or blanks between.
    ///
    /// # Errors
    /// A sentence that does not repeat any of them.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let texts = text.split([',', ' ', '\t', '\r', '\n']).filter(|text| !text.is_empty());
        let read = texts.map(|text| Secret::parse(text).map(Master::new));
        let masters: Vec<Master> = read.collect::<Result<_, _>>()?;
        if masters.is_empty() { Err("there is no key in it".to_owned()) } else { Ok(Self(masters.into())) }
    }

    /// A new one, as text.
    ///
    /// # Errors
    /// If the system gives no random bytes.
    pub(crate) fn made() -> Result<Zeroizing<String>, String> {
        Secret::random().map(|secret| shown(&secret)).map_err(|_| "the system gives no random bytes".to_owned())
    }

    /// The one that wraps: the newest.
    pub(super) fn newest(&self) -> Option<&Master> {
        self.0.first()
    }

    /// The one of this name.
    pub(super) fn named(&self, id: &str) -> Option<&Master> {
        self.0.iter().find(|master| master.id == id)
    }
}

impl Master {
    fn new(secret: Secret) -> Self {
        let mut id = secret.name(&["scaffold master key"]);
        id.truncate(12);
        Self { id, secret }
    }
}

impl fmt::Debug for Masters {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_list().entries(self.0.iter().map(|master| &master.id)).finish()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn several_are_read_the_newest_first() {
        let (new, old) = (Masters::made().unwrap(), Masters::made().unwrap());
        let one = |text: &str| Masters::parse(text).unwrap().newest().unwrap().id.clone();
        for between in [",", " ", ", ", "\n"] {
            let both = Masters::parse(&format!("{}{between}{}\n", *new, *old)).unwrap();
            assert_eq!(both.newest().unwrap().id, one(&new));
            assert!(both.named(&one(&old)).is_some() && both.named("other").is_none());
            assert!(!format!("{both:?}").contains(new.as_str()));
        }
        assert!(Masters::parse(" , ").is_err());
        assert!(Masters::parse(&format!("{} short", *new)).is_err());
    }
}
