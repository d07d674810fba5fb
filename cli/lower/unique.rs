//! Unique constraints: `@unique` of a field, and of a type or a field over several fields.

use super::context::Context;
use super::directive::texts;
use super::fields::{BUILT_IN, through_reference};
use crate::diagnostic::codes::directives::{MISSING_ARGUMENT, NOT_UNIQUE, UNIQUE_FIELDS, UNIQUE_NAME};
use crate::diagnostic::codes::names::UNKNOWN_FIELD;
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{EntryType, Field, FieldName, Index, TypeName, Unique};
use crate::place::Place;
use crate::source::{RawDirective, RawSchemaField};

/// Whether a directive is one.
pub(super) fn is_unique(directive: &RawDirective) -> bool {
    directive.name.value == "unique"
}

/// The constraint of one directive; its fields become indexed, as holding it takes looking values up.
pub(super) fn lower_unique(
    (on, raw): (Option<&RawSchemaField>, &RawDirective),
    entry: &mut EntryType,
    context: &Context,
    sink: &mut Sink,
) -> Option<Unique> {
    let named = named(on, raw, sink)?;
    let mut complete = true;
    for (number, (name, place)) in named.iter().enumerate() {
        if named.iter().take(number).any(|(earlier, _)| earlier == name) {
            let message = format!("`{name}` is in the list twice");
            sink.push(Diagnostic::error(UNIQUE_FIELDS, *place, message).help("name each field once"));
            complete = false;
            continue;
        }
        complete &= is_usable((name, *place), &mut entry.fields, context, sink);
    }
    let fields: Vec<FieldName> = named.iter().map(|(name, _)| FieldName::new(*name)).collect();
    let name = match raw.argument("name") {
        Some(given) => {
            let text = given.word().unwrap_or_default();
            complete &= is_name(text, given.place, sink);
            text.to_owned()
        }
        None => default_name(&entry.name, &fields),
    };
    if !complete {
        return None;
    }
    if fields.len() > 1 && entry.indexes.iter().all(|index| index.fields != fields) {
        entry.indexes.push(Index { name: name.clone(), fields: fields.clone() });
    }
    Some(Unique { name, fields, place: raw.place })
}

/// The fields that a constraint is over, each at its place.
fn named<'r>(on: Option<&'r RawSchemaField>, raw: &'r RawDirective, sink: &mut Sink) -> Option<Vec<(&'r str, Place)>> {
    match (raw.argument("fields"), on) {
        (Some(fields), _) => {
            let named = texts(Some(fields));
            if named.is_empty() {
                let message = "the list `fields` of `@unique` is empty";
                let problem = Diagnostic::error(UNIQUE_FIELDS, fields.place, message);
                sink.push(problem.help("name the fields whose values belong together: `fields: [\"city\", \"name\"]`"));
            }
            (!named.is_empty()).then_some(named)
        }
        (None, Some(field)) => Some(vec![(field.name.value.as_str(), field.name.place)]),
        (None, None) => {
            let message = "`@unique` on a type needs the argument `fields`";
            sink.push(Diagnostic::error(MISSING_ARGUMENT, raw.place, message));
            None
        }
    }
}

/// Whether the field can be part of a constraint, as far as that is known before types are checked.
fn is_usable((name, place): (&str, Place), fields: &mut [Field], context: &Context, sink: &mut Sink) -> bool {
    if let Some(field) = fields.iter_mut().find(|field| field.name.as_written() == name) {
        // What cannot be looked up is refused once all types are known.
        field.indexed |= field.ty.ty.is_single();
        return !context.types.may_be_broken(&field.ty);
    }
    if BUILT_IN.iter().any(|(built_in, _)| *built_in == name) {
        let message = format!("`{name}` is set by the service and cannot be in a unique constraint");
        let problem = Diagnostic::error(NOT_UNIQUE, place, message);
        sink.push(match name {
            "id" => problem.help("an id is unique by itself; leave it out"),
            _ => problem.help("name fields that the type itself declares"),
        });
        return false;
    }
    let problem = Diagnostic::error(UNKNOWN_FIELD, place, format!("there is no field `{name}`"));
    sink.push(match through_reference(name, fields, context) {
        Some(help) => problem.label("leads to another entry").help(help),
        None => problem.suggest(name, fields.iter().map(|field| field.name.as_written())),
    });
    false
}

/// Names appear in messages between quotes, and in logs.
fn is_name(text: &str, place: Place, sink: &mut Sink) -> bool {
    let fits =
        (1..=100).contains(&text.len()) && text.chars().all(|one| one.is_ascii_alphanumeric() || "_-.".contains(one));
    if !fits {
        let message = format!("`{text}` cannot be the name of a constraint");
        let problem = Diagnostic::error(UNIQUE_NAME, place, message);
        sink.push(problem.help("a name has up to 100 letters, digits, `_`, `-` and `.`: `\"one_per_city\"`"));
    }
    fits
}

/// `student_email`: the type's and the fields' names as in SQL.
fn default_name(entry: &TypeName, fields: &[FieldName]) -> String {
    std::iter::once(entry.table()).chain(fields.iter().map(FieldName::column)).collect::<Vec<_>>().join("_")
}
