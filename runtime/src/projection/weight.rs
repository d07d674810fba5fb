//! How much memory something takes, about: what bounds a batch of entries whose texts may be long.

use crate::entry::{Row, Value};
use crate::value::Json;

/// What the smallest entry takes, with its place among the others.
pub(super) const ENTRY: usize = 256;
/// What a value takes beside its text.
const VALUE: usize = 32;

/// Bytes of a stored entry, and of what becomes of it in memory.
pub(super) fn of_row(row: &Row) -> usize {
    ENTRY + row.base.id.len() + row.values.iter().map(of_value).sum::<usize>()
}

fn of_value(value: &Value) -> usize {
    match value {
        Value::Text(text) => VALUE + text.len(),
        Value::Json(json) => of_json(json),
        _ => VALUE,
    }
}

/// Bytes of a JSON value.
pub(super) fn of_json(json: &Json) -> usize {
    match json {
        Json::String(text) => VALUE + text.len(),
        Json::Array(elements) => VALUE + elements.iter().map(of_json).sum::<usize>(),
        Json::Object(fields) => VALUE + fields.iter().map(|(name, value)| name.len() + of_json(value)).sum::<usize>(),
        _ => VALUE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn long_texts_weigh_wherever_they_are() {
        let text = "x".repeat(10_000);
        for json in [json!(text), json!([1, [text]]), json!({ "a": { "b": text } }), json!({ text.clone(): null })] {
            assert!((10_000..11_000).contains(&of_json(&json)), "{json}");
        }
    }
}
