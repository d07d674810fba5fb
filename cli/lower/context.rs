//! What is known of a service while its parts are lowered, and the names of events in it.

use super::services::Neighbours;
use super::types::Types;
use crate::diagnostic::codes::names::UNKNOWN_EVENT;
use crate::diagnostic::codes::services::{OTHERS_EVENT, TWO_SERVICES};
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{Event, TypeName};
use crate::source::Name;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is known of a service while its parts are lowered.
pub(super) struct Context {
    /// The service's name, which is its default topic.
    pub name: String,
    /// Its types.
    pub types: Types,
    /// The other services.
    pub neighbours: Neighbours,
    /// Values of `enum Permission`.
    pub permissions: Vec<String>,
    /// Those of all services together, sorted, once they are known.
    pub project_permissions: Arc<Vec<String>>,
    /// Events so far.
    pub events: BTreeMap<TypeName, Event>,
    /// The events of all services, once they are known.
    pub project_events: ProjectEvents,
}

/// The events of each service, by its name.
pub(super) type ProjectEvents = Arc<BTreeMap<String, BTreeMap<TypeName, Event>>>;

impl Context {
    /// The event of the service's own that has this name; an unknown one is reported, and one of another service, which a command
    /// neither reads nor records.
    pub fn event(&self, name: &Name, sink: &mut Sink) -> Option<&Event> {
        let (service, event) = self.split(&name.value);
        if service != self.name {
            sink.push(self.others_event(name, service));
            return None;
        }
        let found = self.events.get(&TypeName::new(event));
        if found.is_none() {
            sink.push(match self.neighbours.service_of_event(event) {
                Some(other) => self.others_event(name, other),
                None => self.unknown_event(name, service, event),
            });
        }
        found
    }

    /// The event that a projection or an automation may follow, with its service: `StudentSubscribed`, or
    /// `enrollment.StudentSubscribed`. An unknown one is reported.
    pub fn followed<'a>(&'a self, name: &'a Name, sink: &mut Sink) -> Option<(&'a str, &'a Event)> {
        let (service, event) = self.split(&name.value);
        let found = self.events_of(service).get(&TypeName::new(event));
        if found.is_none() {
            sink.push(self.unknown_event(name, service, event));
        }
        Some((service, found?))
    }

    /// The event of a service that is followed, as an example gives it, with or without that service's name.
    pub fn given(&self, name: &Name, (reader, follows): (&str, &str), sink: &mut Sink) -> Option<&Event> {
        let written = name.value.split_once('.');
        let (service, event) = written.unwrap_or((follows, &name.value));
        let type_name = TypeName::new(event);
        if let Some(found) = self.events_of(follows).get(&type_name).filter(|_| service == follows) {
            return Some(found);
        }
        let is_own = follows != self.name && self.events.contains_key(&type_name);
        let other = if written.is_none() && is_own { &self.name } else { service };
        sink.push(if other != follows && self.events_of(other).contains_key(&type_name) {
            let message = format!("`{reader}` follows `{follows}`, so `{event}` of `{other}` never reaches it");
            let problem = Diagnostic::error(TWO_SERVICES, name.place, message).label("of another service");
            problem.help(format!("give events of `{follows}`"))
        } else {
            self.unknown_event(name, other, event)
        });
        None
    }

    /// The events of a service by its name; none if there is no such service.
    pub fn events_of(&self, service: &str) -> &BTreeMap<TypeName, Event> {
        static NOTHING: BTreeMap<TypeName, Event> = BTreeMap::new();
        if service == self.name { &self.events } else { self.project_events.get(service).unwrap_or(&NOTHING) }
    }

    /// The name of an event of the service's own, which may be written with the service in front.
    pub fn bare(&self, name: &Name) -> Name {
        match self.split(&name.value) {
            (service, event) if service == self.name => Name::new(event.to_owned(), name.place),
            _ => name.clone(),
        }
    }

    /// The service before the dot, which is the own one if there is none, and what is behind it.
    fn split<'a>(&'a self, written: &'a str) -> (&'a str, &'a str) {
        written.split_once('.').unwrap_or((&self.name, written))
    }

    /// Says that a command stays with its own service's events.
    fn others_event(&self, name: &Name, service: &str) -> Diagnostic {
        if service != self.name && !self.neighbours.is_service(service) {
            return self.no_service(name, service);
        }
        let message = "a command reads and records events of its own service only".to_owned();
        let problem = Diagnostic::error(OTHERS_EVENT, name.place, message).label(format!("an event of `{service}`"));
        problem.help(format!("let an automation follow `{service}` and send a command of `{}`", self.name))
    }

    fn unknown_event(&self, name: &Name, service: &str, event: &str) -> Diagnostic {
        if service != self.name && !self.neighbours.is_service(service) {
            return self.no_service(name, service);
        }
        let place = if service == self.name { String::new() } else { format!(" in `{service}`") };
        let problem = Diagnostic::error(UNKNOWN_EVENT, name.place, format!("there is no event `{event}`{place}"));
        match self.neighbours.service_of_event(event).filter(|other| *other != service) {
            Some(other) => problem.help(format!("did you mean `{other}.{event}`?")),
            None => suggest(problem, event, self.events_of(service)),
        }
    }

    fn no_service(&self, name: &Name, service: &str) -> Diagnostic {
        let message = format!("there is no service `{service}`");
        let names = self.neighbours.services().chain([self.name.as_str()]);
        Diagnostic::error(UNKNOWN_EVENT, name.place, message).suggest(service, names)
    }
}

/// Says what an event is called that nobody knows by this name: what it was renamed to, or what is near.
pub(super) fn suggest(problem: Diagnostic, written: &str, events: &BTreeMap<TypeName, Event>) -> Diagnostic {
    match events.values().find(|event| event.was_called(written)) {
        Some(event) => {
            problem.related(event.place, "renamed here").help(format!("`{written}` is called `{}` now", event.name))
        }
        None => problem.suggest(written, events.keys().map(TypeName::as_written)),
    }
}
