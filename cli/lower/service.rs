//! One service: schema first, then events, then what is made of them.

use super::services::Neighbours;
use super::types::Types;
use super::{command, crud, event, projection, schema, spec};
use crate::diagnostic::codes::later::{MODEL_LATER, OTHER_SERVICE_LATER};
use crate::diagnostic::codes::names::{DOUBLED_NAME, UNKNOWN_EVENT};
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{Event, Service, ServiceName, TypeName};
use crate::place::Place;
use crate::source::{Name, RawService};
use std::collections::BTreeMap;

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
}

impl Context {
    /// The event of that name; an unknown one is reported.
    pub fn event(&self, name: &Name, sink: &mut Sink) -> Option<&Event> {
        let found = self.events.get(&TypeName::new(&name.value));
        if found.is_none() {
            sink.push(self.unknown_event(name));
        }
        found
    }

    fn unknown_event(&self, name: &Name) -> Diagnostic {
        if let Some(service) = self.neighbours.service_of_event(&name.value) {
            let message = format!("events of another service (`{service}`) cannot be used yet");
            return Diagnostic::error(OTHER_SERVICE_LATER, name.place, message);
        }
        let message = format!("there is no event `{}`", name.value);
        let names = self.events.keys().map(TypeName::as_written);
        Diagnostic::error(UNKNOWN_EVENT, name.place, message).suggest(&name.value, names)
    }
}

/// Lowers everything that a service's files say, but for its automations; what is known of it is for those.
pub(super) fn lower_service(raw: &RawService, neighbours: Neighbours, sink: &mut Sink) -> (Service, Context) {
    let mut context = Context {
        name: raw.name.clone(),
        types: Types::default(),
        neighbours,
        permissions: Vec::new(),
        events: BTreeMap::new(),
    };
    let entries = schema::lower_schema(raw, &mut context, sink);
    crud::declare_events(&entries, &mut context);
    event::lower_events(raw, &mut context, sink);
    let (mut projections, cruds) = projection::lower_entries(entries, &mut context, sink);
    let commands = command::lower_commands(raw, &context, sink);
    spec::lower_views(raw, &context, &mut projections, sink);
    let service = Service {
        name: ServiceName::new(&raw.name),
        inputs: raw.inputs.clone(),
        paths: BTreeMap::new(),
        enums: context.types.enums.clone(),
        objects: context.types.objects.clone(),
        permissions: context.permissions.clone(),
        events: context.events.clone(),
        commands,
        automations: BTreeMap::new(),
        projections,
        cruds,
    };
    (service, context)
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
