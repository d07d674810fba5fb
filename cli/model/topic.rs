//! Topics whose events go after they were consumed.

use super::{Event, EventOrigin, Service, TypeName};
use crate::place::Place;

/// What the project's settings say about a topic.
#[derive(Clone, Debug)]
pub struct Topic {
    /// Its name.
    pub name: String,
    /// The automations of the service that must have had an event.
    pub automations: Vec<Waited>,
    /// The consumer groups in Rust that must have had it.
    pub consumers: Vec<String>,
    /// How old it must be besides, in milliseconds.
    pub keep: i64,
    /// Its name in the settings.
    pub place: Place,
}

/// An automation that is waited for.
#[derive(Clone, Debug)]
pub struct Waited {
    /// Its name.
    pub name: TypeName,
    /// Where the settings name it, or the topic.
    pub place: Place,
}

impl Topic {
    /// The events that have it and may go: what says that somebody was erased stays, or a restored key would open what was erased.
    pub fn events<'a>(&'a self, service: &'a Service) -> impl Iterator<Item = &'a Event> {
        let may_go = |event: &&Event| event.topic == self.name && event.origin != EventOrigin::Erasure;
        service.events.values().filter(may_go)
    }
}
