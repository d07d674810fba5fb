//! Reading the change log.

use rusqlite::Connection;

use super::super::{Changes, Place, logged};
use super::schema;
use crate::event::Tenant;
use crate::query::quote;
use crate::store::StoreError;

/// Up to `limit` changes of a tenant's entries behind a number.
///
/// # Errors
/// If the database fails.
pub(super) fn changes(
    connection: &Connection,
    place: &Place,
    tenant: &Tenant,
    after: u64,
    limit: usize,
) -> Result<Changes, StoreError> {
    let log = quote(&schema::log_name(place));
    let oldest = format!("SELECT min(number) FROM {log}");
    let oldest: Option<i64> = connection.prepare_cached(&oldest)?.query_row([], |row| row.get(0))?;
    if oldest.is_some_and(|oldest| oldest.unsigned_abs() > after + 1) {
        return Ok(Changes::Trimmed);
    }
    let sql =
        format!("SELECT number, id, before FROM {log} WHERE tenant = ?1 AND number > ?2 ORDER BY number LIMIT ?3");
    let mut statement = connection.prepare_cached(&sql)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut result = statement.query((tenant.as_str(), after.cast_signed(), limit))?;
    let mut found = Vec::new();
    while let Some(row) = result.next()? {
        let before: Option<String> = row.get(2)?;
        found.push(logged::change(&place.table, row.get(0)?, row.get(1)?, before.as_deref())?);
    }
    Ok(Changes::Found(found))
}
