//! Writing what a projection has worked out from a batch of events.

use rusqlite::{Connection, params};

use super::super::{Batch, KEPT_CHANGES, NewChange, Parked, Place};
use super::{log, rows, schema};
use crate::entry::Row;
use crate::event::{Position, Tenant};
use crate::query::quote;
use crate::store::StoreError;

/// Writes a batch, or nothing if the checkpoint has moved. Gives the change log's last number.
///
/// # Errors
/// If the database fails.
pub(super) fn batch(connection: &Connection, place: &Place, batch: &Batch) -> Result<Option<u64>, StoreError> {
    if !advance(connection, place, batch.from, batch.to)? {
        return Ok(None);
    }
    let mut put = connection.prepare_cached(&put_sql(place))?;
    for (tenant, row) in &batch.kept {
        keep(&mut put, tenant, row)?;
    }
    let mut remove =
        connection.prepare_cached(&format!("DELETE FROM {} WHERE tenant = ?1 AND id = ?2", quote(&place.name)))?;
    for (tenant, id) in &batch.removed {
        remove.execute((tenant.as_str(), id))?;
    }
    write_changes(connection, place, batch)?;
    write_parked(connection, place, &batch.parked)?;
    log::last(connection, place).map(Some)
}

fn advance(connection: &Connection, place: &Place, from: Position, to: Position) -> Result<bool, StoreError> {
    if schema::position(connection, place)? != from {
        return Ok(false);
    }
    let mut statement = connection.prepare_cached("UPDATE projections SET position = ?2 WHERE name = ?1")?;
    Ok(statement.execute(params![&*place.name, to.cast_signed()])? == 1)
}

fn put_sql(place: &Place) -> String {
    let columns: String = place.table.columns.iter().map(|column| format!(", {}", quote(column.name))).collect();
    let values: String = (0..place.table.columns.len()).map(|number| format!(", ?{}", number + 5)).collect();
    let name = quote(&place.name);
    format!(
        "INSERT OR REPLACE INTO {name} (tenant, id, created_at, changed_at{columns}) VALUES (?1, ?2, ?3, ?4{values})"
    )
}

fn keep(put: &mut rusqlite::CachedStatement<'_>, tenant: &Tenant, row: &Row) -> Result<(), StoreError> {
    put.raw_bind_parameter(1, tenant.as_str())?;
    put.raw_bind_parameter(2, &row.base.id)?;
    put.raw_bind_parameter(3, row.base.created_at.millis())?;
    put.raw_bind_parameter(4, row.base.changed_at.millis())?;
    for (number, value) in row.values.iter().enumerate() {
        put.raw_bind_parameter(number + 5, value)?;
    }
    put.raw_execute()?;
    Ok(())
}

fn write_changes(connection: &Connection, place: &Place, batch: &Batch) -> Result<(), StoreError> {
    if batch.changes.is_empty() {
        return Ok(());
    }
    let log = quote(&schema::log_name(place));
    let sql = format!("INSERT INTO {log} (tenant, id, position, removed, before) VALUES (?1, ?2, ?3, ?4, ?5)");
    let mut statement = connection.prepare_cached(&sql)?;
    for NewChange { tenant, id, before, removed } in &batch.changes {
        let before = before.as_ref().map(rows::to_json);
        statement.execute(params![tenant.as_str(), id, batch.to.cast_signed(), removed, before])?;
    }
    let trim = format!("DELETE FROM {log} WHERE number <= (SELECT max(number) FROM {log}) - ?1");
    connection.prepare_cached(&trim)?.execute([KEPT_CHANGES.cast_signed()])?;
    Ok(())
}

fn write_parked(connection: &Connection, place: &Place, parked: &[Parked]) -> Result<(), StoreError> {
    let sql = "INSERT INTO parked (projection, position, tenant, type, entry, error) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let mut statement = connection.prepare_cached(sql)?;
    for Parked { position, tenant, event_type, entry, error } in parked {
        statement.execute(params![&*place.name, position.cast_signed(), tenant.as_str(), event_type, entry, error])?;
    }
    Ok(())
}
