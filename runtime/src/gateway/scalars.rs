//! The scalars of the API beyond those that GraphQL has.

use std::borrow::Cow;

use async_graphql::parser::types::Field;
use async_graphql::{
    ContextSelectionSet, InputType, InputValueError, InputValueResult, OutputType, Positioned, Scalar, ScalarType,
    ServerError, ServerResult, Value, registry::Registry,
};
use prost_types::Timestamp;

use super::errors::validation;
use crate::{value, wire};

/// What a JSON number can hold in every client without being rounded.
const LARGEST_INT: i64 = (1 << 53) - 1;

/// A whole number of up to 53 bits. The services keep 64; what lies beyond is a field error here
/// rather than a rounded number there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Int(pub i64);

impl Int {
    fn is_exact(self) -> bool {
        (-LARGEST_INT..=LARGEST_INT).contains(&self.0)
    }
}

impl From<i64> for Int {
    fn from(value: i64) -> Self {
        Self(value)
    }
}

impl From<Int> for i64 {
    fn from(value: Int) -> Self {
        value.0
    }
}

impl InputType for Int {
    type RawValueType = i64;

    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("Int")
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <i64 as InputType>::create_type_info(registry)
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        let value = value.unwrap_or_default();
        let Value::Number(number) = &value else { return Err(InputValueError::expected_type(value)) };
        match number.as_i64().map(Self).filter(|int| int.is_exact()) {
            Some(int) => Ok(int),
            None => Err(InputValueError::custom(format!(
                "only whole numbers from {} to {LARGEST_INT} are accepted",
                -LARGEST_INT
            ))
            .with_extension("code", "VALIDATION")),
        }
    }

    fn to_value(&self) -> Value {
        Value::from(self.0)
    }

    fn as_raw_value(&self) -> Option<&i64> {
        Some(&self.0)
    }
}

impl OutputType for Int {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("Int")
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <i64 as OutputType>::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        if self.is_exact() {
            return Ok(Value::from(self.0));
        }
        let message = format!("the number {} is too large for JSON", self.0);
        let error: ServerError = validation(message).into_server_error(field.pos);
        Err(ctx.set_error_path(error))
    }
}

/// A point in time, RFC 3339 in UTC; milliseconds since 1970 are accepted too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct DateTime(pub value::DateTime);

#[Scalar]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let parsed = match &value {
            Value::String(text) => text.parse::<value::DateTime>().map_err(InputValueError::custom)?,
            Value::Number(number) => number
                .as_i64()
                .and_then(value::DateTime::checked)
                .ok_or_else(|| InputValueError::custom("no milliseconds since 1970"))?,
            _ => return Err(InputValueError::expected_type(value)),
        };
        Ok(Self(parsed))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

impl From<DateTime> for Timestamp {
    fn from(instant: DateTime) -> Self {
        wire::timestamp(instant.0)
    }
}

/// A timestamp of a service is in range: services write what they read as [`value::DateTime`].
impl From<Timestamp> for DateTime {
    fn from(timestamp: Timestamp) -> Self {
        let millis = timestamp.seconds.saturating_mul(1000).saturating_add(i64::from(timestamp.nanos / 1_000_000));
        Self(value::DateTime::from_millis(millis))
    }
}

/// A day of the calendar, `YYYY-MM-DD`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Date(String);

#[Scalar]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else { return Err(InputValueError::expected_type(value)) };
        let date: value::Date = text.parse().map_err(InputValueError::custom)?;
        Ok(Self(date.to_string()))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

impl From<Date> for String {
    fn from(date: Date) -> Self {
        date.0
    }
}

impl From<String> for Date {
    fn from(text: String) -> Self {
        Self(text)
    }
}

/// An exact decimal number of up to 28 digits, as text: `"10.10"`. Whole numbers are accepted too; numbers with a fraction
/// are not, as they may have been rounded already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decimal(String);

#[Scalar]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = match &value {
            Value::String(text) => text.clone(),
            Value::Number(number) if !number.is_f64() => number.to_string(),
            Value::Number(_) => {
                return Err(InputValueError::custom("a Decimal with a fraction is a text, like \"10.10\""));
            }
            _ => return Err(InputValueError::expected_type(value)),
        };
        let number: value::Decimal = text.parse().map_err(InputValueError::custom)?;
        Ok(Self(number.to_string()))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

impl From<Decimal> for String {
    fn from(number: Decimal) -> Self {
        number.0
    }
}

impl From<String> for Decimal {
    fn from(text: String) -> Self {
        Self(text)
    }
}

/// Any JSON value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Json(pub value::Json);

#[Scalar(name = "JSON")]
impl ScalarType for Json {
    fn parse(value: Value) -> InputValueResult<Self> {
        value.into_json().map(Self).map_err(InputValueError::custom)
    }

    fn to_value(&self) -> Value {
        Value::from_json(self.0.clone()).unwrap_or_default()
    }
}

/// The JSON's text, as it travels.
impl From<Json> for String {
    fn from(json: Json) -> Self {
        json.0.to_string()
    }
}

/// Reads the text that a service sent; what is no JSON shows as the text itself.
impl From<String> for Json {
    fn from(text: String) -> Self {
        Self(serde_json::from_str(&text).unwrap_or(value::Json::String(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(value: Value) -> Option<String> {
        ScalarType::parse(value).ok().map(|Decimal(text)| text)
    }

    #[test]
    fn decimals_are_texts_or_whole_numbers() {
        assert_eq!(parsed(Value::from("10.10")), Some("10.10".to_owned()));
        assert_eq!(parsed(Value::from(7)), Some("7".to_owned()));
        assert_eq!(parsed(Value::from(10.1)), None, "it may have been rounded");
        assert_eq!(parsed(Value::from("1e3")), None);
        assert_eq!(parsed(Value::from("12345678901234567890123456789.5")), None, "too many digits");
        assert_eq!(parsed(Value::Null), None);
    }
}
