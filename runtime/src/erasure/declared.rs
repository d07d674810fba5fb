//! What generated events say of their personal fields.

use crate::event::DomainEvent;

/// A field of an event that can be erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Personal {
    /// Its name in the payload.
    pub field: &'static str,
    /// The name of the field, in the payload of the same event, that says whose it is: a text that is not personal itself.
    pub subject: &'static str,
    /// What it reads as once it is erased, as JSON.
    pub default: &'static str,
}

/// A tag over a personal field. It is stored as a keyed hash, so that it can be asked for and not be read, and goes when its
/// subject is erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PersonalTag {
    /// What stands before its first colon. Every tag of the service that begins so is stored as a hash.
    pub prefix: &'static str,
    /// The name of the field that says whose it is.
    pub subject: &'static str,
}

/// An event type that has personal fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PersonalEvent {
    /// Its name.
    pub event_type: &'static str,
    /// The fields.
    pub fields: &'static [Personal],
    /// The tags over them.
    pub tags: &'static [PersonalTag],
}

impl PersonalEvent {
    /// What a declared event says of itself.
    #[must_use]
    pub const fn of<E: DomainEvent>() -> Self {
        Self { event_type: E::TYPE, fields: E::PERSONAL, tags: E::PERSONAL_TAGS }
    }
}
