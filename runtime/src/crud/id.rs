//! Ids of entries, given or made.

use uuid::Uuid;

use crate::query::Invalid;

/// The longest id, in characters.
const LONGEST: usize = 200;

/// A new id; later ones sort behind earlier ones.
pub(crate) fn new_id() -> String {
    Uuid::now_v7().to_string()
}

/// Checks an id that a caller gave.
///
/// # Errors
/// When it is empty, longer than 200 characters or holds control characters.
pub(crate) fn check_id(id: &str) -> Result<(), Invalid> {
    if id.is_empty() {
        return Err(Invalid::field("id", "must not be empty"));
    }
    if id.chars().count() > LONGEST {
        return Err(Invalid::field("id", format!("must not be longer than {LONGEST} characters")));
    }
    if id.chars().any(char::is_control) {
        return Err(Invalid::field("id", "must not hold control characters"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn ids_have_a_length_and_no_control_characters() {
        assert!(check_id("ä-1 x").is_ok());
        assert!(check_id(&"ü".repeat(200)).is_ok());
        assert!(check_id(&"ü".repeat(201)).is_err());
        assert!(check_id("").is_err());
        assert_eq!(check_id("a\nb").unwrap_err().problems[0].field, "id");
    }

    #[test]
    fn made_ids_grow() {
        let (first, second) = (new_id(), new_id());
        assert!(first < second);
    }
}
