//! Nested types and enums: none may hold itself without an end, none may be empty where it is used.

use crate::diagnostic::codes::directives::{EMPTY_TYPE, ENDLESS_TYPE};
use crate::diagnostic::codes::later::SCHEMA_LATER;
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{FieldType, Model, ObjectField, Service, Type, TypeName};
use crate::place::Place;

/// Cycles, then empty types.
pub(super) fn check(model: &Model, service: &Service, sink: &mut Sink) {
    check_cycles(service, sink);
    check_empty(model, service, sink);
}

/// A field that leads back to its own type, through however many others, without a list on the way. Over required
/// fields there is no smallest value; over nullable ones there is, but it is not generated yet.
fn check_cycles(service: &Service, sink: &mut Sink) {
    for (name, object) in &service.objects {
        for field in &object.fields {
            let Some(path) = directly(field).and_then(|next| way_back(service, next, name)) else { continue };
            // Each cycle is told once, at the type that comes first.
            if path.iter().any(|(step, _)| *step < name) {
                continue;
            }
            let steps: Vec<String> = path.iter().map(|(step, field)| format!("`{step}.{}`", field.name)).collect();
            let through = if steps.is_empty() { String::new() } else { format!(" through {}", steps.join(", ")) };
            if field.ty.required && path.iter().all(|(_, field)| field.ty.required) {
                let message = format!("`{name}` holds itself without an end{through}");
                let problem = Diagnostic::error(ENDLESS_TYPE, field.place, message)
                    .label("required, and so is all that it leads to");
                sink.push(problem.help("make one of the fields a list, or a reference to an entry"));
            } else {
                let message = format!("`{name}` holds itself{through}, which is not generated yet");
                let problem = Diagnostic::error(SCHEMA_LATER, field.place, message).label("leads back to its own type");
                sink.push(problem.help("make one of the fields a list, or a reference to an entry"));
            }
        }
    }
}

/// The fields to go from `from` back to `goal` within the service, lists left out; none if there is no way. Ways over other
/// services are circles of theirs (`circles`).
fn way_back<'a>(
    service: &'a Service,
    from: &'a TypeName,
    goal: &TypeName,
) -> Option<Vec<(&'a TypeName, &'a ObjectField)>> {
    let mut open = vec![(from, Vec::new())];
    let mut seen = vec![from];
    while let Some((name, path)) = open.pop() {
        if name == goal {
            return Some(path);
        }
        let fields = service.objects.get(name).into_iter().flat_map(|object| &object.fields);
        for field in fields {
            let Some(next) = directly(field) else { continue };
            if next == goal || !seen.contains(&next) {
                seen.push(next);
                let mut longer = path.clone();
                longer.push((name, field));
                open.push((next, longer));
            }
        }
    }
    None
}

fn directly(field: &ObjectField) -> Option<&TypeName> {
    match &field.ty.ty {
        Type::Object(name) => Some(name),
        _ => None,
    }
}

/// GraphQL and protobuf have no type without fields and no enum without values.
fn check_empty(model: &Model, service: &Service, sink: &mut Sink) {
    let mut refuse = |place: Place, message: String, help: &str| {
        sink.push(Diagnostic::error(EMPTY_TYPE, place, message).label("nothing in it").help(help));
    };
    for (name, definition) in service.enums.iter().filter(|(_, definition)| definition.values.is_empty()) {
        refuse(definition.place, format!("the enum `{name}` has no values"), "give it a value, or leave it out");
    }
    for (name, object) in service.objects.iter().filter(|(_, object)| object.fields.is_empty()) {
        if is_used(model, name) {
            refuse(object.place, format!("`{name}` has no fields, yet a field holds one"), "give it a field");
        }
    }
}

/// Whether any field of the project holds this nested type.
pub(super) fn is_used(model: &Model, name: &TypeName) -> bool {
    let held = |ty: &FieldType| matches!(innermost(&ty.ty), Type::Object(held) if held == name);
    model.services.values().any(|service| service.field_types().any(held))
}

/// What a list is made of, however many lists deep.
fn innermost(ty: &Type) -> &Type {
    match ty {
        Type::List(element) => innermost(&element.ty),
        other => other,
    }
}
