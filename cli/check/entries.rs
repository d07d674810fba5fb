//! Fields of entries: which can be filtered and sorted by.

use crate::diagnostic::codes::directives::NOT_INDEXABLE;
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{Service, Type};

/// Every entry of the service.
pub(super) fn check(service: &Service, sink: &mut Sink) {
    for entry in service.entries().into_values() {
        for field in entry.fields.iter().filter(|field| field.indexed) {
            let Some(what) = unsortable(&field.ty.ty) else { continue };
            let message = format!("`{}.{}` cannot be filtered or sorted by: it is {what}", entry.name, field.name);
            let problem = Diagnostic::error(NOT_INDEXABLE, field.place, message).label("named by `@index`");
            sink.push(problem.help("index a field that holds one value, or a list of references"));
        }
    }
}

fn unsortable(ty: &Type) -> Option<&'static str> {
    match ty {
        Type::Object(_) | Type::Map(_) => Some("a nested type"),
        Type::Json => Some("JSON"),
        Type::File => Some("a file"),
        Type::List(element) if !matches!(element.ty, Type::Reference(_)) => Some("a list"),
        _ => None,
    }
}
