//! Topics whose events go after they were consumed: whether somebody would miss them.

use super::automations::starts;
use crate::diagnostic::codes::topics::{HISTORY_NEEDED, NOBODY_CONSUMES, NOT_WAITED_FOR};
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{Event, EventOrigin, Model, Service, Topic, Trigger, TypeName};
use crate::place::Place;

/// What every topic has to fulfil.
pub(super) fn check(model: &Model, service: &Service, sink: &mut Sink) {
    for topic in &service.topics {
        for Reader { place, reads, event } in readers(model, service, topic) {
            let message = format!("events of the topic `{}` cannot be deleted: {reads} `{}`", topic.name, event.name);
            let problem = Diagnostic::error(HISTORY_NEEDED, topic.place, message).related(place, "needs all of them");
            sink.push(problem.help("give the events that may go a topic of their own: `topic:` in the event model"));
        }
        check_followers(model, service, topic, sink);
        if topic.automations.is_empty() && topic.consumers.is_empty() {
            let message = format!("nobody consumes the topic `{}`", topic.name);
            let problem = Diagnostic::error(NOBODY_CONSUMES, topic.place, message).label("its events would go unseen");
            sink.push(problem.help("let an automation follow it, or name a consumer in Rust: `consumers: [archive]`"));
        }
    }
}

/// What needs the whole history of an event.
struct Reader<'a> {
    place: Place,
    /// In words, up to the event's name.
    reads: String,
    event: &'a Event,
}

/// Everything that needs the history of some event of the topic, once each.
fn readers<'a>(model: &'a Model, service: &'a Service, topic: &'a Topic) -> Vec<Reader<'a>> {
    let own = service.name.as_written();
    let event_of = |is_read: &dyn Fn(&Event) -> bool| topic.events(service).find(|event| is_read(event));
    let mut found = Vec::new();
    for (name, crud) in &service.cruds {
        let reads = format!("the entries of `{name}` are made of");
        let event = event_of(&|event| of_crud(event) == Some(name));
        found.extend(event.map(|event| Reader { place: crud.entry.place, reads, event }));
    }
    for (name, command) in &service.commands {
        for entry in &command.state {
            let reads = format!("the state of `{name}` reads");
            let event = event_of(&|event| entry.on.contains_key(&event.name));
            found.extend(event.map(|event| Reader { place: entry.place, reads, event }));
        }
    }
    for view in model.services.values().flat_map(|reader| reader.projections.values()) {
        let reads = format!("the projection `{}` is made of", view.entry.name);
        let event = event_of(&|event| view.follows == own && view.events.contains(&event.name));
        found.extend(event.map(|event| Reader { place: view.entry.place, reads, event }));
    }
    found
}

/// The CRUD type that records the event.
fn of_crud(event: &Event) -> Option<&TypeName> {
    match &event.origin {
        EventOrigin::CrudCreated(name) | EventOrigin::CrudUpdated(name) | EventOrigin::CrudDeleted(name) => Some(name),
        EventOrigin::Model | EventOrigin::Erasure | EventOrigin::Undeclared => None,
    }
}

/// Automations that would miss an event.
fn check_followers(model: &Model, service: &Service, topic: &Topic, sink: &mut Sink) {
    for reader in model.services.values() {
        let is_own = reader.name == service.name;
        for automation in reader.automations.values().filter(|one| matches!(one.trigger, Trigger::Events)) {
            let is_waited_for = is_own && topic.automations.iter().any(|waited| waited.name == automation.name);
            let of = |event: &Event| starts(reader, automation, (service.name.as_written(), &event.name));
            if is_waited_for || !topic.events(service).any(of) {
                continue;
            }
            let (message, help) = if is_own {
                let message =
                    format!("`{}` follows the topic `{}`, and nobody waits for it", automation.name, topic.name);
                (message, format!("add `{}` to `deleteAfter`, or write `deleteAfter: consumed`", automation.name))
            } else {
                let name = &reader.name;
                let message = format!("`{}` of `{name}` follows the topic `{}`", automation.name, topic.name);
                let help = "what another service has had is not known here: let an automation of the service itself follow \
                            the topic, and send a command there";
                (message, help.to_owned())
            };
            let problem = Diagnostic::error(NOT_WAITED_FOR, topic.place, message);
            sink.push(problem.related(automation.place, "would miss what is deleted before").help(help));
        }
    }
}
