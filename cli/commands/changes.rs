//! What the lock knows of events and the model no longer says: payloads that changed although their version did not, so that stored
//! events would not fit them, and names under which events are stored.

use crate::diagnostic::codes::lints::{CHANGED_PAYLOAD, LOST_EVENTS};
use crate::diagnostic::{Diagnostic, Sink};
use crate::emit;
use crate::model::{Event, Model, Service, TypeName};
use crate::output::{Lock, PayloadChange};
use crate::place::Place;

/// Warns of every event whose stored ones may not be read any more, as far as the lock knows what they were.
pub(super) fn report_changes(model: &Model, lock: &Lock, sink: &mut Sink) {
    for service in model.services.values() {
        let declared = emit::event_names(service);
        for event in service.events.values() {
            let Some(payload) = emit::payload(service, event) else { continue };
            let (of, name) = (service.name.as_written(), event.name.as_written());
            let lost = lock.payloads.lost(of, name, &payload, &declared);
            if !lost.is_empty() {
                sink.push(vanished(service, event, &lost));
            }
            let forgotten = lock.payloads.forgotten(of, name, &payload);
            if !forgotten.is_empty() {
                sink.push(no_longer_said(service, event, &forgotten));
            }
            let changes = lock.payloads.changes(of, name, &payload);
            if !changes.is_empty() {
                sink.push(changed(service, event, &changes));
            }
        }
    }
}

/// A new event that is made of what one was that is gone.
fn vanished(service: &Service, event: &Event, lost: &[String]) -> Diagnostic {
    let (name, of) = (&event.name, service.name.as_written());
    let message = format!("was {} renamed to `{name}`?", quoted(lost, " or "));
    let problem = Diagnostic::warning(LOST_EVENTS, event.place, message).label("new, and made of the same");
    let problem = problem.help(match lost {
        [one] => format!("then write `renamed: [{one}]`, else nobody reads what is stored under `{one}`"),
        _ => "then write which in `renamed: […]`, else nobody reads what is stored under that name".to_owned(),
    });
    let files = lost.iter().map(|one| format!("scaffold.lock/{of}/{one}.event")).collect::<Vec<_>>();
    problem.help(format!("if not, delete {}", quoted(&files, " and ")))
}

/// Earlier names that `renamed` had and has no longer.
fn no_longer_said(service: &Service, event: &Event, forgotten: &[String]) -> Diagnostic {
    let (name, of) = (&event.name, service.name.as_written());
    let message = format!("`renamed` of `{name}` says no longer that it was called {}", quoted(forgotten, " and "));
    let problem = Diagnostic::warning(LOST_EVENTS, event.place, message).label("events may be stored under that name");
    let earlier = forgotten.iter().map(String::as_str).chain(event.earlier.iter().map(|one| one.name.as_written()));
    let problem = problem.help(format!("write `renamed: [{}]`", earlier.collect::<Vec<_>>().join(", ")));
    problem.help(format!("if none was ever stored, delete `scaffold.lock/{of}/{name}.event`"))
}

fn quoted(names: &[String], between: &str) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(between)
}

fn changed(service: &Service, event: &Event, changes: &[PayloadChange]) -> Diagnostic {
    let (name, version) = (&event.name, event.version);
    let message = match changes {
        [PayloadChange::Lower { known }] => format!("`{name}` was at version {known} before, and is at {version} now"),
        _ => format!("the payload of `{name}` has changed, and it is still version {version}"),
    };
    let mut problem = Diagnostic::warning(CHANGED_PAYLOAD, event.place, message);
    let gone: Vec<String> = changes.iter().filter_map(gone).collect();
    if !gone.is_empty() {
        problem = problem.label(format!("{} {} gone", gone.join(", "), if gone.len() == 1 { "is" } else { "are" }));
    }
    for change in changes {
        problem = told(problem, service, event, change);
    }
    let file = format!("scaffold.lock/{}/{name}.event", service.name.as_written());
    problem.help(format!("if none was ever stored, delete `{file}`"))
}

fn gone(change: &PayloadChange) -> Option<String> {
    match change {
        PayloadChange::Gone { field, was } => Some(format!("`{field}: {was}`")),
        _ => None,
    }
}

fn told(problem: Diagnostic, service: &Service, event: &Event, change: &PayloadChange) -> Diagnostic {
    let raise = format!("raise `version` to {}, and say in `upcast` what the fields are then", event.version + 1);
    let related = |problem: Diagnostic, field: &str, message: String| match place(service, event, field) {
        Some(place) => problem.related(place, message),
        None => problem,
    };
    let problem = match change {
        PayloadChange::Lower { known } => {
            return problem.label("stored events are newer").help(format!("go on from `version: {known}`"));
        }
        PayloadChange::Gone { .. } => problem,
        PayloadChange::Retyped { field, was } => related(problem, field, format!("was `{was}`")),
        PayloadChange::Required { field } => related(problem, field, "new, and never null".to_owned()),
        PayloadChange::Personal { field, is_now } => {
            let (now, stored) = match is_now {
                true => ("personal from now on", "what is stored already stays as it is, and no erasure reaches it"),
                false => {
                    ("personal no more", "what is stored already is sealed, and cannot be read as the field any more")
                }
            };
            return related(problem, field, now.to_owned())
                .help(stored)
                .help(format!("if that is as it should be, raise `version` to {}", event.version + 1));
        }
    };
    if problem.help.contains(&raise) { problem } else { problem.help(raise) }
}

/// Where a field of the payload is declared: in the event, or as `Type.field` in the schema.
fn place(service: &Service, event: &Event, field: &str) -> Option<Place> {
    match field.split_once('.') {
        None => event.fields.iter().find(|known| known.name.as_written() == field).map(|known| known.place),
        Some((owner, field)) => {
            let object = service.object(&TypeName::new(owner))?;
            object.fields.iter().find(|known| known.name.as_written() == field).map(|known| known.place)
        }
    }
}
