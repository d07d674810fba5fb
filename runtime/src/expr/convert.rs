//! From one type to another, never silently wrong.

use super::{EvalError, add};
use crate::value::{DateTime, Json};
use serde::Serialize;

/// What `int()` takes.
pub trait ToInt {
    /// The whole number; a Float loses its fraction.
    ///
    /// # Errors
    /// If it is no number or beyond 64 bits.
    fn to_int(&self) -> Result<i64, EvalError>;
}

/// What `float()` takes.
pub trait ToFloat {
    /// The number.
    ///
    /// # Errors
    /// If it is no finite number.
    fn to_float(&self) -> Result<f64, EvalError>;
}

/// `int(a)`: a Float loses its fraction, a text is read, an instant gives its milliseconds.
///
/// # Errors
/// If it is no number or beyond 64 bits.
pub fn int<T: ToInt>(a: T) -> Result<i64, EvalError> {
    a.to_int()
}

/// `float(a)`
///
/// # Errors
/// If it is no finite number.
pub fn float<T: ToFloat>(a: T) -> Result<f64, EvalError> {
    a.to_float()
}

/// `string(a)`, and how values stand in messages: a text bare, nil as `nil`, all else as JSON.
pub fn show<T: Serialize + ?Sized>(a: &T) -> String {
    match serde_json::to_value(a) {
        Ok(Json::Null) | Err(_) => "nil".to_owned(),
        Ok(Json::String(text)) => text,
        Ok(Json::Number(number)) => match number.as_f64().filter(|_| number.is_f64()) {
            // JSON writes 1.0; people write 1.
            Some(float) => float.to_string(),
            None => number.to_string(),
        },
        Ok(other) => other.to_string(),
    }
}

/// `intSum(list)`: each element as by [`int`], then the sum.
///
/// # Errors
/// If one is no number or the sum beyond 64 bits.
pub fn int_sum<T: ToInt>(list: &[T]) -> Result<i64, EvalError> {
    list.iter().try_fold(0, |sum, element| add(sum, element.to_int()?))
}

/// Milliseconds since 1970 as an instant.
///
/// # Errors
/// If it lies beyond the years -9999 to 9999.
pub fn instant(millis: i64) -> Result<DateTime, EvalError> {
    DateTime::checked(millis).ok_or(EvalError::InstantOutOfRange)
}

/// A value that must be there.
///
/// # Errors
/// If it is nil.
pub fn some<T>(value: Option<T>) -> Result<T, EvalError> {
    value.ok_or(EvalError::Nil)
}

impl ToInt for i64 {
    fn to_int(&self) -> Result<i64, EvalError> {
        Ok(*self)
    }
}

impl ToInt for f64 {
    #[allow(clippy::cast_possible_truncation)]
    fn to_int(&self) -> Result<i64, EvalError> {
        // 2^63 is the first Float beyond; -2^63 is still an Int.
        let bound = 9_223_372_036_854_775_808.0;
        let whole = self.trunc();
        if (-bound..bound).contains(&whole) { Ok(whole as i64) } else { Err(EvalError::Overflow) }
    }
}

impl ToInt for str {
    fn to_int(&self) -> Result<i64, EvalError> {
        self.trim().parse().map_err(|_| EvalError::NotConvertible { text: self.to_owned(), expected: "Int" })
    }
}

impl ToInt for String {
    fn to_int(&self) -> Result<i64, EvalError> {
        self.as_str().to_int()
    }
}

impl<T: ToInt + ?Sized> ToInt for &T {
    fn to_int(&self) -> Result<i64, EvalError> {
        (**self).to_int()
    }
}

impl ToInt for DateTime {
    fn to_int(&self) -> Result<i64, EvalError> {
        Ok(self.millis())
    }
}

impl ToInt for Json {
    fn to_int(&self) -> Result<i64, EvalError> {
        match self {
            Self::Number(number) => match number.as_i64() {
                Some(whole) => Ok(whole),
                None => number.as_f64().ok_or(EvalError::Overflow)?.to_int(),
            },
            Self::String(text) => text.to_int(),
            other => Err(wrong("a number", other)),
        }
    }
}

impl ToFloat for i64 {
    #[allow(clippy::cast_precision_loss)]
    fn to_float(&self) -> Result<f64, EvalError> {
        Ok(*self as f64)
    }
}

impl ToFloat for f64 {
    fn to_float(&self) -> Result<f64, EvalError> {
        Ok(*self)
    }
}

impl ToFloat for str {
    fn to_float(&self) -> Result<f64, EvalError> {
        let number = self.trim().parse().ok().filter(|number: &f64| number.is_finite());
        number.ok_or_else(|| EvalError::NotConvertible { text: self.to_owned(), expected: "Float" })
    }
}

impl ToFloat for String {
    fn to_float(&self) -> Result<f64, EvalError> {
        self.as_str().to_float()
    }
}

impl<T: ToFloat + ?Sized> ToFloat for &T {
    fn to_float(&self) -> Result<f64, EvalError> {
        (**self).to_float()
    }
}

impl ToFloat for Json {
    fn to_float(&self) -> Result<f64, EvalError> {
        match self {
            Self::Number(number) => number.as_f64().ok_or(EvalError::Overflow),
            Self::String(text) => text.to_float(),
            other => Err(wrong("a number", other)),
        }
    }
}

/// Says what is there instead.
pub(super) fn wrong(expected: &str, found: &Json) -> EvalError {
    let found = match found {
        Json::Null => "nil",
        Json::Bool(_) => "a Boolean",
        Json::Number(_) => "a number",
        Json::String(_) => "a text",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    };
    EvalError::WrongType { expected: expected.to_owned(), found: found.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_convert_or_fail() {
        assert_eq!(int(1.9), Ok(1));
        assert_eq!(int(-1.9), Ok(-1));
        assert_eq!(int(9.3e18), Err(EvalError::Overflow));
        assert_eq!(int(" 42 "), Ok(42));
        assert!(int("42x").is_err());
        assert_eq!(int(json!(3.0)), Ok(3));
        assert_eq!(int(json!(u64::MAX)), Err(EvalError::Overflow));
        assert!(int(json!(true)).is_err());
        assert_eq!(float("1e3"), Ok(1000.0));
        assert!(float("inf").is_err());
        assert!(float("NaN").is_err());
        assert_eq!(int_sum(&[1.5, 2.5]), Ok(3));
    }

    #[test]
    fn texts_are_what_the_api_shows() {
        assert_eq!(show(&1.0), "1");
        assert_eq!(show(&0.1), "0.1");
        assert_eq!(show(&true), "true");
        assert_eq!(show(&None::<i64>), "nil");
        assert_eq!(show("a"), "a");
        assert_eq!(show(&DateTime::from_millis(0)), "1970-01-01T00:00:00Z");
        assert_eq!(show(&json!("a")), "a");
        assert_eq!(show(&json!({"a": 1})), "{\"a\":1}");
    }

    #[test]
    fn nil_is_an_error_where_a_value_is_needed() {
        assert_eq!(some(None::<i64>), Err(EvalError::Nil));
        assert_eq!(some(Some(1)), Ok(1));
    }
}
