//! Nested types: none may hold itself without an end.

use crate::diagnostic::codes::directives::ENDLESS_TYPE;
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{ObjectField, Service, Type, TypeName};

/// A required field that leads back to its own type, through however many others, has no smallest value.
pub(super) fn check(service: &Service, sink: &mut Sink) {
    for (name, object) in &service.objects {
        for field in &object.fields {
            let Some(path) = required(field).and_then(|next| way_back(service, next, name)) else { continue };
            // Each cycle is told once, at the type that comes first.
            if path.iter().any(|(step, _)| *step < name) {
                continue;
            }
            let steps: Vec<String> = path.iter().map(|(step, field)| format!("`{step}.{field}`")).collect();
            let through = if steps.is_empty() { String::new() } else { format!(" through {}", steps.join(", ")) };
            let message = format!("`{name}` holds itself without an end{through}");
            let problem =
                Diagnostic::error(ENDLESS_TYPE, field.place, message).label("required, and so is all that it leads to");
            sink.push(
                problem.help("make one of the fields nullable (leave out the `!`), a list, or a reference to an entry"),
            );
        }
    }
}

/// The fields to go from `from` back to `goal`, over required ones; none if there is no way.
fn way_back<'a>(service: &'a Service, from: &'a TypeName, goal: &TypeName) -> Option<Vec<(&'a TypeName, &'a str)>> {
    let mut open = vec![(from, Vec::new())];
    let mut seen = vec![from];
    while let Some((name, path)) = open.pop() {
        if name == goal {
            return Some(path);
        }
        let fields = service.objects.get(name).into_iter().flat_map(|object| &object.fields);
        for field in fields {
            let Some(next) = required(field) else { continue };
            if next == goal || !seen.contains(&next) {
                seen.push(next);
                let mut longer = path.clone();
                longer.push((name, field.name.as_written()));
                open.push((next, longer));
            }
        }
    }
    None
}

fn required(field: &ObjectField) -> Option<&TypeName> {
    match &field.ty.ty {
        Type::Object(name) if field.ty.required => Some(name),
        _ => None,
    }
}
