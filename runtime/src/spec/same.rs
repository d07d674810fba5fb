//! Comparing what is expected with what is there.

use crate::expr::json_equal;
use crate::value::Json;
use serde_json::Map;

/// Whether every field named is there with that value. In objects only named fields count, at any depth; a list must be
/// there as a whole. A null is met by a field that is absent.
pub(super) fn names(expected: &Map<String, Json>, found: &Map<String, Json>) -> bool {
    expected.iter().all(|(name, value)| is(value, found.get(name).unwrap_or(&Json::Null)))
}

fn is(expected: &Json, found: &Json) -> bool {
    match (expected, found) {
        (Json::Object(expected), Json::Object(found)) => names(expected, found),
        (Json::Array(expected), Json::Array(found)) => {
            expected.len() == found.len() && expected.iter().zip(found).all(|(e, f)| is(e, f))
        }
        (expected, found) => json_equal(expected, found),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    fn check(expected: &Json, found: &Json) -> bool {
        names(expected.as_object().unwrap(), found.as_object().unwrap())
    }

    #[test]
    fn only_named_fields_count() {
        let found = json!({"a": 1, "b": {"c": [1, 2], "d": 4}});
        assert!(check(&json!({}), &found));
        assert!(check(&json!({"a": 1.0, "b": {"d": 4}}), &found));
        assert!(check(&json!({"absent": null}), &found));
        assert!(!check(&json!({"b": {"c": [1]}}), &found));
        assert!(!check(&json!({"b": null}), &found));
        assert!(!check(&json!({"absent": 1}), &found));
    }
}
