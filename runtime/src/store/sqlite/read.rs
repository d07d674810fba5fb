//! Reading events.

use super::select::Remnants;
use super::{deletion, rows, select};
use crate::event::{Position, Query, StoredEvent, Tenant};
use crate::store::deletion::Memory;
use crate::store::{Range, StoreError};
use rusqlite::{Connection, params_from_iter};
use std::cmp::Reverse;

/// The events that a query means, of one tenant or of all.
///
/// # Errors
/// If the database fails; [`StoreError::Deleted`] if nothing may be missing and something is.
pub(super) fn events(
    connection: &Connection,
    memory: &Memory,
    tenant: Option<&Tenant>,
    (query, range): (&Query, Range),
) -> Result<Vec<StoredEvent>, StoreError> {
    if range.limit == Some(0) || range.until.is_some_and(|until| until <= range.after) {
        return Ok(Vec::new());
    }
    if memory.is_old(range) {
        memory.learn(deletion::horizons(connection)?);
    }
    memory.check(query, range)?;
    loop {
        let remnants = if memory.leaves_out(range) { Remnants::LeftOut } else { Remnants::Found };
        match found(connection, tenant, query, (range, remnants))? {
            Found::Events(events) => return Ok(events),
            Found::Remnant(event_type, position) => memory.met(range, &event_type, position)?,
        }
    }
}

enum Found {
    Events(Vec<StoredEvent>),
    /// What is left of an event of this type, at this position.
    Remnant(String, Position),
}

fn found(
    connection: &Connection,
    tenant: Option<&Tenant>,
    query: &Query,
    (range, remnants): (Range, Remnants),
) -> Result<Found, StoreError> {
    let mut parts = Vec::new();
    for select in select::selects(tenant, query, range, remnants) {
        let mut statement = connection.prepare_cached(&select.sql)?;
        let mut found = statement.query(params_from_iter(&select.values))?;
        let mut part = Vec::new();
        while let Some(row) = found.next()? {
            match rows::event(row)? {
                Some(event) => part.push(event),
                None => return Ok(Found::Remnant(row.get(5)?, row.get::<_, i64>(0)?.unsigned_abs())),
            }
        }
        parts.push(part);
    }
    Ok(Found::Events(merge(parts, range)))
}

/// Brings the events into one order. A query of very many items is answered in several parts, each up to the limit, and the
/// same event may be in two. A single part is in order as a rule, and sorting what is sorted costs a walk.
fn merge(parts: Vec<Vec<StoredEvent>>, range: Range) -> Vec<StoredEvent> {
    let mut events: Vec<StoredEvent> = parts.into_iter().flatten().collect();
    if range.backwards {
        events.sort_by_key(|event| Reverse(event.position));
    } else {
        events.sort_by_key(|event| event.position);
    }
    events.dedup_by_key(|event| event.position);
    events.truncate(range.limit.unwrap_or(usize::MAX));
    events
}
