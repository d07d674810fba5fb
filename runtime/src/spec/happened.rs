//! Events of an example, as they are given and as a store would give them back.

use super::NOW;
use crate::event::{EventSet, Meta, Payload, Position, Tag};
use crate::value::{DateTime, Json};
use uuid::Uuid;

/// The tenant of every example.
pub(super) const TENANT: &str = "spec";

/// An event of an example, with what stands beside it.
#[derive(Clone, Debug)]
pub struct Given<E> {
    pub(super) event: E,
    pub(super) at: i64,
    pub(super) user_id: Option<String>,
}

/// An event that happened at the example's instant, by nobody in particular.
pub fn event<E>(event: E) -> Given<E> {
    Given { event, at: 0, user_id: None }
}

/// An event that happened so many milliseconds after the example's instant; negative: before.
pub fn at<E>(millis: i64, event: E) -> Given<E> {
    Given { event, at: millis, user_id: None }
}

/// An event as an earlier program stored it: of an older version, its payload as it was then.
///
/// # Panics
/// If it does not become one of today's; the test fails then.
#[track_caller]
#[allow(clippy::panic)]
pub fn older<E: EventSet>(event_type: &str, version: u32, payload: Json) -> E {
    match E::decode(event_type, version, &payload) {
        Ok(Some(event)) => event,
        Ok(None) => panic!("the given event {event_type} is not among the service's"),
        Err(error) => panic!("a given event cannot be read: {error}"),
    }
}

impl<E> Given<E> {
    /// Raised by this user. Permissions are the caller's, an event does not keep them.
    #[must_use]
    pub fn by<'a>(self, user_id: &str, _permissions: impl IntoIterator<Item = &'a str>) -> Self {
        Self { user_id: Some(user_id.to_owned()), ..self }
    }
}

/// A given event as a store would give it back.
pub(super) struct Happened<E> {
    pub(super) event: E,
    pub(super) tags: Vec<Tag>,
    pub(super) meta: Meta,
}

impl<E: EventSet> Happened<E> {
    /// Through JSON and back, so that an example sees what a store keeps and nothing else.
    #[track_caller]
    #[allow(clippy::panic)]
    pub(super) fn new(given: &Given<E>, payload: Payload, position: Position) -> Self {
        let event = match E::decode(payload.event_type, payload.version, &payload.json) {
            Ok(Some(event)) => event,
            Ok(None) => panic!("the given event {} is not among the service's", payload.event_type),
            Err(error) => panic!("a given event cannot be read back: {error}"),
        };
        let meta = meta(given, &payload, position);
        Self { event, tags: payload.tags, meta }
    }
}

/// As a store would take it.
#[track_caller]
#[allow(clippy::panic)]
pub(super) fn encoded<E: EventSet>(given: &Given<E>) -> Payload {
    match given.event.encode() {
        Ok(payload) => payload,
        Err(error) => panic!("a given event cannot be stored: {error}"),
    }
}

fn meta<E>(given: &Given<E>, payload: &Payload, position: Position) -> Meta {
    Meta {
        id: Uuid::from_u128(u128::from(position)),
        tenant_id: TENANT.to_owned(),
        topic: payload.topic.to_owned(),
        stream: None,
        event_type: payload.event_type.to_owned(),
        position,
        correlation_id: None,
        causation_id: None,
        user_id: given.user_id.clone(),
        reason: None,
        raised_at: DateTime::from_millis(NOW.millis().saturating_add(given.at)),
    }
}
