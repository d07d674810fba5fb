//! Rows in a change log, in the same form in every database.

use super::LoggedChange;
use crate::entry::{ColumnKind, Row, RowBase, Table, Value};
use crate::store::StoreError;
use crate::value::{DateTime, Json};

/// A row as one JSON text, for the change log: base columns, then the values.
pub(super) fn to_text(row: &Row) -> String {
    let values: Vec<Json> = row.values.iter().map(plain).collect();
    let RowBase { id, created_at, changed_at } = &row.base;
    serde_json::json!([id, created_at.millis(), changed_at.millis(), values]).to_string()
}

/// What stands in the place of a row whose values were erased.
pub(super) const FORGOTTEN: &str = "null";

/// A change as it was logged.
///
/// # Errors
/// When the text is not of this table.
pub(super) fn change(table: &Table, number: i64, id: String, text: Option<&str>) -> Result<LoggedChange, StoreError> {
    let is_forgotten = text == Some(FORGOTTEN);
    let before = text.filter(|_| !is_forgotten).map(|text| from_text(table, text)).transpose()?;
    Ok(LoggedChange { number: number.unsigned_abs(), id, before, is_forgotten })
}

/// The row that [`to_text`] wrote.
fn from_text(table: &Table, text: &str) -> Result<Row, StoreError> {
    let wrong = |error: String| StoreError::Invalid(format!("a row of the change log of {}: {error}", table.entry));
    let parsed = serde_json::from_str::<(String, i64, i64, Vec<Json>)>(text);
    let (id, created_at, changed_at, values) = parsed.map_err(|error| wrong(error.to_string()))?;
    let (created_at, changed_at) = (DateTime::from_millis(created_at), DateTime::from_millis(changed_at));
    let values: Option<Vec<Value>> =
        table.columns.iter().zip(values).map(|(column, value)| typed(column.kind, value)).collect();
    let values = values.ok_or_else(|| wrong("a value does not fit its column".to_owned()))?;
    Ok(Row { base: RowBase { id, created_at, changed_at }, values })
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
