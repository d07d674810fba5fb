//! One service: schema first, then events, then what is made of them.

use super::schema::SchemaEntry;
use super::services::Neighbours;
use super::types::Types;
use super::{command, crud, event, projection, schema, spec};
use crate::diagnostic::codes::later::MODEL_LATER;
use crate::diagnostic::codes::names::{DOUBLED_NAME, UNKNOWN_EVENT};
use crate::diagnostic::codes::services::{OTHERS_EVENT, TWO_SERVICES};
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{Declared, DeclaredType, Event, ProjectTypes, Service, ServiceName, TypeName};
use crate::place::Place;
use crate::source::{Name, RawService};
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
            None => problem.suggest(event, self.events_of(service).keys().map(TypeName::as_written)),
        }
    }

    fn no_service(&self, name: &Name, service: &str) -> Diagnostic {
        let message = format!("there is no service `{service}`");
        let names = self.neighbours.services().chain([self.name.as_str()]);
        Diagnostic::error(UNKNOWN_EVENT, name.place, message).suggest(service, names)
    }
}

/// A service whose types and events are known, and nothing else yet.
pub(super) struct Begun<'r> {
    raw: &'r RawService,
    /// What is known of it.
    pub context: Context,
    entries: Vec<SchemaEntry<'r>>,
}

/// Lowers the types and events of a service: what others may refer to.
pub(super) fn begin<'r>(raw: &'r RawService, neighbours: Neighbours, sink: &mut Sink) -> Begun<'r> {
    let mut context = Context {
        name: raw.name.clone(),
        types: Types::default(),
        neighbours,
        permissions: Vec::new(),
        events: BTreeMap::new(),
        project_events: ProjectEvents::default(),
    };
    let entries = schema::lower_schema(raw, &mut context, sink);
    crud::declare_events(&entries, &mut context);
    event::lower_events(raw, &mut context, sink);
    projection::declare_events(&entries, &mut context, sink);
    Begun { raw, context, entries }
}

/// Lets every service know the types and events of all.
pub(super) fn introduce(begun: &mut [Begun<'_>]) {
    let declared = |begun: &Begun<'_>| {
        let service = ServiceName::new(&begun.context.name);
        let types = &begun.context.types;
        let enums = types.enums.values().map(|ty| (ty.name.clone(), DeclaredType::Enum(ty.clone())));
        let objects = types.objects.values().map(|ty| (ty.name.clone(), DeclaredType::Object(ty.clone())));
        let all = enums.chain(objects).map(|(name, ty)| (name, Declared { service: service.clone(), ty }));
        all.collect::<Vec<_>>()
    };
    let types = ProjectTypes::new(begun.iter().flat_map(declared));
    let events = begun.iter().map(|begun| (begun.context.name.clone(), begun.context.events.clone()));
    let events = ProjectEvents::new(events.collect());
    for begun in begun {
        begun.context.types.project = types.clone();
        begun.context.project_events = events.clone();
    }
}

/// Lowers everything else that a service's files say, but for its automations; what is known of it is for those.
pub(super) fn finish<'r>(begun: Begun<'r>, sink: &mut Sink) -> (&'r RawService, Context, Service) {
    let Begun { raw, context, entries } = begun;
    let (mut projections, cruds) = projection::lower_entries(entries, &context, sink);
    let commands = command::lower_commands(raw, &context, sink);
    spec::lower_views(raw, &context, &mut projections, sink);
    let service = Service {
        name: ServiceName::new(&raw.name),
        inputs: raw.inputs.clone(),
        paths: BTreeMap::new(),
        enums: context.types.enums.clone(),
        objects: context.types.objects.clone(),
        types: context.types.project.clone(),
        permissions: context.permissions.clone(),
        events: context.events.clone(),
        commands,
        automations: BTreeMap::new(),
        projections,
        cruds,
        topics: Vec::new(),
    };
    (raw, context, service)
}

/// Says that a part of the event model is not generated yet.
pub(super) fn refuse(place: Place, message: &str, sink: &mut Sink) {
    sink.push(Diagnostic::error(MODEL_LATER, place, message));
}

/// Remembers where names were first given and reports those given again.
#[derive(Default)]
pub(super) struct Names {
    given: BTreeMap<String, Place>,
}

impl Names {
    /// Is this the first with its name? `what` names the kind in the message: `event`.
    pub fn first(&mut self, what: &str, name: &Name, sink: &mut Sink) -> bool {
        let Some(first) = self.given.get(&name.value) else {
            self.given.insert(name.value.clone(), name.place);
            return true;
        };
        let message = format!("the {what} `{}` is given twice", name.value);
        let diagnostic = Diagnostic::error(DOUBLED_NAME, name.place, message).label("given again");
        sink.push(diagnostic.related(*first, "given first"));
        false
    }
}
