//! Projections: ids that stay apart, fields that get a value.

use crate::diagnostic::codes::lints::{COLLIDING_IDS, FIELD_NEVER_FILLED};
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{
    Event, EventOrigin, Field, FieldName, IdentifyPart, Model, Projection, Service, Target, Type, TypeName, file_fields,
};

/// Every projection of the service.
pub(super) fn check(model: &Model, service: &Service, sink: &mut Sink) {
    for projection in service.projections.values() {
        let followed = model.followed(&projection.follows, service);
        for target in projection.upserts.iter().chain(&projection.removes) {
            check_id(followed, target, sink);
        }
        check_fields(followed, projection, sink);
    }
}

/// `a-b` and `c` joined give the same as `a` and `b-c`, if the parts are free text.
fn check_id(service: &Service, target: &Target, sink: &mut Sink) {
    let Some(identify) = target.identify.as_ref().filter(|identify| identify.parts.len() > 1) else { return };
    for event in &target.events {
        let free = identify.parts.iter().find_map(|part| match part {
            IdentifyPart::Payload(path) if is_free_text(service, event, path) => Some(path),
            _ => None,
        });
        let Some(path) = free else { continue };
        let field = path.iter().map(FieldName::as_written).collect::<Vec<_>>().join(".");
        let message =
            format!("two entries can get the same id: `{field}` of `{event}` is free text, and ids are joined by `-`");
        let problem = Diagnostic::warning(COLLIDING_IDS, target.place, message)
            .label("`a-b` and `c` give `a-b-c`, and so do `a` and `b-c`");
        sink.push(problem.help("identify by fields of type `ID`, or by one field alone"));
        return;
    }
}

fn is_free_text(service: &Service, event: &TypeName, path: &[FieldName]) -> bool {
    let mut fields: Vec<(&FieldName, &Type)> = match service.events.get(event) {
        Some(event) => event.fields.iter().map(|field| (&field.name, &field.ty.ty)).collect(),
        None => return false,
    };
    let of_files = file_fields();
    let mut found = None;
    for step in path {
        found = fields.iter().find(|(name, _)| *name == step).map(|(_, ty)| *ty);
        fields = match found {
            Some(Type::File) => of_files.iter().map(|(name, ty)| (name, &ty.ty)).collect(),
            Some(Type::Object(name)) => match service.object(name) {
                Some(object) => object.fields.iter().map(|field| (&field.name, &field.ty.ty)).collect(),
                None => Vec::new(),
            },
            _ => Vec::new(),
        };
    }
    match found {
        Some(Type::String) => true,
        Some(Type::List(element)) => element.ty == Type::String,
        _ => false,
    }
}

/// A field is filled by `@from`, by a payload field of its name, or by `@default`.
fn check_fields(service: &Service, projection: &Projection, sink: &mut Sink) {
    let events =
        projection.upserts.iter().flat_map(|target| &target.events).filter_map(|name| service.events.get(name));
    let events: Vec<_> = events.collect();
    if events.iter().any(|event| event.origin == EventOrigin::Undeclared) {
        return;
    }
    for field in projection.entry.fields.iter().filter(|field| field.from.is_empty() && field.default.is_none()) {
        if events.iter().any(|event| event.fields.iter().any(|given| given.name == field.name)) {
            continue;
        }
        let message = format!("`{}.{}` never gets a value", projection.entry.name, field.name);
        let problem =
            Diagnostic::warning(FIELD_NEVER_FILLED, field.place, message).label("no event has a field of that name");
        let payload = events.iter().flat_map(|event| &event.fields).map(|given| given.name.as_written());
        let problem = match ids_for(field, &events) {
            Some(from) => problem.help(format!("a reference is stored as an id: `{from}`")),
            None => problem
                .suggest(field.name.as_written(), payload)
                .help("say where it comes from: `@from(events: [...], value: \"payload. ...\")`"),
        };
        sink.push(problem);
    }
}

/// What fills a reference: for `book` the payload's `bookId`, of those events that have it.
fn ids_for(field: &Field, events: &[&Event]) -> Option<String> {
    if !matches!(field.ty.ty, Type::Reference(_)) {
        return None;
    }
    let id = format!("{}Id", field.name);
    let holds = |event: &&&Event| event.fields.iter().any(|given| given.name.as_written() == id);
    let names: Vec<String> = events.iter().filter(holds).map(|event| format!("\"{}\"", event.name)).collect();
    (!names.is_empty()).then(|| format!("@from(events: [{}], value: \"payload.{id}\")", names.join(", ")))
}
