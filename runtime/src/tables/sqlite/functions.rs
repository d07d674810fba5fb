//! SQL functions and the order of Decimals, which each connection needs.

use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;

use crate::query::{FOLD, fold};
use crate::value::Decimal;
use std::cmp::Ordering;

/// The collation of Decimals, which stand as their plain text: equal and ordered by value.
const DECIMAL_ORDER: &str = "scaffold_decimal";

/// Adds what the runtime's SQL uses to a connection.
///
/// SQLite's own `lower` knows ASCII only.
///
/// # Errors
/// If SQLite refuses.
pub(crate) fn register(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function(FOLD, 1, flags, |context| {
        let text: Option<String> = context.get(0)?;
        Ok(text.map(|text| fold(&text)))
    })?;
    connection.create_collation(DECIMAL_ORDER, by_value)
}

/// What is no number stands behind all numbers, so that any two texts have an order.
fn by_value(left: &str, right: &str) -> Ordering {
    match (left.parse::<Decimal>(), right.parse::<Decimal>()) {
        (Ok(left), Ok(right)) => left.cmp(&right),
        (Ok(_), Err(_)) => Ordering::Less,
        (Err(_), Ok(_)) => Ordering::Greater,
        (Err(_), Err(_)) => left.cmp(right),
    }
}
