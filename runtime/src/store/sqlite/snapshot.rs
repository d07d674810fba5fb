//! Kept states of decisions.

use super::rows;
use crate::event::{Position, Tenant};
use crate::store::snapshot::{FIND, KEEP};
use crate::store::{Snapshot, SnapshotKey, StoreError};
use rusqlite::{Connection, OptionalExtension, params};

/// What was kept.
///
/// # Errors
/// If the database fails.
pub(super) fn find(connection: &Connection, tenant: &Tenant, of: &SnapshotKey) -> Result<Option<Snapshot>, StoreError> {
    let mut statement = connection.prepare_cached(&FIND.replace("{s}", ""))?;
    let found = statement
        .query_row(params![tenant.as_str(), of.command, of.reads, of.definition], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
        })
        .optional()?;
    let Some((position, text)) = found else { return Ok(None) };
    Ok(Some(Snapshot { position: position.unsigned_abs(), state: rows::json(&text)? }))
}

/// Keeps a state, if it is newer or of another definition.
///
/// # Errors
/// If the database fails.
pub(super) fn keep(
    connection: &Connection,
    tenant: &Tenant,
    of: &SnapshotKey,
    (position, text): (Position, &str),
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(&KEEP.replace("{s}", ""))?;
    let position = position.cast_signed();
    statement.execute(params![tenant.as_str(), of.command, of.reads, of.definition, position, text])?;
    Ok(())
}
