//! Values and rows, to and from SQLite.

use rusqlite::Row as SqliteRow;
use rusqlite::types::{ToSql, ToSqlOutput, Value as Stored, ValueRef};

use crate::entry::{ColumnKind, Row, RowBase, Table, Value};
use crate::store::StoreError;
use crate::value::{DateTime, Json};

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Owned(Stored::Null),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Integer(number) => ToSqlOutput::Owned(Stored::Integer(*number)),
            Self::Real(number) => ToSqlOutput::Owned(Stored::Real(*number)),
            Self::Boolean(flag) => ToSqlOutput::Owned(Stored::Integer(i64::from(*flag))),
            Self::Instant(at) => ToSqlOutput::Owned(Stored::Integer(at.millis())),
            Self::Date(date) => ToSqlOutput::Owned(Stored::Text(date.to_string())),
            Self::Decimal(number) => ToSqlOutput::Owned(Stored::Text(number.to_string())),
            Self::Json(json) => ToSqlOutput::Owned(Stored::Text(json.to_string())),
        })
    }
}

/// Reads id, createdAt, changedAt and the table's own columns, in this order from the first on.
///
/// # Errors
/// When a stored value does not fit its column.
pub(super) fn row(table: &Table, from: &SqliteRow<'_>) -> Result<Row, StoreError> {
    let base = RowBase {
        id: from.get(0)?,
        created_at: DateTime::from_millis(from.get(1)?),
        changed_at: DateTime::from_millis(from.get(2)?),
    };
    let columns = table.columns.iter().enumerate();
    let values: Result<_, StoreError> = columns.map(|(place, column)| value(column.kind, from, place + 3)).collect();
    Ok(Row { base, values: values? })
}

/// Reads one column.
///
/// # Errors
/// When the stored value does not fit the kind.
pub(super) fn value(kind: ColumnKind, from: &SqliteRow<'_>, place: usize) -> Result<Value, StoreError> {
    if from.get_ref(place)? == ValueRef::Null {
        return Ok(Value::Null);
    }
    Ok(match kind {
        ColumnKind::Text => Value::Text(from.get(place)?),
        ColumnKind::Integer => Value::Integer(from.get(place)?),
        ColumnKind::Real => Value::Real(from.get(place)?),
        ColumnKind::Boolean => Value::Boolean(from.get(place)?),
        ColumnKind::Instant => Value::Instant(DateTime::from_millis(from.get(place)?)),
        ColumnKind::Date => {
            let text: String = from.get(place)?;
            Value::Date(text.parse().map_err(|error| StoreError::Invalid(format!("a stored date: {error}")))?)
        }
        ColumnKind::Decimal => {
            let text: String = from.get(place)?;
            Value::Decimal(text.parse().map_err(|error| StoreError::Invalid(format!("a stored number: {error}")))?)
        }
        ColumnKind::Json => Value::Json(json(from.get_ref(place)?.as_str().map_err(rusqlite::Error::from)?)?),
    })
}

/// A row as one JSON text, for the change log: base columns, then the values.
pub(super) fn to_json(row: &Row) -> String {
    let values: Vec<Json> = row.values.iter().map(plain).collect();
    let RowBase { id, created_at, changed_at } = &row.base;
    serde_json::json!([id, created_at.millis(), changed_at.millis(), values]).to_string()
}

/// The row that [`to_json`] wrote.
///
/// # Errors
/// When the text is not of this table.
pub(super) fn from_json(table: &Table, text: &str) -> Result<Row, StoreError> {
    let wrong = |error: String| StoreError::Invalid(format!("a row of the change log of {}: {error}", table.entry));
    let parsed = serde_json::from_str::<(String, i64, i64, Vec<Json>)>(text);
    let (id, created_at, changed_at, values) = parsed.map_err(|error| wrong(error.to_string()))?;
    let (created_at, changed_at) = (DateTime::from_millis(created_at), DateTime::from_millis(changed_at));
    let values: Option<Vec<Value>> =
        table.columns.iter().zip(values).map(|(column, value)| typed(column.kind, value)).collect();
    let values = values.ok_or_else(|| wrong("a value does not fit its column".to_owned()))?;
    Ok(Row { base: RowBase { id, created_at, changed_at }, values })
}

fn json(text: &str) -> Result<Json, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Invalid(format!("stored JSON: {error}")))
}

fn plain(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Text(text) => Json::from(text.as_str()),
        Value::Integer(number) => Json::from(*number),
        Value::Real(number) => Json::from(*number),
        Value::Boolean(flag) => Json::from(*flag),
        Value::Instant(at) => Json::from(at.millis()),
        Value::Date(date) => Json::from(date.to_string()),
        Value::Decimal(number) => Json::from(number.to_string()),
        // As text, so that JSON null stays apart from no value.
        Value::Json(json) => Json::from(json.to_string()),
    }
}

fn typed(kind: ColumnKind, json: Json) -> Option<Value> {
    Some(match (kind, json) {
        (_, Json::Null) => Value::Null,
        (ColumnKind::Text, Json::String(text)) => Value::Text(text),
        (ColumnKind::Integer, Json::Number(number)) => Value::Integer(number.as_i64()?),
        (ColumnKind::Real, Json::Number(number)) => Value::Real(number.as_f64()?),
        (ColumnKind::Boolean, Json::Bool(flag)) => Value::Boolean(flag),
        (ColumnKind::Instant, Json::Number(millis)) => Value::Instant(DateTime::checked(millis.as_i64()?)?),
        (ColumnKind::Date, Json::String(text)) => Value::Date(text.parse().ok()?),
        (ColumnKind::Decimal, Json::String(text)) => Value::Decimal(text.parse().ok()?),
        (ColumnKind::Json, Json::String(text)) => Value::Json(serde_json::from_str(&text).ok()?),
        _ => return None,
    })
}
