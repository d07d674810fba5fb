//! SQL functions that each connection needs.

use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;

use crate::query::{FOLD, fold};

/// Adds the runtime's functions to a connection.
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
    })
}
