//! Untyped JSON, checked at run time.

use super::EvalError;
use super::convert::wrong;
use crate::value::Json;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// `a.b.c` and `a["b"]["c"]`: nil if a step is nil or has no such field.
///
/// # Errors
/// If a step is neither nil nor an object.
pub fn json_path<'a>(json: &'a Json, path: &[&str]) -> Result<Option<&'a Json>, EvalError> {
    let mut at = json;
    for name in path {
        match at {
            Json::Null => return Ok(None),
            Json::Object(fields) => match fields.get(*name) {
                Some(field) => at = field,
                None => return Ok(None),
            },
            other => return Err(wrong("an object", other)),
        }
    }
    Ok(Some(at).filter(|json| !json.is_null()))
}

/// `a[0]`; negative counts from the end; nil if the element is null.
///
/// # Errors
/// If `a` is no list, or has no such element.
pub fn json_index(json: &Json, index: i64) -> Result<Option<&Json>, EvalError> {
    match json {
        Json::Array(list) => Ok(Some(super::index(list, index)?).filter(|json| !json.is_null())),
        other => Err(wrong("a list", other)),
    }
}

/// `len(a)`: elements of a list, fields of an object, characters of a text.
///
/// # Errors
/// If `a` is none of them.
pub fn json_len(json: &Json) -> Result<i64, EvalError> {
    match json {
        Json::Array(list) => Ok(super::len(list.as_slice())),
        Json::Object(fields) => Ok(i64::try_from(fields.len()).unwrap_or(i64::MAX)),
        Json::String(text) => Ok(super::len(text.as_str())),
        other => Err(wrong("a list, an object or a text", other)),
    }
}

/// `a == b`: numbers by their value, whether written `1` or `1.0`.
pub fn json_equal(a: &Json, b: &Json) -> bool {
    match (a, b) {
        // Two whole numbers compare exactly; only with a fraction form on one side do they meet as Floats.
        (Json::Number(a), Json::Number(b)) => a == b || (a.is_f64() != b.is_f64() && a.as_f64() == b.as_f64()),
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| json_equal(a, b)),
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| json_equal(a, b)))
        }
        (a, b) => a == b,
    }
}

/// `needle in json`: an element of a list, a field of an object.
///
/// # Errors
/// If it is neither.
pub fn json_contains(json: &Json, needle: &Json) -> Result<bool, EvalError> {
    match (json, needle) {
        (Json::Array(list), needle) => Ok(list.iter().any(|element| json_equal(element, needle))),
        (Json::Object(fields), Json::String(name)) => Ok(fields.contains_key(name)),
        (other, _) => Err(wrong("a list or an object", other)),
    }
}

/// The typed value that JSON must hold here; `None` counts as null.
///
/// # Errors
/// If it does not.
pub fn from_json<'a, T: DeserializeOwned>(json: impl Into<Option<&'a Json>>) -> Result<T, EvalError> {
    T::deserialize(json.into().unwrap_or(&Json::Null)).map_err(|error| EvalError::Json(error.to_string()))
}

/// `a.b.c` as the typed value that must be there; what is absent counts as null.
///
/// # Errors
/// If another value is there.
pub fn read<T: DeserializeOwned>(json: &Json, path: &[&str]) -> Result<T, EvalError> {
    let found = json_path(json, path)?.unwrap_or(&Json::Null);
    T::deserialize(found).map_err(|error| EvalError::Json(format!("`{}`: {error}", path.join("."))))
}

/// The ids that untyped JSON names: a list each of its elements, null none.
pub fn json_ids<'a>(json: impl Into<Option<&'a Json>>) -> Vec<String> {
    match json.into() {
        None | Some(Json::Null) => Vec::new(),
        Some(Json::Array(list)) => list.iter().filter(|element| !element.is_null()).map(super::show).collect(),
        Some(single) => vec![super::show(single)],
    }
}

/// `{k: v}`
pub fn object<const N: usize>(fields: [(&str, Json); N]) -> Json {
    Json::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// A typed value as JSON.
///
/// # Errors
/// If it cannot be written.
pub fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<Json, EvalError> {
    serde_json::to_value(value).map_err(|error| EvalError::Json(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_one_or_several_or_none() {
        let ids = |json: Json| json_ids(&json);
        assert_eq!(ids(serde_json::json!("a")), ["a"]);
        assert_eq!(ids(serde_json::json!(["a", null, 7])), ["a", "7"]);
        assert!(ids(Json::Null).is_empty());
        assert!(json_ids(None).is_empty());
    }
    use serde_json::json;

    #[test]
    fn access_is_checked() {
        let order = json!({"lines": [{"sku": "a"}, null], "buyer": {"name": "x"}});
        assert_eq!(json_path(&order, &["buyer", "name"]), Ok(Some(&json!("x"))));
        assert_eq!(json_path(&order, &["seller", "name"]), Ok(None));
        assert_eq!(json_path(&Json::Null, &["a"]), Ok(None));
        assert!(json_path(&order, &["buyer", "name", "first"]).is_err());
        assert_eq!(json_index(&order["lines"], 0), Ok(Some(&json!({"sku": "a"}))));
        assert_eq!(json_index(&order["lines"], -1), Ok(None));
        assert_eq!(json_index(&order["lines"], 2), Err(EvalError::IndexOutOfRange { index: 2, len: 2 }));
        assert!(json_index(&order, 0).is_err());
        assert_eq!(json_len(&order), Ok(2));
        assert_eq!(object([("a", json!(1))]), json!({"a": 1}));
    }

    #[test]
    fn typed_values_are_checked() {
        assert_eq!(from_json::<i64>(&json!(7)), Ok(7));
        assert_eq!(from_json::<Option<String>>(None), Ok(None));
        assert!(from_json::<String>(None).is_err());
        assert!(from_json::<i64>(&json!("7")).is_err());
        let order = json!({"buyer": {"age": 7}});
        assert_eq!(read::<i64>(&order, &["buyer", "age"]), Ok(7));
        assert_eq!(read::<Option<i64>>(&order, &["seller", "age"]), Ok(None));
        let wrong = read::<i64>(&order, &["buyer", "name"]).map_err(|error| error.to_string());
        assert!(wrong.is_err_and(|error| error.contains("`buyer.name`")));
        assert_eq!(to_json(&[1, 2]), Ok(json!([1, 2])));
    }

    #[test]
    fn numbers_are_equal_by_value() {
        assert!(json_equal(&json!({"a": [1]}), &json!({"a": [1.0]})));
        assert!(!json_equal(&json!(1), &json!("1")));
        assert!(!json_equal(&json!(9_007_199_254_740_993_i64), &json!(9_007_199_254_740_992_i64)));
        assert_eq!(json_contains(&json!([1, 2]), &json!(2.0)), Ok(true));
        assert_eq!(json_contains(&json!({"a": 1}), &json!("a")), Ok(true));
    }
}
