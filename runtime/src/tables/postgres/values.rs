//! Values and rows, to and from PostgreSQL.

use super::indexes::indexes;
use crate::entry::{Column, ColumnKind, Row as Entry, RowBase, Table, Value, ValueError};
use crate::store::StoreError;
use crate::store::postgres::Parameter;
use crate::value::{DateTime, Json};
use std::error::Error;
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, ToSql, Type};

/// An entry of an index takes 2,704 bytes in all.
const LONGEST_ENTRY: usize = 2_600;

/// A value on its way to the server, with its type.
pub(super) struct Bound(Box<dyn ToSql + Sync + Send>, Type);

impl Bound {
    /// As a statement takes it.
    pub(super) fn parameter(&self) -> Parameter<'_> {
        (&*self.0, self.1.clone())
    }
}

/// A parameter of the same kind as its column.
pub(super) fn bound(value: Value) -> Bound {
    match value {
        Value::Null => Bound(Box::new(None::<String>), Type::TEXT),
        Value::Text(text) => Bound(Box::new(text), Type::TEXT),
        Value::Integer(number) => Bound(Box::new(number), Type::INT8),
        Value::Real(number) => Bound(Box::new(number), Type::FLOAT8),
        Value::Boolean(flag) => Bound(Box::new(flag), Type::BOOL),
        Value::Instant(at) => Bound(Box::new(at.millis()), Type::INT8),
        Value::Date(date) => Bound(Box::new(date.to_string()), Type::TEXT),
        Value::Decimal(number) => Bound(Box::new(number.to_string()), Type::TEXT),
        Value::Json(json) => Bound(Box::new(json.to_string()), Type::TEXT),
    }
}

/// The values of one column in many rows, as one array.
pub(super) fn array<'a>(kind: ColumnKind, values: impl Iterator<Item = &'a Value>) -> Bound {
    match kind {
        ColumnKind::Text | ColumnKind::Date | ColumnKind::Decimal | ColumnKind::Json => {
            Bound(Box::new(values.map(text).collect::<Vec<_>>()), Type::TEXT_ARRAY)
        }
        ColumnKind::Integer | ColumnKind::Instant => {
            Bound(Box::new(values.map(integer).collect::<Vec<_>>()), Type::INT8_ARRAY)
        }
        ColumnKind::Real => Bound(Box::new(values.map(real).collect::<Vec<_>>()), Type::FLOAT8_ARRAY),
        ColumnKind::Boolean => Bound(Box::new(values.map(boolean).collect::<Vec<_>>()), Type::BOOL_ARRAY),
    }
}

/// The type of an array's elements, and what makes them the column's.
pub(super) const fn element(kind: ColumnKind) -> (&'static str, &'static str) {
    match kind {
        ColumnKind::Text | ColumnKind::Date => ("text", ""),
        ColumnKind::Decimal => ("text", "::numeric"),
        ColumnKind::Json => ("text", "::json"),
        ColumnKind::Integer | ColumnKind::Instant => ("int8", ""),
        ColumnKind::Real => ("float8", ""),
        ColumnKind::Boolean => ("boolean", ""),
    }
}

/// How a column is kept.
pub(super) const fn sql_type(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Text | ColumnKind::Date => "text COLLATE \"C\"",
        ColumnKind::Integer | ColumnKind::Instant => "int8",
        ColumnKind::Real => "float8",
        ColumnKind::Boolean => "boolean",
        ColumnKind::Decimal => "numeric",
        ColumnKind::Json => "json",
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        Value::Date(date) => Some(date.to_string()),
        Value::Decimal(number) => Some(number.to_string()),
        Value::Json(json) => Some(json.to_string()),
        _ => None,
    }
}

fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Integer(number) => Some(*number),
        Value::Instant(at) => Some(at.millis()),
        _ => None,
    }
}

fn real(value: &Value) -> Option<f64> {
    if let Value::Real(number) = value { Some(*number) } else { None }
}

fn boolean(value: &Value) -> Option<bool> {
    if let Value::Boolean(flag) = value { Some(*flag) } else { None }
}

