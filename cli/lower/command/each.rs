//! `each`: what is done for every element of a list.

use crate::diagnostic::codes::names::UNKNOWN_FIELD;
use crate::diagnostic::codes::rules::NO_LIST;
use crate::diagnostic::{Diagnostic, Sink};
use crate::lower::expression::{Scope, type_name};
use crate::lower::types::Types;
use crate::model::{Command, EventField, FieldName, FieldType, StateEntry, Type};
use crate::source::Name;

/// The list that an `each` names. Of one that names none, which is reported, nothing more can be said: `Err`.
pub(super) fn lower_each(
    raw: Option<&Name>,
    fields: &[EventField],
    types: &Types,
    sink: &mut Sink,
) -> Result<Option<FieldName>, ()> {
    let Some(raw) = raw else { return Ok(None) };
    let Some(field) = fields.iter().find(|field| field.name.as_written() == raw.value) else {
        let message = format!("the command has no field `{}`", raw.value);
        let lists = fields.iter().filter(|field| element(field).is_some()).map(|field| field.name.as_written());
        sink.push(Diagnostic::error(UNKNOWN_FIELD, raw.place, message).suggest(&raw.value, lists));
        return Err(());
    };
    if element(field).is_none() {
        // What stands for a type that was reported is no list either.
        if !types.may_be_broken(&field.ty) {
            let problem = Diagnostic::error(NO_LIST, raw.place, format!("`{}` is no list", field.name))
                .label(format!("this is `{}`", type_name(&field.ty)))
                .related(field.place, "declared here");
            sink.push(problem.help("`each` names a field of the command that is a list, like `[ID!]!`"));
        }
        return Err(());
    }
    Ok(Some(field.name.clone()))
}

fn element(field: &EventField) -> Option<&FieldType> {
    match &field.ty.ty {
        Type::List(element) => Some(element),
        _ => None,
    }
}

/// Binds what stands for one element: `item`, if there is an `each`.
pub(super) fn with_item(scope: Scope, each: Option<&FieldName>, fields: &[EventField]) -> Scope {
    let Some(list) = each else { return scope };
    match fields.iter().find(|field| field.name == *list).and_then(element) {
        Some(element) => scope.with_item(list, element),
        None => scope,
    }
}

/// Binds a state entry by its name where it has one value: where it stands for an element, only with the same `each`.
pub(super) fn with_entry(scope: Scope, entry: &StateEntry, each: Option<&FieldName>) -> Scope {
    match &entry.each {
        None => scope.with_state_entry(&entry.name, &entry.ty, entry.place),
        Some(list) if each == Some(list) => scope.with_state_of_item(&entry.name, &entry.ty, entry.place),
        Some(list) => scope.with_state_of_others(&entry.name, list, entry.place),
    }
}

/// The scope of a rule or an emit: the command's fields, its state, and with `each` one element.
pub(super) fn deciding(command: &Command, each: Option<&FieldName>) -> Scope {
    let scope = Scope::default().with_command(&command.fields, true).with_caller().with_now();
    let scope = with_item(scope, each, &command.fields);
    command.state.iter().fold(scope, |scope, entry| with_entry(scope, entry, each))
}
