//! Writing what a projection has worked out from a batch of events.

use rusqlite::{Connection, params};

use super::super::{Batch, Checkpoint, KEPT_CHANGES, Kept, NewChange, Parked, Place, Retried, logged};
use super::schema;
use crate::event::Tenant;
use crate::lease::sqlite::NOW;
use crate::query::quote;
use crate::store::StoreError;

/// Writes a batch, or nothing if the checkpoint has moved. Gives the new one.
///
/// # Errors
/// If the database fails.
pub(super) fn batch(connection: &Connection, place: &Place, batch: &Batch) -> Result<Option<Checkpoint>, StoreError> {
    let Some(checkpoint) = advance(connection, place, batch)? else { return Ok(None) };
    let mut put = connection.prepare_cached(&put_sql(place))?;
    for kept in &batch.kept {
        keep(&mut put, kept)?;
    }
    let mut remove =
        connection.prepare_cached(&format!("DELETE FROM {} WHERE tenant = ?1 AND id = ?2", quote(&place.name)))?;
    for (tenant, id) in &batch.removed {
        remove.execute((tenant.as_str(), id))?;
    }
    write_changes(connection, place, batch)?;
    forget(connection, place, &batch.forgotten)?;
    write_parked(connection, place, &batch.parked)?;
    write_retried(connection, place, &batch.retried)?;
    Ok(Some(checkpoint))
}

fn advance(connection: &Connection, place: &Place, batch: &Batch) -> Result<Option<Checkpoint>, StoreError> {
    if schema::checkpoint(connection, place)? != batch.from {
        return Ok(None);
    }
    let next = batch.behind();
    let sql = "UPDATE projections SET position = ?2, last_change = ?3 WHERE name = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    statement.execute(params![&*place.name, next.position.cast_signed(), next.last_change.cast_signed()])?;
    Ok(Some(next))
}

fn put_sql(place: &Place) -> String {
    let columns: String = place.table.columns.iter().map(|column| format!(", {}", quote(column.name))).collect();
    let values: String = (0..place.table.columns.len()).map(|number| format!(", ?{}", number + 6)).collect();
    let name = quote(&place.name);
    format!(
        "INSERT OR REPLACE INTO {name} (tenant, id, created_at, changed_at, _position{columns}) \
         VALUES (?1, ?2, ?3, ?4, ?5{values})"
    )
}

fn keep(put: &mut rusqlite::CachedStatement<'_>, kept: &Kept) -> Result<(), StoreError> {
    let Kept { tenant, row, position } = kept;
    put.raw_bind_parameter(1, tenant.as_str())?;
    put.raw_bind_parameter(2, &row.base.id)?;
    put.raw_bind_parameter(3, row.base.created_at.millis())?;
    put.raw_bind_parameter(4, row.base.changed_at.millis())?;
    put.raw_bind_parameter(5, position.cast_signed())?;
    for (number, value) in row.values.iter().enumerate() {
        put.raw_bind_parameter(number + 6, value)?;
    }
    put.raw_execute()?;
    Ok(())
}

fn write_changes(connection: &Connection, place: &Place, batch: &Batch) -> Result<(), StoreError> {
    if batch.changes.is_empty() {
        return Ok(());
    }
    let log = quote(&schema::log_name(place));
    let sql =
        format!("INSERT INTO {log} (number, tenant, id, position, removed, before) VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
    let mut statement = connection.prepare_cached(&sql)?;
    let position = batch.to.cast_signed();
    for (number, NewChange { tenant, id, before, removed }) in batch.numbered() {
        let before = before.as_ref().map(logged::to_text);
        statement.execute(params![number.cast_signed(), tenant.as_str(), id, position, removed, before])?;
    }
    let trim = format!("DELETE FROM {log} WHERE number <= (SELECT max(number) FROM {log}) - ?1");
    connection.prepare_cached(&trim)?.execute([KEPT_CHANGES.cast_signed()])?;
    Ok(())
}

/// Takes the earlier values of entries out of the log.
fn forget(connection: &Connection, place: &Place, forgotten: &[(Tenant, Option<String>)]) -> Result<(), StoreError> {
    let sql = format!(
        "UPDATE {} SET before = '{}' WHERE tenant = ?1 AND (?2 IS NULL OR id = ?2) AND before IS NOT NULL",
        quote(&schema::log_name(place)),
        logged::FORGOTTEN
    );
    for (tenant, id) in forgotten {
        connection.prepare_cached(&sql)?.execute(params![tenant.as_str(), id])?;
    }
    Ok(())
}

fn write_parked(connection: &Connection, place: &Place, parked: &[Parked]) -> Result<(), StoreError> {
    if parked.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "INSERT INTO parked (projection, position, tenant, type, entry, error, resent, parked_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, {NOW})"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    for Parked { position, tenant, event_type, entry, error, again } in parked {
        let position = position.cast_signed();
        statement.execute(params![&*place.name, position, tenant.as_str(), event_type, entry, error, again])?;
    }
    Ok(())
}

/// What has been applied lies aside no longer.
fn write_retried(connection: &Connection, place: &Place, retried: &[Retried]) -> Result<(), StoreError> {
    for Retried { number, error } in retried {
        let which = (&*place.name, number.cast_signed());
        match error {
            None => connection.execute("DELETE FROM parked WHERE projection = ?1 AND number = ?2", which)?,
            Some(error) => connection.execute(
                "UPDATE parked SET attempts = attempts + 1, error = ?3, resent = 0 WHERE projection = ?1 AND number = ?2",
                (which.0, which.1, error),
            )?,
        };
    }
    Ok(())
}