/// Whether the server can keep the row and index it.
///
/// # Errors
/// When a text holds U+0000, or texts are too long for an index.
pub(super) fn check(table: &Table, row: &Entry) -> Result<(), ValueError> {
    let nul = |name: &str| ValueError::new(name, "it holds the character U+0000, which PostgreSQL cannot store");
    if row.base.id.contains('\0') {
        return Err(nul("id"));
    }
    for (column, value) in table.columns.iter().zip(&row.values) {
        if holds_nul(value) {
            return Err(nul(column.name));
        }
    }
    for columns in indexes(table) {
        let length: usize = columns.iter().map(|name| length(&row.value(table, name))).sum();
        if length + row.base.id.len() > LONGEST_ENTRY {
            let reason = format!("it is too long for an index: with the id it may have {LONGEST_ENTRY} bytes");
            return Err(ValueError::new(columns.join(", "), reason));
        }
    }
    Ok(())
}

fn holds_nul(value: &Value) -> bool {
    match value {
        Value::Text(text) => text.contains('\0'),
        Value::Json(json) => json_holds_nul(json),
        _ => false,
    }
}

fn json_holds_nul(json: &Json) -> bool {
    match json {
        Json::String(text) => text.contains('\0'),
        Json::Array(elements) => elements.iter().any(json_holds_nul),
        Json::Object(fields) => fields.iter().any(|(name, value)| name.contains('\0') || json_holds_nul(value)),
        _ => false,
    }
}

fn length(value: &Value) -> usize {
    if let Value::Text(text) = value { text.len() } else { 8 }
}

/// Reads id, createdAt, changedAt and the table's own columns, in this order from `first` on.
///
/// # Errors
/// When a stored value does not fit its column.
pub(super) fn row(table: &Table, from: &Row, first: usize) -> Result<Entry, StoreError> {
    let base = RowBase {
        id: column(from, first)?,
        created_at: DateTime::from_millis(column(from, first + 1)?),
        changed_at: DateTime::from_millis(column(from, first + 2)?),
    };
    let columns = table.columns.iter().enumerate();
    let values: Result<_, StoreError> =
        columns.map(|(place, Column { kind, .. })| value(*kind, from, first + 3 + place)).collect();
    Ok(Entry { base, values: values? })
}

/// Reads one column.
///
/// # Errors
/// When the stored value does not fit the kind.
pub(super) fn value(kind: ColumnKind, from: &Row, place: usize) -> Result<Value, StoreError> {
    // What was not selected is a null of no kind.
    if from.try_get::<_, Anything>(place).map_err(broken)?.is_null {
        return Ok(Value::Null);
    }
    Ok(match kind {
        ColumnKind::Text => Value::Text(column(from, place)?),
        ColumnKind::Integer => Value::Integer(column(from, place)?),
        ColumnKind::Real => Value::Real(column(from, place)?),
        ColumnKind::Boolean => Value::Boolean(column(from, place)?),
        ColumnKind::Instant => Value::Instant(DateTime::from_millis(column(from, place)?)),
        ColumnKind::Date => {
            let text: &str = column(from, place)?;
            Value::Date(text.parse().map_err(|error| StoreError::Invalid(format!("a stored date: {error}")))?)
        }
        ColumnKind::Decimal => {
            let text: &str = column(from, place)?;
            Value::Decimal(text.parse().map_err(|error| StoreError::Invalid(format!("a stored number: {error}")))?)
        }
        ColumnKind::Json => {
            let Written(text) = column(from, place)?;
            let json = serde_json::from_str(text);
            Value::Json(json.map_err(|error| StoreError::Invalid(format!("stored JSON: {error}")))?)
        }
    })
}

/// The column of this number.
///
/// # Errors
/// If it holds something else.
pub(super) fn column<'a, T: FromSql<'a>>(row: &'a Row, place: usize) -> Result<T, StoreError> {
    row.try_get(place).map_err(broken)
}

#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn broken(error: tokio_postgres::Error) -> StoreError {
    StoreError::Invalid(format!("a stored row: {error}"))
}

/// Tells only whether there is a value.
struct Anything {
    is_null: bool,
}

impl<'a> FromSql<'a> for Anything {
    fn from_sql(_: &Type, _: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self { is_null: false })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self { is_null: true })
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// JSON as it was written.
struct Written<'a>(&'a str);

impl<'a> FromSql<'a> for Written<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(std::str::from_utf8(raw)?))
    }

    fn accepts(of: &Type) -> bool {
        *of == Type::JSON
    }
}
