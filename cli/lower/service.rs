//! One service: schema first, then events, then what is made of them.

use super::schema::{DeclaredEntry, SchemaEntry};
use super::services::Neighbours;
use super::types::Types;
use super::{command, crud, event, projection, schema, spec};
use crate::diagnostic::codes::names::{DOUBLED_NAME, UNKNOWN_EVENT};
use crate::diagnostic::codes::services::{OTHERS_EVENT, TWO_SERVICES};
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{Declared, DeclaredType, Event, ProjectTypes, Service, ServiceName, TypeName};
use crate::place::Place;
use crate::source::{Name, RawService};
use std::collections::{BTreeMap, BTreeSet};
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

/// A service of which as much is known as the rounds so far have given.
pub(super) struct Begun<'r> {
    raw: &'r RawService,
    /// What is known of it.
    pub context: Context,
    /// Entries that have no fields yet.
    declared: Vec<DeclaredEntry<'r>>,
    entries: Vec<SchemaEntry<'r>>,
}

/// Lowers the enums and nested types of a service.
pub(super) fn begin<'r>(raw: &'r RawService, neighbours: Neighbours, sink: &mut Sink) -> Begun<'r> {
    let mut context = Context {
        name: raw.name.clone(),
        types: Types::default(),
        neighbours,
        permissions: Vec::new(),
        project_permissions: Arc::default(),
        events: BTreeMap::new(),
        project_events: ProjectEvents::default(),
    };
    let declared = schema::declare_types(raw, &mut context, sink);
    Begun { raw, context, declared, entries: Vec::new() }
}

impl Begun<'_> {
    /// Lowers the service's events, and its entries up to their fields.
    pub fn lower_events(&mut self, sink: &mut Sink) {
        self.entries = schema::lower_entries(std::mem::take(&mut self.declared), &self.context, sink);
        crud::declare_events(&self.entries, &mut self.context);
        event::lower_events(self.raw, &mut self.context, sink);
        projection::declare_events(&self.entries, &mut self.context, sink);
    }
}

/// Lets every service know the types and permissions of all.
pub(super) fn introduce_types(begun: &mut [Begun<'_>]) {
    let declared = |begun: &Begun<'_>| {
        let service = ServiceName::new(&begun.context.name);
        let types = &begun.context.types;
        let enums = types.enums.values().map(|ty| (ty.name.clone(), DeclaredType::Enum(ty.clone())));
        let objects = types.objects.values().map(|ty| (ty.name.clone(), DeclaredType::Object(ty.clone())));
        let all = enums.chain(objects).map(|(name, ty)| (name, Declared { service: service.clone(), ty }));
        all.collect::<Vec<_>>()
    };
    let types = ProjectTypes::new(begun.iter().flat_map(declared));
    let permissions: BTreeSet<_> = begun.iter().flat_map(|begun| &begun.context.permissions).cloned().collect();
    let permissions = Arc::new(permissions.into_iter().collect::<Vec<_>>());
    for begun in begun {
        begun.context.types.project = types.clone();
        begun.context.project_permissions = permissions.clone();
    }
}

/// Lets every service know the events of all.
pub(super) fn introduce_events(begun: &mut [Begun<'_>]) {
    let events = begun.iter().map(|begun| (begun.context.name.clone(), begun.context.events.clone()));
    let events = ProjectEvents::new(events.collect());
    for begun in begun {
        begun.context.project_events = events.clone();
    }
}

/// Lowers everything else that a service's files say, but for its automations; what is known of it is for those.
pub(super) fn finish<'r>(begun: Begun<'r>, sink: &mut Sink) -> (&'r RawService, Context, Service) {
    let Begun { raw, context, entries, .. } = begun;
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
