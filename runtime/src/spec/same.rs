//! Comparing what is expected with what is there.

use crate::expr::json_equal;
use crate::value::{Decimal, Json};
use serde_json::Map;

const DECIMAL: &str = "decimal";

/// A Decimal that an example expects: `10.10` is met by `10.1`.
pub fn decimal(digits: &str) -> Json {
    serde_json::json!({ DECIMAL: digits })
}

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
        (Json::Object(expected), Json::String(found)) => {
            let expected = expected.get(DECIMAL).and_then(Json::as_str).map(str::parse::<Decimal>);
            expected.is_some_and(|expected| expected.is_ok() && expected == found.parse())
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

    #[test]
    fn decimals_are_met_by_value_and_texts_letter_by_letter() {
        let found = json!({"price": "10.1", "version": "10.1", "all": ["2"]});
        assert!(check(&json!({"price": decimal("10.10"), "all": [decimal("2.00")]}), &found));
        assert!(!check(&json!({"price": decimal("10.11")}), &found));
        assert!(!check(&json!({"version": "10.10"}), &found));
        assert!(!check(&json!({"price": decimal("ten")}), &json!({"price": "eleven"})));
        assert!(!check(&json!({"price": decimal("1")}), &json!({"price": null})));
    }
}
