//! Reading events.

use super::{rows, select};
use crate::event::{Query, StoredEvent, Tenant};
use crate::store::{Range, StoreError};
use rusqlite::{Connection, params_from_iter};
use std::cmp::Reverse;

/// The events that a query means, of one tenant or of all.
///
/// # Errors
/// If the database fails.
pub(super) fn events(
    connection: &Connection,
    tenant: Option<&Tenant>,
    query: &Query,
    range: Range,
) -> Result<Vec<StoredEvent>, StoreError> {
    if range.limit == Some(0) || range.until.is_some_and(|until| until <= range.after) {
        return Ok(Vec::new());
    }
    let mut parts = Vec::new();
    for select in select::selects(tenant, query, range) {
        let mut statement = connection.prepare_cached(&select.sql)?;
        let mut found = statement.query(params_from_iter(&select.values))?;
        let mut part = Vec::new();
        while let Some(row) = found.next()? {
            part.push(rows::event(row)?);
        }
        parts.push(part);
    }
    Ok(merge(parts, range))
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
