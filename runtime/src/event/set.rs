//! What generated event types implement.

use super::{Renamed, Tag};
use crate::erasure::{Personal, PersonalEvent, PersonalTag};
use crate::expr::{EvalError, from_json};
use crate::value::Json;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::cmp::Ordering;

/// One declared event type.
pub trait DomainEvent: Serialize + DeserializeOwned {
    /// Its name.
    const TYPE: &'static str;
    /// Its topic.
    const TOPIC: &'static str;
    /// Its payload's version.
    const VERSION: u32;
    /// Its fields that can be erased.
    const PERSONAL: &'static [Personal] = &[];
    /// Its tags over such fields.
    const PERSONAL_TAGS: &'static [PersonalTag] = &[];

    /// The tags that its payload gives.
    ///
    /// # Errors
    /// If a tag cannot be computed.
    fn tags(&self) -> Result<Vec<Tag>, EvalError>;

    /// What the event says of an entry that it creates before anything is given: the values of fields that came after it was stored.
    /// None where all of its fields must be there.
    fn blank(_id: &str) -> Option<Self> {
        None
    }

    /// Today's event from the payload of an older version. Unless the model says more, its fields are read by their names.
    ///
    /// # Errors
    /// If the old payload does not have what is needed.
    fn upcast(_version: u32, event: &Json) -> Result<Self, EvalError> {
        from_json(event)
    }
}

/// All events of a service, as one enum.
pub trait EventSet: Clone + Send + Sync + 'static {
    /// The types it knows.
    const TYPES: &'static [&'static str];
    /// Those of them that had other names before.
    const RENAMED: &'static [Renamed] = &[];
    /// Those of them that have personal fields.
    const PERSONAL: &'static [PersonalEvent] = &[];

    /// Reads a stored payload; nothing for a type that is not in the set.
    ///
    /// # Errors
    /// If the payload does not fit its type, or is of a newer version than this program knows.
    fn decode(event_type: &str, version: u32, payload: &Json) -> Result<Option<Self>, DecodeError>;

    /// What is to be stored.
    ///
    /// # Errors
    /// If its tags cannot be computed or its payload not be written as JSON.
    fn encode(&self) -> Result<Payload, EncodeError>;

    /// Its type's name.
    fn event_type(&self) -> &'static str;
}

/// What an event's type says about how it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Payload {
    /// Its topic.
    pub topic: &'static str,
    /// Its type's name.
    pub event_type: &'static str,
    /// Its payload's version.
    pub version: u32,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// What happened.
    pub json: Json,
}

impl Payload {
    /// An event that the model names without declaring its fields: no tags, version 1.
    pub fn undeclared(topic: &'static str, event_type: &'static str, json: Json) -> Self {
        Self { topic, event_type, version: 1, tags: Vec::new(), json }
    }
}

/// A stored payload that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// It was written by a later program.
    #[error("event {event_type} has version {found}, this program knows up to {known}")]
    Newer {
        /// The event's type.
        event_type: &'static str,
        /// The stored version.
        found: u32,
        /// The newest version known here.
        known: u32,
    },
    /// It was written by an earlier program and does not become what this one knows.
    #[error("{event_type} of version {found} does not become version {known}: {source}")]
    Upcast {
        /// The event's type.
        event_type: &'static str,
        /// The stored version.
        found: u32,
        /// The version known here.
        known: u32,
        /// What the old payload lacks.
        source: EvalError,
    },
    /// It does not fit the type.
    #[error("the payload of {event_type} does not fit its type: {source}")]
    Payload {
        /// The event's type.
        event_type: &'static str,
        /// What does not fit.
        source: serde_json::Error,
    },
}

/// An event that cannot be stored.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// A tag cannot be computed.
    #[error("a tag of {event_type} cannot be computed: {source}")]
    Tags {
        /// The event's type.
        event_type: &'static str,
        /// Why.
        source: EvalError,
    },
    /// The payload cannot be written as JSON.
    #[error("the payload of {event_type} cannot be written: {source}")]
    Payload {
        /// The event's type.
        event_type: &'static str,
        /// Why.
        source: serde_json::Error,
    },
}

/// Reads the payload of a declared event; that of an older version becomes today's.
///
/// # Errors
/// [`DecodeError`] if it is newer than `E` or does not fit it.
pub fn decode<E: DomainEvent>(version: u32, payload: &Json) -> Result<E, DecodeError> {
    let (event_type, known) = (E::TYPE, E::VERSION);
    match version.cmp(&known) {
        Ordering::Equal => E::deserialize(payload)
            .or_else(|source| completed(payload).ok_or(source))
            .map_err(|source| DecodeError::Payload { event_type, source }),
        Ordering::Less => E::upcast(version, payload).map_err(|source| {
            let found = version;
            DecodeError::Upcast { event_type, found, known, source }
        }),
        Ordering::Greater => Err(DecodeError::Newer { event_type, found: version, known }),
    }
}

/// The event with what it lacks: fields that came after it was stored, and if that is not enough, those that are null and may not
/// be so any more.
fn completed<E: DomainEvent>(payload: &Json) -> Option<E> {
    let id = payload.get("id").and_then(Json::as_str)?;
    let blank = serde_json::to_value(E::blank(id)?).ok()?;
    let whole = |replaces_null| {
        let mut whole = payload.clone();
        fill(&mut whole, &blank, replaces_null);
        E::deserialize(&whole).ok()
    };
    whole(false).or_else(|| whole(true))
}

fn fill(value: &mut Json, blank: &Json, replaces_null: bool) {
    let (Json::Object(fields), Json::Object(blank)) = (value, blank) else { return };
    for (name, blank) in blank {
        match fields.get_mut(name) {
            Some(Json::Null) if replaces_null => drop(fields.insert(name.clone(), blank.clone())),
            Some(value) => fill(value, blank, replaces_null),
            None => drop(fields.insert(name.clone(), blank.clone())),
        }
    }
}

/// Writes a declared event.
///
/// # Errors
/// [`EncodeError`] if a tag or the payload cannot be written.
pub fn encode<E: DomainEvent>(event: &E) -> Result<Payload, EncodeError> {
    let tags = event.tags().map_err(|source| EncodeError::Tags { event_type: E::TYPE, source })?;
    let json = serde_json::to_value(event).map_err(|source| EncodeError::Payload { event_type: E::TYPE, source })?;
    Ok(Payload { topic: E::TOPIC, event_type: E::TYPE, version: E::VERSION, tags, json })
}
