//! Fields of entries: which can be filtered and sorted by; a CRUD type has something to write.

use crate::diagnostic::codes::directives::{EMPTY_TYPE, NOT_INDEXABLE};
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::Service;

/// Every entry of the service.
pub(super) fn check(service: &Service, sink: &mut Sink) {
    check_written(service, sink);
    for entry in service.entries().into_values() {
        for field in entry.fields.iter().filter(|field| field.indexed) {
            let Some(what) = field.ty.ty.unsortable() else { continue };
            let message = format!("`{}.{}` cannot be filtered or sorted by: it is {what}", entry.name, field.name);
            let problem = Diagnostic::error(NOT_INDEXABLE, field.place, message).label("named by `@index`");
            sink.push(problem.help("index a field that holds one value, or a list of references"));
        }
    }
}

/// `CreateX` and `UpdateX` are made of the fields that a CRUD type has of its own.
fn check_written(service: &Service, sink: &mut Sink) {
    for (name, crud) in service.cruds.iter().filter(|(_, crud)| crud.entry.writable().next().is_none()) {
        let message = format!("the CRUD type `{name}` has no field to write");
        let problem = Diagnostic::error(EMPTY_TYPE, crud.entry.place, message);
        sink.push(if crud.entry.fields.is_empty() {
            let problem = problem.label("nothing but what every entry has");
            problem.help("give it a field of its own: `name: String!`")
        } else {
            let problem = problem.label("nothing that callers may write");
            problem.help("give it a field that callers write: `name: String`")
        });
    }
}
