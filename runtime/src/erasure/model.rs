//! What is personal in the events of a service, so arranged that it is found.

use std::collections::{BTreeMap, BTreeSet};

use super::{Personal, PersonalEvent};
use crate::event::Tag;
use crate::value::Json;

/// What the events of a service say.
#[derive(Clone, Debug)]
pub(super) struct Model {
    events: BTreeMap<&'static str, PersonalEvent>,
    prefixes: BTreeSet<&'static str>,
}

impl Model {
    /// Of these events.
    pub(super) fn of(events: &[PersonalEvent]) -> Self {
        let prefixes = events.iter().flat_map(|event| event.tags).map(|tag| tag.prefix).collect();
        Self { events: events.iter().map(|event| (event.event_type, *event)).collect(), prefixes }
    }

    /// What an event of this type says; none if nothing in it is personal.
    pub(super) fn event(&self, event_type: &str) -> Option<&PersonalEvent> {
        self.events.get(event_type)
    }

    /// The types that have personal fields.
    pub(super) fn types(&self) -> Vec<&'static str> {
        self.events.keys().copied().collect()
    }

    /// What a field reads as once it is erased. One that the model no longer has is nil.
    pub(super) fn default(&self, event_type: &str, field: &str) -> Json {
        let fields = self.event(event_type).map_or(&[][..], |event| event.fields);
        let found = fields.iter().find(|personal| personal.field == field);
        found.and_then(|Personal { default, .. }| serde_json::from_str(default).ok()).unwrap_or(Json::Null)
    }

    /// Whether a tag is stored as a hash.
    pub(super) fn hides(&self, tag: &Tag) -> bool {
        self.prefixes.contains(prefix(tag))
    }
}

/// What stands before the first colon.
pub(super) fn prefix(tag: &Tag) -> &str {
    tag.as_str().split(':').next().unwrap_or_default()
}
