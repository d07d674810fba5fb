//! Events as a projection reads them, and those that it puts aside.

use super::kind::{Event, Kind};
use crate::erasure::SUBJECT_ERASED;
use crate::event::{DecodeError, Meta, Position, Query, QueryItem, StoredEvent};
use crate::tables::Parked;

/// An event with what it is to its projection.
pub(super) struct Read {
    pub(super) stored: StoredEvent,
    pub(super) meta: Meta,
    pub(super) event: Event,
}

impl Read {
    /// What was read.
    pub(super) fn new(stored: StoredEvent, event: Event) -> Self {
        Self { meta: stored.meta(), stored, event }
    }
}

/// The readable events of a batch, those to be put aside, and where it has to stop.
pub(super) struct Decoded {
    pub(super) read: Vec<Read>,
    pub(super) parked: Vec<Parked>,
    pub(super) stop: Option<(Position, String)>,
}

/// The events that a projection follows.
pub(super) fn query(kind: &Kind) -> Query {
    if kind.sources.iter().any(|source| source.types.is_empty()) {
        return Query::All;
    }
    let mut types: Vec<&'static str> = kind.sources.iter().flat_map(|source| source.types.iter().copied()).collect();
    if kind.is_personal {
        types.push(SUBJECT_ERASED);
    }
    if types.is_empty() { Query::Items(Vec::new()) } else { Query::of([QueryItem::of(&types, [])]) }
}

/// Whether an event is one of those that a projection follows.
pub(super) fn concerns(kind: &Kind, event: &StoredEvent) -> bool {
    kind.sources.iter().any(|source| {
        source.topic == event.topic && (source.types.is_empty() || source.types.contains(&event.event_type.as_str()))
    })
}

/// What of these events concerns a projection, as far as it can be read.
pub(super) fn decode(kind: &Kind, events: Vec<StoredEvent>) -> Decoded {
    let mut decoded = Decoded { read: Vec::new(), parked: Vec::new(), stop: None };
    for stored in events.into_iter().filter(|event| concerns(kind, event)) {
        match (kind.decode)(&stored) {
            Ok(None) => {}
            Ok(Some(event)) => decoded.read.push(Read::new(stored, event)),
            Err(error @ DecodeError::Newer { .. }) => {
                decoded.stop = Some((stored.position, format!("at position {}: {error}", stored.position)));
                break;
            }
            Err(error) => decoded.parked.push(park(&stored, None, error.to_string())),
        }
    }
    decoded
}

/// Notes an event that cannot be applied.
pub(super) fn park(stored: &StoredEvent, entry: Option<&str>, error: String) -> Parked {
    put_aside(Parked {
        position: stored.position,
        tenant: stored.tenant.clone(),
        event_type: stored.event_type.clone(),
        entry: entry.map(str::to_owned),
        error,
        again: false,
    })
}

/// Says so.
pub(super) fn put_aside(parked: Parked) -> Parked {
    let Parked { position, event_type, entry, error, .. } = &parked;
    tracing::warn!(position, event_type, entry, error, "an event is put aside");
    parked
}
