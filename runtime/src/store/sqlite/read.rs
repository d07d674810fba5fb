//! Reading events.

use super::{rows, select};
use crate::event::{Position, Query, StoredEvent, Tenant};
use crate::store::{Range, StoreError};
use rusqlite::{Connection, params_from_iter};
use std::collections::BTreeMap;

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

/// A query of very many items is answered in several parts, each in order and each up to the limit.
fn merge(mut parts: Vec<Vec<StoredEvent>>, range: Range) -> Vec<StoredEvent> {
    if parts.len() <= 1 {
        return parts.pop().unwrap_or_default();
    }
    let by_position: BTreeMap<Position, StoredEvent> =
        parts.into_iter().flatten().map(|event| (event.position, event)).collect();
    let limit = range.limit.unwrap_or(usize::MAX);
    if range.backwards {
        by_position.into_values().rev().take(limit).collect()
    } else {
        by_position.into_values().take(limit).collect()
    }
}
