//! Deleting events: looked for by a reader, so that the one thread that writes is not held up, then written by their positions.

use crate::event::Position;
use crate::lease::sqlite::NOW;
use crate::store::deletion::{Candidate, REMNANT};
use crate::store::{Deletion, Forgetting, Horizon, StoreError};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params, params_from_iter};

/// What may have to go, in order.
///
/// # Errors
/// If the database fails.
pub(super) fn candidates(connection: &Connection, deletion: &Deletion) -> Result<Vec<Candidate>, StoreError> {
    let types = vec!["?"; deletion.types.len()].join(", ");
    // The plus keeps the planner on the walk in order of position.
    let sql = format!(
        "SELECT position, type, raised_at FROM events WHERE +type IN ({types}) AND version >= 0 AND position > ? \
         AND position > (SELECT min(position) FROM events) AND position <= ? ORDER BY position LIMIT ?"
    );
    let number = |number: u64| Value::Integer(i64::try_from(number).unwrap_or(i64::MAX));
    let of = deletion.types.iter().cloned().map(Value::Text);
    let values = of.chain([deletion.after, deletion.until, deletion.limit as u64].map(number));
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let position = row.get::<_, i64>(0)?.unsigned_abs();
        found.push(Candidate { position, event_type: row.get(1)?, raised_at: row.get(2)? });
    }
    Ok(found)
}

/// Leaves remnants at these positions, and notes up to where each type was deleted.
///
/// # Errors
/// If the database fails.
pub(super) fn delete(connection: &Connection, gone: &[Position], horizons: &[Horizon]) -> Result<(), StoreError> {
    let sql = "UPDATE events SET version = ?2, payload = 'null', stream = NULL, correlation_id = NULL, \
         causation_id = NULL, user_id = NULL, reason = NULL, traceparent = NULL WHERE position = ?1 AND version >= 0";
    let mut statement = connection.prepare_cached(sql)?;
    for position in gone {
        statement.execute(params![position.cast_signed(), REMNANT])?;
    }
    for Horizon { event_type, position } in horizons {
        let sql = format!(
            "INSERT INTO deletions (type, position, at) VALUES (?1, ?2, {NOW}) ON CONFLICT (type) DO UPDATE SET \
             position = max(position, excluded.position), at = excluded.at"
        );
        connection.prepare_cached(&sql)?.execute(params![event_type, position.cast_signed()])?;
    }
    Ok(())
}

/// Up to where each type was deleted.
///
/// # Errors
/// If the database fails.
pub(super) fn horizons(connection: &Connection) -> Result<Vec<Horizon>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT type, position FROM deletions WHERE type <> '' ORDER BY type")?;
    let rows = statement
        .query_map([], |row| Ok(Horizon { event_type: row.get(0)?, position: row.get::<_, i64>(1)?.unsigned_abs() }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Which remnants are due, looked for by a reader.
pub(super) enum Due {
    /// It was never noted where the head is.
    Unmarked,
    /// None for now.
    NotYet,
    /// Those at these positions.
    These(Vec<i64>),
}

/// Looks for remnants that are old enough.
///
/// # Errors
/// If the database fails.
pub(super) fn due(connection: &Connection, forgetting: Forgetting) -> Result<Due, StoreError> {
    let Forgetting { age, after, limit } = forgetting;
    let sql = format!("SELECT position, {NOW} - at FROM deletions WHERE type = ''");
    let marked: Option<(i64, i64)> =
        connection.prepare_cached(&sql)?.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let Some((until, passed)) = marked else { return Ok(Due::Unmarked) };
    if passed < i64::try_from(age.as_millis()).unwrap_or(i64::MAX) {
        return Ok(Due::NotYet);
    }
    let sql = "SELECT position FROM events WHERE position > ?1 AND position <= ?2 AND version = ?3 \
         ORDER BY position LIMIT ?4";
    let values = params![after.cast_signed(), until, REMNANT, i64::try_from(limit).unwrap_or(i64::MAX)];
    let mut statement = connection.prepare_cached(sql)?;
    let due = statement.query_map(values, |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(Due::These(due))
}

/// Lets go of remnants; of the last ones, with where the head is now.
///
/// # Errors
/// If the database fails.
pub(super) fn forget(connection: &Connection, due: &[i64], is_last: bool) -> Result<(), StoreError> {
    for position in due {
        remove(connection, *position)?;
    }
    if is_last { mark(connection) } else { Ok(()) }
}

fn remove(connection: &Connection, position: i64) -> Result<(), StoreError> {
    // Tags are found by tenant and tag.
    let tags = "DELETE FROM event_tags WHERE position = ?1 AND (tenant, tag) IN (SELECT e.tenant, t.value \
         FROM events AS e, json_each(e.tags) AS t WHERE e.position = ?1)";
    connection.prepare_cached(tags)?.execute([position])?;
    connection.prepare_cached("DELETE FROM events WHERE position = ?1")?.execute([position])?;
    Ok(())
}

/// Notes the head as it is now.
fn mark(connection: &Connection) -> Result<(), StoreError> {
    let sql = format!(
        "INSERT INTO deletions (type, position, at) SELECT '', position, {NOW} FROM counter WHERE true \
         ON CONFLICT (type) DO UPDATE SET position = excluded.position, at = excluded.at"
    );
    connection.prepare_cached(&sql)?.execute([])?;
    Ok(())
}
