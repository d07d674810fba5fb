//! Reading of partial updates, where a field that is absent differs from one that is null.

use serde::{Deserialize, Deserializer};

/// For `#[serde(default, deserialize_with = "patch::nullable")]` on an `Option<Option<T>>`: absent is `None`, null is
/// `Some(None)`, a value is `Some(Some(value))`.
///
/// # Errors
/// The value's own.
pub fn nullable<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::<T>::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[derive(Deserialize)]
    struct Update {
        #[serde(default, deserialize_with = "nullable")]
        email: Option<Option<String>>,
    }

    #[test]
    fn absent_null_and_value_differ() {
        let read = |text| serde_json::from_str::<Update>(text).unwrap().email;
        assert_eq!(read("{}"), None);
        assert_eq!(read("{\"email\":null}"), Some(None));
        assert_eq!(read("{\"email\":\"a\"}"), Some(Some("a".to_owned())));
    }
}
