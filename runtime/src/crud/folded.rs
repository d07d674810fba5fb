//! An entry as its events give it, and what a write happens with.

use super::CrudType;
use crate::event::{Meta, Metadata, NewEvent, Position, StoredEvent, Tenant};
use crate::projection::{Live, Route, Target};
use crate::store::EventStore;

/// What a write happens with.
pub(crate) struct Writing<'a> {
    /// The tenant's events.
    pub(crate) events: &'a dyn EventStore,
    /// Whose entry.
    pub(crate) tenant: &'a Tenant,
    /// The type's entries as they can be read.
    pub(crate) live: &'a Live,
    /// Where the event comes from.
    pub(crate) metadata: Metadata,
    /// The operation's name and the caller's key, under which a repeat gets the first answer.
    pub(crate) idempotency: Option<(String, String)>,
}

/// An entry as its events give it.
pub(super) struct Folded<C> {
    pub(super) entry: Option<C>,
    /// With all events up to here.
    pub(super) position: Position,
}

/// The types of the type's events.
pub(super) fn types<C: CrudType>() -> Vec<&'static str> {
    C::SOURCES.iter().flat_map(|source| source.types.iter().copied()).collect()
}

/// Applies an event as the projection does: what cannot be applied leaves the entry as it was.
pub(super) fn apply<C: CrudType>(entry: &mut Option<C>, id: &str, event: &C::Event, meta: &Meta) {
    let routes = match C::route(event, meta) {
        Ok(routes) => routes,
        Err(error) => return tracing::warn!(position = meta.position, %error, "an event is skipped"),
    };
    for route in routes {
        match route {
            Route::Upsert(Target::Id(of)) if of == id => {
                let mut next = entry.clone().unwrap_or_else(|| C::new(of, meta.raised_at));
                match next.apply(event, meta) {
                    Ok(()) => {
                        next.touch(meta.raised_at);
                        *entry = Some(next);
                    }
                    Err(error) => tracing::warn!(position = meta.position, %error, "an event is skipped"),
                }
            }
            Route::Remove(Target::Id(of)) if of == id => *entry = None,
            _ => {}
        }
    }
}

/// The event as the store will have it.
pub(super) fn stored(new: NewEvent, tenant: &Tenant, position: Position) -> StoredEvent {
    StoredEvent {
        position,
        tenant: tenant.clone(),
        id: new.id,
        topic: new.topic.into_owned(),
        stream: new.stream,
        event_type: new.event_type.into_owned(),
        version: new.version,
        tags: new.tags,
        payload: new.payload,
        metadata: new.metadata,
        raised_at: new.raised_at,
    }
}
