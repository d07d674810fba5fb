//! Fields of types: those that every entry has, those of one as written, and what to do instead of going through a reference.

use super::context::Context;
use super::names::Names;
use crate::diagnostic::codes::later::SCHEMA_LATER;
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{Field, Type};
use crate::place::Place;
use crate::source::{RawObject, RawSchemaField};

/// Fields that every entry has, declared or not.
pub(super) const BUILT_IN: &[(&str, Type)] =
    &[("id", Type::Id), ("createdAt", Type::DateTime), ("changedAt", Type::DateTime)];

/// Fields of an object, each name once.
pub(super) fn fields_once<'r>(object: &'r RawObject, sink: &mut Sink) -> Vec<&'r RawSchemaField> {
    let mut names = Names::default();
    object.fields.iter().filter(|field| names.first("field", &field.name, sink)).collect()
}

/// Says what a stored field cannot have.
pub(super) fn refuse_field_parts(field: &RawSchemaField, sink: &mut Sink) {
    if let Some(argument) = field.arguments.first() {
        later(argument.place, "arguments of fields are not generated", sink);
    }
    if let Some(default) = &field.default {
        later(default.place, "default values of input fields are not generated yet", sink);
    }
}

/// What to do instead of going through a reference, `course.title`, where a field of the entry itself is meant: what filters and
/// orders look at lies in the entry's own table.
pub(super) fn through_reference(written: &str, fields: &[Field], context: &Context) -> Option<String> {
    let (first, _) = written.split_once('.')?;
    let field = fields.iter().find(|field| field.name.as_written() == first)?;
    let Type::Reference(target) = &field.ty.ty else { return None };
    let whose = match context.neighbours.service_of_type(target.as_written()) {
        Some(service) => format!("`{target}` of `{service}`, and filters and orders do not cross services"),
        None => format!("`{target}`, and filters and orders stay within an entry"),
    };
    Some(format!("`{first}` refers to {whose}: name `{first}`, which holds the id, or keep a copy of the value here"))
}

/// Says that something is not generated.
pub(super) fn later(place: Place, message: &str, sink: &mut Sink) {
    sink.push(Diagnostic::error(SCHEMA_LATER, place, message));
}
