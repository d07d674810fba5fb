//! The event that says that a subject was erased.

#[cfg(feature = "erasure")]
use crate::event::{Metadata, NewEvent, Payload};
use crate::event::{StoredEvent, Tag, Tenant};

/// The type of the event by which a subject's erasure is made known. It belongs to the service's own topic and names the
/// subject in its field `subjectId`; who wanted it, and why, stands in its metadata.
pub const SUBJECT_ERASED: &str = "SubjectErased";

/// The field of that event.
const SUBJECT_ID: &str = "subjectId";

/// What the tag of a subject begins with. No model can write such a tag.
const PREFIX: &str = "$subject:";

/// The tag by which the events of a subject are found.
pub(crate) fn subject_tag(id: &str) -> Tag {
    Tag::new(format!("{PREFIX}{id}"))
}

/// The event that a subject was erased in a service.
#[cfg(feature = "erasure")]
pub(super) fn event(service: &'static str, id: &str, metadata: Metadata) -> NewEvent {
    let payload = Payload::undeclared(service, SUBJECT_ERASED, serde_json::json!({ SUBJECT_ID: id }));
    NewEvent { tags: vec![subject_tag(id)], ..NewEvent::of(payload, metadata) }
}

/// Somebody whose personal data are sealed under a key of their own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Subject {
    /// Whose customer's data it is.
    pub(crate) tenant: Tenant,
    /// Who.
    pub(crate) id: String,
}

impl Subject {
    /// Whom an event says to be erased; none if it says nothing of the kind.
    pub(crate) fn erased_by(event: &StoredEvent) -> Option<Self> {
        let is_one = event.event_type == SUBJECT_ERASED;
        let id = event.payload.get(SUBJECT_ID).filter(|_| is_one)?.as_str()?;
        Some(Self { tenant: event.tenant.clone(), id: id.to_owned() })
    }
}
