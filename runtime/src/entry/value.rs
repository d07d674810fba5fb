//! A column's value on its way to and from the database.

use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

use crate::value::{Date, DateTime, Decimal, Json};

/// A value of one column.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// No value.
    #[default]
    Null,
    /// Text.
    Text(String),
    /// A 64-bit integer.
    Integer(i64),
    /// A finite float.
    Real(f64),
    /// True or false.
    Boolean(bool),
    /// A moment in time.
    Instant(DateTime),
    /// A calendar date.
    Date(Date),
    /// An exact decimal number.
    Decimal(Decimal),
    /// A list, an object or free JSON.
    Json(Json),
}

/// Why a value does not fit its column.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("column {column:?}: {reason}")]
pub struct ValueError {
    /// The column's SQL name, empty where it is not known yet.
    pub column: String,
    /// What was wrong.
    pub reason: String,
}

impl ValueError {
    /// An error about `column`.
    pub fn new(column: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { column: column.into(), reason: reason.into() }
    }
}

impl Value {
    /// Writes a list, a nested object or free JSON; `null` becomes [`Value::Null`].
    ///
    /// # Errors
    /// When the value has no JSON form.
    pub fn json<T: Serialize>(value: &T) -> Result<Self, ValueError> {
        match serde_json::to_value(value) {
            Ok(Json::Null) => Ok(Self::Null),
            Ok(json) => Ok(Self::Json(json)),
            Err(error) => Err(ValueError::new("", error.to_string())),
        }
    }

    /// Writes an enum as the text of its value; `None` becomes [`Value::Null`].
    ///
    /// # Errors
    /// When the value does not serialize to a text.
    pub fn enumeration<T: Serialize>(value: &T) -> Result<Self, ValueError> {
        match serde_json::to_value(value) {
            Ok(Json::Null) => Ok(Self::Null),
            Ok(Json::String(text)) => Ok(Self::Text(text)),
            Ok(other) => Err(ValueError::new("", format!("{other} is not the text of an enum"))),
            Err(error) => Err(ValueError::new("", error.to_string())),
        }
    }

    /// Whether there is no value.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// What kind of value it is, for error messages.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Text(_) => "text",
            Self::Integer(_) => "integer",
            Self::Real(_) => "float",
            Self::Boolean(_) => "boolean",
            Self::Instant(_) => "date-time",
            Self::Date(_) => "date",
            Self::Decimal(_) => "decimal",
            Self::Json(_) => "JSON",
        }
    }
}

/// Reads JSON into the type of a field, naming the column when it does not fit.
pub(super) fn from_json<T: DeserializeOwned>(column: &str, json: Json) -> Result<T, ValueError> {
    serde_json::from_value(json).map_err(|error| ValueError::new(column, error.to_string()))
}

macro_rules! value_from {
    ($($from:ty => $variant:ident),* $(,)?) => {$(
        impl From<$from> for Value {
            fn from(value: $from) -> Self {
                Self::$variant(value)
            }
        }
        impl From<&$from> for Value {
            fn from(value: &$from) -> Self {
                Self::$variant(value.clone())
            }
        }
        impl From<&Option<$from>> for Value {
            fn from(value: &Option<$from>) -> Self {
                value.as_ref().map_or(Self::Null, Self::from)
            }
        }
    )*};
}

value_from! {
    String => Text,
    i64 => Integer,
    f64 => Real,
    bool => Boolean,
    DateTime => Instant,
    Date => Date,
    Decimal => Decimal,
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
