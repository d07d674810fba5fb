//! The text by which a caller asks for what comes after a page: opaque, and bound to its question.

use super::keyset::Key;
use super::{Filter, Invalid};
use crate::entry::{ColumnKind, Table, Value};
use crate::value::{DateTime, Json};

/// Writes and reads cursors: hexadecimal JSON of the question's fingerprint and the last row's keys.
pub(super) struct Cursor;

impl Cursor {
    /// A fingerprint of what a cursor must be used with: table, filter, order.
    pub(super) fn question(table: &Table, filter: &Filter, keys: &[Key]) -> u64 {
        let mut text = format!("{}\n{}\n{filter:?}\n", table.entry, table.definition);
        for key in keys {
            text.push_str(&format!("{} {}\n", key.column.name, key.descending));
        }
        fingerprint(text.as_bytes())
    }

    pub(super) fn write(question: u64, values: &[Value]) -> String {
        let values: Vec<Json> = values.iter().map(write_value).collect();
        let text = serde_json::json!([question, values]).to_string();
        text.bytes().map(|byte| format!("{byte:02x}")).collect()
    }

    /// # Errors
    /// When it is none of ours, or of another list, filter or order.
    pub(super) fn read(cursor: &str, question: u64, keys: &[Key]) -> Result<Vec<Value>, Invalid> {
        let malformed = || Invalid::field("after", "is not a cursor of this list");
        let bytes = unhex(cursor).ok_or_else(malformed)?;
        let (asked, values): (u64, Vec<Json>) = serde_json::from_slice(&bytes).map_err(|_| malformed())?;
        if asked != question {
            return Err(Invalid::field("after", "is the cursor of another filter or order"));
        }
        if values.len() != keys.len() {
            return Err(malformed());
        }
        let read = keys.iter().zip(values).map(|(key, value)| read_value(key.column.kind, value));
        read.collect::<Option<Vec<Value>>>().ok_or_else(malformed)
    }
}

fn write_value(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Text(text) => Json::from(text.as_str()),
        Value::Integer(number) => Json::from(*number),
        // The bits, so that not even the last digit can move.
        Value::Real(number) => Json::from(number.to_bits()),
        Value::Boolean(flag) => Json::from(*flag),
        Value::Instant(at) => Json::from(at.millis()),
        Value::Date(date) => Json::from(date.to_string()),
        Value::Decimal(number) => Json::from(number.to_string()),
        Value::Json(json) => json.clone(),
    }
}

fn read_value(kind: ColumnKind, json: Json) -> Option<Value> {
    Some(match (kind, json) {
        (_, Json::Null) => Value::Null,
        (ColumnKind::Text, Json::String(text)) => Value::Text(text),
        (ColumnKind::Integer, Json::Number(number)) => Value::Integer(number.as_i64()?),
        (ColumnKind::Real, Json::Number(bits)) => {
            let number = f64::from_bits(bits.as_u64()?);
            number.is_finite().then_some(Value::Real(number))?
        }
        (ColumnKind::Boolean, Json::Bool(flag)) => Value::Boolean(flag),
        (ColumnKind::Instant, Json::Number(millis)) => Value::Instant(DateTime::checked(millis.as_i64()?)?),
        (ColumnKind::Date, Json::String(text)) => Value::Date(text.parse().ok()?),
        (ColumnKind::Decimal, Json::String(text)) => Value::Decimal(text.parse().ok()?),
        _ => return None,
    })
}

/// FNV-1a: small, and the same in every process and release.
fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text.chars().map(|digit| u8::try_from(digit.to_digit(16)?).ok()).collect();
    let digits = digits?;
    let pairs = digits.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    Some(pairs.filter_map(|pair| Some(pair.first()? << 4 | pair.last()?)).collect())
}
