//! Events on their way into a store and out of it.

use super::{EncodeError, EventSet, Payload, Position, Tag, Tenant};
use crate::value::{DateTime, Json};
use std::borrow::Cow;
use std::time::{SystemTime, UNIX_EPOCH};
use uuid::Uuid;

/// Where an event comes from; all of it optional.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// What this event belongs to, across services.
    pub correlation_id: Option<String>,
    /// The event or command that led to it.
    pub causation_id: Option<String>,
    /// Who did it.
    pub user_id: Option<String>,
    /// Why, in the user's words.
    pub reason: Option<String>,
    /// W3C trace context.
    pub traceparent: Option<String>,
}

/// An event to be appended.
#[derive(Clone, Debug, PartialEq)]
pub struct NewEvent {
    /// UUIDv7; appending the same id again changes nothing.
    pub id: Uuid,
    /// The service's name, or what the model says.
    pub topic: Cow<'static, str>,
    /// The stream it belongs to, if any.
    pub stream: Option<String>,
    /// Its type's name.
    pub event_type: Cow<'static, str>,
    /// Its payload's version.
    pub version: u32,
    /// Its tags, each once.
    pub tags: Vec<Tag>,
    /// What happened.
    pub payload: Json,
    /// Where it comes from.
    pub metadata: Metadata,
    /// When it happened, in microseconds since 1970.
    pub raised_at: i64,
}

impl NewEvent {
    /// An event of a service's own type, with a fresh id, raised now.
    ///
    /// # Errors
    /// If its tags cannot be computed or its payload not be written as JSON.
    pub fn from_event<E: EventSet>(event: &E, metadata: Metadata) -> Result<Self, EncodeError> {
        Ok(Self::of(event.encode()?, metadata))
    }

    /// An event of this payload, with a fresh id, raised now.
    pub(crate) fn of(mut payload: Payload, metadata: Metadata) -> Self {
        payload.tags.sort();
        payload.tags.dedup();
        Self {
            id: Uuid::now_v7(),
            topic: Cow::Borrowed(payload.topic),
            stream: None,
            event_type: Cow::Borrowed(payload.event_type),
            version: payload.version,
            tags: payload.tags,
            payload: payload.json,
            metadata,
            raised_at: now_micros(),
        }
    }
}

/// An event as a store holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredEvent {
    /// Where it stands.
    pub position: Position,
    /// Whose it is.
    pub tenant: Tenant,
    /// Its id.
    pub id: Uuid,
    /// Its topic.
    pub topic: String,
    /// Its stream, if any.
    pub stream: Option<String>,
    /// Its type's name.
    pub event_type: String,
    /// Its payload's version.
    pub version: u32,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// What happened.
    pub payload: Json,
    /// Where it comes from.
    pub metadata: Metadata,
    /// When it happened, in microseconds since 1970.
    pub raised_at: i64,
}

impl StoredEvent {
    /// What expressions see of it beside the payload.
    pub fn meta(&self) -> Meta {
        Meta {
            id: self.id,
            tenant_id: self.tenant.as_str().to_owned(),
            topic: self.topic.clone(),
            stream: self.stream.clone(),
            event_type: self.event_type.clone(),
            position: self.position,
            correlation_id: self.metadata.correlation_id.clone(),
            causation_id: self.metadata.causation_id.clone(),
            user_id: self.metadata.user_id.clone(),
            reason: self.metadata.reason.clone(),
            raised_at: DateTime::from_millis(self.raised_at.div_euclid(1000)),
        }
    }
}

/// What expressions see of an event beside its payload (`meta`).
#[derive(Clone, Debug, PartialEq)]
pub struct Meta {
    /// The event's id.
    pub id: Uuid,
    /// Whose it is.
    pub tenant_id: String,
    /// Its topic.
    pub topic: String,
    /// Its stream, if any.
    pub stream: Option<String>,
    /// Its type's name.
    pub event_type: String,
    /// Where it stands.
    pub position: Position,
    /// What it belongs to.
    pub correlation_id: Option<String>,
    /// What led to it.
    pub causation_id: Option<String>,
    /// Who did it.
    pub user_id: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// When it happened.
    pub raised_at: DateTime,
}

/// The clock in microseconds since 1970.
fn now_micros() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_micros()).unwrap_or(i64::MAX)
}
