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

fn json(text: &str) -> Result<Json, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Invalid(format!("stored JSON: {error}")))
}
