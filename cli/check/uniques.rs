//! Unique constraints: over fields that hold one value, and each of them once.

use crate::diagnostic::codes::directives::{DOUBLED_UNIQUE, NOT_UNIQUE, UNIQUE_BY_COMMAND};
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{Command, EntryType, EventOrigin, FieldName, Service, TypeName, Unique};
use crate::place::Place;
use std::collections::{BTreeMap, BTreeSet};

/// Every constraint of the service.
pub(super) fn check(service: &Service, sink: &mut Sink) {
    for command in service.commands.values() {
        check_command(service, command, sink);
    }
    let mut names: BTreeMap<&str, &Unique> = BTreeMap::new();
    for entry in service.entries().into_values() {
        for (number, unique) in entry.uniques.iter().enumerate() {
            check_types(entry, unique, sink);
            let same = entry.uniques.iter().take(number).find(|other| fields(other) == fields(unique));
            if let Some(first) = same {
                let message = format!("there is a unique constraint over the same fields of `{}` already", entry.name);
                let problem = Diagnostic::error(DOUBLED_UNIQUE, unique.place, message);
                sink.push(problem.related(first.place, "given first").help("leave one of them out"));
            } else if let Some(first) = names.insert(&unique.name, unique) {
                let message = format!("there is a unique constraint called `{}` already", unique.name);
                let problem = Diagnostic::error(DOUBLED_UNIQUE, unique.place, message);
                sink.push(problem.related(first.place, "called so first").help("give one of them another `name`"));
            }
        }
    }
}

fn fields(unique: &Unique) -> BTreeSet<&FieldName> {
    unique.fields.iter().collect()
}

fn check_types(entry: &EntryType, unique: &Unique, sink: &mut Sink) {
    for field in entry.fields.iter().filter(|field| unique.fields.contains(&field.name)) {
        if field.ty.ty.is_single() {
            continue;
        }
        let what = field.ty.ty.unsortable().unwrap_or("a list");
        let message = format!("`{}.{}` cannot be unique: it is {what}", entry.name, field.name);
        let problem = Diagnostic::error(NOT_UNIQUE, unique.place, message);
        sink.push(problem.related(field.place, "the field").help("name fields that hold one value each"));
    }
}

/// A command may record the events of a CRUD type, but not give values that nobody else may have.
fn check_command(service: &Service, command: &Command, sink: &mut Sink) {
    for emit in command.all_emits() {
        let given: BTreeSet<&FieldName> = emit.values.iter().map(|(field, _)| field).collect();
        let gives = |unique: &&Unique| unique.fields.iter().any(|field| given.contains(field));
        refuse((service, &emit.event, emit.place), gives, sink);
    }
    let Some(custom) = &command.custom else { return };
    for event in &custom.emits {
        refuse((service, event, custom.place), |_| true, sink);
    }
}

fn refuse((service, event, place): (&Service, &TypeName, Place), gives: impl Fn(&&Unique) -> bool, sink: &mut Sink) {
    let origin = service.events.get(event).map(|event| &event.origin);
    let (name, is_new) = match origin {
        Some(EventOrigin::CrudCreated(name)) => (name, true),
        Some(EventOrigin::CrudUpdated(name)) => (name, false),
        _ => return,
    };
    let Some(crud) = service.cruds.get(name) else { return };
    let Some(unique) = crud.entry.uniques.iter().find(|unique| is_new || gives(unique)) else { return };
    let message = format!("`{event}` gives values that no two entries of `{name}` may share");
    let problem =
        Diagnostic::error(UNIQUE_BY_COMMAND, place, message).related(unique.place, "held by whoever writes entries");
    sink.push(problem.help(format!("create and change entries of `{name}` through its own API, or make it of events")));
}
