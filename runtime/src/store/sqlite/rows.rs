//! Stored rows as events.

use crate::event::{Metadata, StoredEvent, Tag, Tenant};
use crate::store::StoreError;
use crate::store::deletion::REMNANT;
use crate::value::Json;
use rusqlite::Row;
use uuid::Uuid;

/// The columns that [`event`] reads, in its order.
pub(super) const COLUMNS: &str = "e.position, e.tenant, e.id, e.topic, e.stream, e.type, e.version, e.tags, e.payload, \
     e.correlation_id, e.causation_id, e.user_id, e.reason, e.traceparent, e.raised_at";

/// The event in a row of [`COLUMNS`]; none if only a remnant is left of it.
///
/// # Errors
/// If the row holds what no append of ours has written.
pub(super) fn event(row: &Row<'_>) -> Result<Option<StoredEvent>, StoreError> {
    if row.get::<_, i64>(6)? == REMNANT {
        return Ok(None);
    }
    let id: Vec<u8> = row.get(2)?;
    let id = Uuid::from_slice(&id).map_err(|error| StoreError::Invalid(format!("a stored event id: {error}")))?;
    let tags: Vec<Tag> =
        serde_json::from_str(row.get_ref(7)?.as_str().map_err(rusqlite::Error::from)?).map_err(broken)?;
    Ok(Some(StoredEvent {
        position: row.get::<_, i64>(0)?.unsigned_abs(),
        tenant: Tenant::new(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?),
        id,
        topic: row.get(3)?,
        stream: row.get(4)?,
        event_type: row.get(5)?,
        version: row.get(6)?,
        tags,
        payload: json(row.get_ref(8)?.as_str().map_err(rusqlite::Error::from)?)?,
        metadata: Metadata {
            correlation_id: row.get(9)?,
            causation_id: row.get(10)?,
            user_id: row.get(11)?,
            reason: row.get(12)?,
            traceparent: row.get(13)?,
        },
        raised_at: row.get(14)?,
    }))
}

/// Stored JSON.
///
/// # Errors
/// If the text is not JSON.
pub(super) fn json(text: &str) -> Result<Json, StoreError> {
    serde_json::from_str(text).map_err(broken)
}

fn broken(error: serde_json::Error) -> StoreError {
    StoreError::Invalid(format!("stored JSON is broken: {error}"))
}
