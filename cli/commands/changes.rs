//! Payloads that changed although their version did not: events that are stored would not fit them.

use crate::diagnostic::codes::lints::CHANGED_PAYLOAD;
use crate::diagnostic::{Diagnostic, Sink};
use crate::emit;
use crate::model::{Event, Model, Service, TypeName};
use crate::output::{Lock, PayloadChange};
use crate::place::Place;

/// Warns of every event whose stored ones may not be read any more, as far as the lock knows what they were.
pub(super) fn report_changes(model: &Model, lock: &Lock, sink: &mut Sink) {
    for service in model.services.values() {
        for event in service.events.values() {
            let Some(payload) = emit::payload(service, event) else { continue };
            let changes = lock.payloads.changes(service.name.as_written(), event.name.as_written(), &payload);
            if !changes.is_empty() {
                sink.push(changed(service, event, &changes));
            }
        }
    }
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
