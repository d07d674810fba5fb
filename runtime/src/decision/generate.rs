//! Values for fields that a caller left out. They are made once, before the decision, and are inputs of it like any other.

use std::collections::BTreeMap;
use uuid::Uuid;

/// Fills in fields that a caller left out, and remembers the ids, which are answered.
#[derive(Debug, Default)]
pub struct Generated {
    ids: BTreeMap<String, String>,
}

/// The system gives no randomness.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("no random number can be had: {0}")]
pub struct NoRandomness(getrandom::Error);

impl Generated {
    /// A field without a value becomes a new UUID of version 7.
    pub fn uuid(&mut self, field: &str, value: &mut Option<String>) {
        if value.is_none() {
            let id = Uuid::now_v7().to_string();
            self.ids.insert(field.to_owned(), id.clone());
            *value = Some(id);
        }
    }

    /// A field without a value becomes so many digits, each as likely as any other and unknown to everybody. They may be a
    /// secret, so that they are not answered.
    ///
    /// # Errors
    /// If the system gives no randomness.
    pub fn digits(&self, count: usize, value: &mut Option<String>) -> Result<(), NoRandomness> {
        if value.is_none() {
            *value = Some(digits(count)?);
        }
        Ok(())
    }

    /// The ids made, by field.
    pub fn into_ids(self) -> BTreeMap<String, String> {
        self.ids
    }
}

fn digits(count: usize) -> Result<String, NoRandomness> {
    // The largest multiple of ten in a byte: what lies behind it would make small digits more likely.
    const EVEN: u8 = 250;
    let mut text = String::with_capacity(count);
    let mut bytes = [0; 32];
    while text.len() < count {
        getrandom::fill(&mut bytes).map_err(NoRandomness)?;
        let fair = bytes.iter().filter(|byte| **byte < EVEN);
        text.extend(fair.map(|byte| char::from(b'0' + byte % 10)).take(count - text.len()));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_given_stays() {
        let mut generated = Generated::default();
        let (mut id, mut code) = (Some("c1".to_owned()), Some(String::new()));
        generated.uuid("courseId", &mut id);
        generated.digits(6, &mut code).unwrap();
        assert_eq!((id.as_deref(), code.as_deref()), (Some("c1"), Some("")));
        assert!(generated.into_ids().is_empty());
    }

    #[test]
    fn what_is_absent_is_made_and_ids_are_answered() {
        let mut generated = Generated::default();
        let (mut first, mut second, mut code) = (None, None, None);
        generated.uuid("courseId", &mut first);
        generated.uuid("roomId", &mut second);
        generated.digits(6, &mut code).unwrap();
        let (first, second) = (first.unwrap(), second.unwrap());
        assert_eq!(Uuid::parse_str(&first).unwrap().get_version_num(), 7);
        assert!(first < second, "later ids sort behind earlier ones");
        let answered = BTreeMap::from([("courseId".to_owned(), first), ("roomId".to_owned(), second)]);
        assert_eq!(generated.into_ids(), answered);
        assert_eq!(code.unwrap().len(), 6);
    }

    #[test]
    fn every_digit_comes_about_as_often() {
        let text = digits(10_000).unwrap();
        for digit in '0'..='9' {
            let often = text.chars().filter(|found| *found == digit).count();
            assert!((800..1200).contains(&often), "{digit}: {often}");
        }
        assert_eq!(digits(0).unwrap(), "");
        assert_ne!(digits(18).unwrap(), digits(18).unwrap());
    }
}
