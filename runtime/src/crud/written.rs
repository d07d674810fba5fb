//! What may be written into a field, and what becomes of it.

use uuid::{Uuid, Variant};

use crate::query::Invalid;

/// Goes through the values that a caller gives and gathers what is wrong with them.
#[derive(Debug, Default)]
pub struct Written(Invalid);

impl Written {
    /// A value for a field that is never null and cannot be changed: it has to be the one that is there.
    pub fn unchanged<T: PartialEq>(&mut self, field: &'static str, given: Option<T>, now: &T) {
        if given.is_some_and(|given| given != *now) {
            self.refuse_change(field);
        }
    }

    /// A value for a field that can be set while it is null, and not be changed afterwards. Nothing where it is the one that is
    /// there.
    pub fn once<T: PartialEq>(
        &mut self,
        field: &'static str,
        given: Option<Option<T>>,
        now: &Option<T>,
    ) -> Option<Option<T>> {
        let given = given.filter(|given| given != now)?;
        if now.is_some() {
            self.refuse_change(field);
            return None;
        }
        Some(given)
    }

    /// A UUID of version 4 or nothing; it is kept in small letters.
    pub fn uuid_v4<T: Texts>(&mut self, field: &'static str, given: &mut T) {
        if let Some(text) = given.text() {
            match spelled(text) {
                Some(uuid) => *text = uuid,
                None => self.0.push(field, "must be a UUID of version 4"),
            }
        }
    }

    /// `Ok` if all of it may be written.
    ///
    /// # Errors
    /// What is wrong, by field.
    pub fn into_result(self) -> Result<(), Invalid> {
        self.0.into_result()
    }

    fn refuse_change(&mut self, field: &'static str) {
        self.0.push(field, "is immutable: it was set before and stays as it is");
    }
}

/// A new UUID of version 4.
pub fn new_uuid_v4() -> String {
    Uuid::new_v4().to_string()
}

/// A text, or one that may be missing.
pub trait Texts {
    /// The text, if there is one.
    fn text(&mut self) -> Option<&mut String>;
}

impl Texts for String {
    fn text(&mut self) -> Option<&mut String> {
        Some(self)
    }
}

impl<T: Texts> Texts for Option<T> {
    fn text(&mut self) -> Option<&mut String> {
        self.as_mut()?.text()
    }
}

/// `6F9619FF-8B86-4D01-B42D-00C04FC964FF` in small letters; nothing if it is written otherwise, or of another version.
fn spelled(text: &str) -> Option<String> {
    const HYPHENATED: usize = 36;
    let uuid = Uuid::try_parse(text).ok().filter(|_| text.len() == HYPHENATED)?;
    let is_random = uuid.get_version_num() == 4 && uuid.get_variant() == Variant::RFC4122;
    is_random.then(|| uuid.to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const UUID: &str = "6f9619ff-8b86-4d01-b42d-00c04fc964ff";

    fn problems(written: Written) -> Vec<String> {
        written.0.problems.into_iter().map(|problem| problem.field).collect()
    }

    fn kept<T: Texts>(mut given: T) -> (T, Vec<String>) {
        let mut written = Written::default();
        written.uuid_v4("a", &mut given);
        (given, problems(written))
    }

    #[test]
    fn a_uuid_of_version_4_has_one_spelling() {
        assert_eq!(kept(UUID.to_uppercase()), (UUID.to_owned(), vec![]));
        assert_eq!(kept(Some(Some(UUID.to_uppercase()))), (Some(Some(UUID.to_owned())), vec![]));
        assert_eq!(kept(Some(None::<String>)), (Some(None), vec![]));
        let made = new_uuid_v4();
        assert_eq!(kept(made.clone()), (made.clone(), vec![]), "what is made would be taken");
        assert_ne!(made, new_uuid_v4());
        let no_hyphens = UUID.replace('-', "");
        let (version_7, variant) = (UUID.replace("-4d01", "-7d01"), UUID.replace("-b42d", "-c42d"));
        let (braces, urn) = (format!("{{{UUID}}}"), format!("urn:uuid:{UUID}"));
        let shifted = "6f9619f-f8b86-4d01-b42d-00c04fc964ff";
        for wrong in ["", "x", shifted, UUID.trim_end_matches('f'), &no_hyphens, &version_7, &variant, &braces, &urn] {
            assert_eq!(kept(wrong.to_owned()).1, ["a"], "{wrong:?}");
        }
    }

    #[test]
    fn a_value_is_set_once() {
        let mut written = Written::default();
        assert_eq!(written.once("a", None, &Some(1)), None);
        assert_eq!(written.once("a", Some(Some(1)), &None), Some(Some(1)));
        assert_eq!(written.once("a", Some(Some(1)), &Some(1)), None);
        assert_eq!(written.once("a", Some(None::<i64>), &None), None);
        written.unchanged("a", Some(1), &1);
        written.unchanged("a", None, &1);
        assert!(problems(written).is_empty());
        let mut written = Written::default();
        assert_eq!(written.once("a", Some(Some(2)), &Some(1)), None);
        assert_eq!(written.once("b", Some(None), &Some(1)), None);
        written.unchanged("c", Some(2), &1);
        assert_eq!(problems(written), ["a", "b", "c"]);
    }
}
