//! How the payload of an older version becomes today's.

use crate::diagnostic::codes::names::UNKNOWN_FIELD;
use crate::diagnostic::codes::rules::NOTHING_OLDER;
use crate::diagnostic::{Diagnostic, Sink};
use crate::lower::context::Context;
use crate::lower::expression::{Scope, Typer};
use crate::lower::names::Names;
use crate::model::{EventField, Expr, Upcast};
use crate::place::Place;
use crate::source::{Name, RawAssignment, RawEvent, RawExpr, RawExprKind};

/// A value for every field, or none at all if nothing was written: then today's fields are read by their names.
pub(super) fn lower_upcast(raw: &RawEvent, fields: &[EventField], context: &Context, sink: &mut Sink) -> Vec<Upcast> {
    let Some(written) = &raw.upcast else { return Vec::new() };
    if raw.version.as_ref().is_none_or(|version| version.value < 2) {
        let message = format!("`{}` is at version 1: nothing is older", raw.name.value);
        let problem = Diagnostic::error(NOTHING_OLDER, written.place, message).label("reads older versions");
        sink.push(problem.help("write `version: 2` if the payload has changed since events of it were stored"));
    }
    let mut names = Names::default();
    for assignment in &written.value {
        let is_first = names.first("field", &assignment.name, sink);
        if is_first && !fields.iter().any(|field| field.name.as_written() == assignment.name.value) {
            let message = format!("`{}` has no field `{}`", raw.name.value, assignment.name.value);
            let known = fields.iter().map(|field| field.name.as_written());
            let problem = Diagnostic::error(UNKNOWN_FIELD, assignment.name.place, message);
            sink.push(problem.suggest(&assignment.name.value, known));
        }
    }
    let scope = Scope::default().with_older();
    let mut typer = Typer::new(&context.types, &scope, sink);
    let value = |field| lower_value(field, &written.value, written.place, &mut typer);
    let values: Vec<_> = fields.iter().map(value).collect();
    let upcast = |(field, value): (&EventField, Expr)| Upcast { field: field.name.clone(), value };
    let whole = values.into_iter().collect::<Option<Vec<_>>>();
    whole.map(|values| fields.iter().zip(values).map(upcast).collect()).unwrap_or_default()
}

/// What was written for the field, else `event.<field>`.
fn lower_value(field: &EventField, written: &[RawAssignment], place: Place, typer: &mut Typer<'_>) -> Option<Expr> {
    match written.iter().find(|assignment| assignment.name.value == field.name.as_written()) {
        Some(assignment) => typer.typed(&assignment.value, &field.ty),
        None => typer.typed(&old_field(field, place), &field.ty),
    }
}

fn old_field(field: &EventField, place: Place) -> RawExpr {
    let base = Box::new(RawExpr { kind: RawExprKind::Name("event".to_owned()), place });
    let name = Name::new(field.name.to_string(), place);
    RawExpr { kind: RawExprKind::Field { base, name, optional: false }, place }
}
