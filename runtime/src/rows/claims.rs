//! What a token's data holds, as values of columns.

use serde::de::DeserializeOwned;

use super::at;
use crate::caller::Context;
use crate::entry::{ColumnKind, Value};
use crate::query::Invalid;
use crate::value::Json;

/// The values that a claim allows: one, or those of a list. What is missing, empty or of another kind allows nothing.
pub(crate) fn values(data: &Json, claim: &str, kind: ColumnKind) -> Vec<Value> {
    match at(data, claim) {
        Some(Json::Array(elements)) => elements.iter().filter_map(|element| value(element, kind)).collect(),
        Some(one) => value(one, kind).into_iter().collect(),
        None => Vec::new(),
    }
}

/// The one value of a claim; none for a list too.
pub(crate) fn one(data: &Json, claim: &str, kind: ColumnKind) -> Option<Value> {
    value(at(data, claim)?, kind)
}

fn value(json: &Json, kind: ColumnKind) -> Option<Value> {
    Some(match (kind, json) {
        (ColumnKind::Text, Json::String(text)) if is_text(text) => Value::from(text.as_str()),
        (ColumnKind::Integer, Json::Number(number)) => Value::Integer(number.as_i64()?),
        (ColumnKind::Real, Json::Number(number)) => Value::Real(number.as_f64().filter(|real| real.is_finite())?),
        (ColumnKind::Boolean, Json::Bool(flag)) => Value::Boolean(*flag),
        (ColumnKind::Instant, Json::String(text)) => Value::Instant(text.parse().ok()?),
        (ColumnKind::Date, Json::String(text)) => Value::Date(text.parse().ok()?),
        (ColumnKind::Decimal, Json::String(text)) => Value::Decimal(text.parse().ok()?),
        _ => return None,
    })
}

/// An empty text stands for nothing, and no stored text has U+0000.
fn is_text(text: &str) -> bool {
    !text.trim().is_empty() && !text.contains('\0')
}

/// The value of a field that the token fills.
///
/// # Errors
/// When the token's data has no such value; the service has turned such a caller away before.
pub fn claim<T: DeserializeOwned>(context: &Context<'_>, claim: &str, field: &str) -> Result<T, Invalid> {
    let found = at(&context.caller.data, claim).cloned().unwrap_or_default();
    let wrong = |_| Invalid::field(field, format!("the token's data has no value for it at {claim:?}"));
    serde_json::from_value(found).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_claim_allows_its_value_or_those_of_its_list() {
        let data = json!({ "id": "a", "ids": ["a", "b"], "school": { "id": "s" }, "n": 7, "ok": false });
        let texts = |claim| values(&data, claim, ColumnKind::Text);
        assert_eq!(texts("id"), [Value::from("a")]);
        assert_eq!(texts("ids"), [Value::from("a"), Value::from("b")]);
        assert_eq!(texts("school.id"), [Value::from("s")]);
        assert_eq!(values(&data, "n", ColumnKind::Integer), [Value::Integer(7)]);
        assert_eq!(values(&data, "n", ColumnKind::Real), [Value::Real(7.0)]);
        assert_eq!(values(&data, "ok", ColumnKind::Boolean), [Value::Boolean(false)]);
        assert_eq!(one(&data, "id", ColumnKind::Text), Some(Value::from("a")));
        assert_eq!(one(&data, "ids", ColumnKind::Text), None, "a list is not one value");
    }

    #[test]
    fn what_is_missing_empty_or_of_another_kind_allows_nothing() {
        let data = json!({ "none": null, "empty": "", "blank": " ", "list": [], "mixed": [null, "", 1, { "a": "x" }],
            "n": 1, "real": 1.5, "text": "1", "object": { "a": "x" }, "nul": "a\0" });
        for claim in
            ["missing", "none", "empty", "blank", "list", "mixed", "n", "object", "nul", "object.b", "text.a", ""]
        {
            assert_eq!(values(&data, claim, ColumnKind::Text), [], "{claim}");
        }
        for claim in ["text", "real", "empty", "none"] {
            assert_eq!(values(&data, claim, ColumnKind::Integer), [], "{claim}");
        }
        for kind in [ColumnKind::Date, ColumnKind::Instant, ColumnKind::Decimal, ColumnKind::Boolean, ColumnKind::Json]
        {
            assert_eq!(values(&data, "n", kind), [], "{kind:?}");
        }
        assert_eq!(values(&json!("x"), "a", ColumnKind::Text), [], "no object at all");
    }
}
