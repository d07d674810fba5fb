//! What a command records.

use crate::diagnostic::codes::erasure::RECORDED_ERASURE;
use crate::diagnostic::codes::names::{UNKNOWN_EVENT, UNKNOWN_FIELD};
use crate::diagnostic::codes::rules::MISSING_VALUE;
use crate::diagnostic::{Diagnostic, Sink};
use crate::lower::context::Context;
use crate::lower::expression::{Typer, type_name};
use crate::lower::names::Names;
use crate::model::{Emit, Event, EventField, EventOrigin, Expr, ExprKind, FieldName, FieldType, Type};
use crate::place::Place;
use crate::source::{Name, RawEmit, RawExpr, RawExprKind};

/// One entry of `emit`: a value for every field of the event. Its `each` is for the caller to say.
pub(super) fn lower_emit(
    raw: &RawEmit,
    fields: &[EventField],
    context: &Context,
    typer: &mut Typer<'_>,
) -> Option<Emit> {
    let event = recordable(&raw.event, context, typer.sink())?;
    let complete = names_fit(raw, event, typer);
    let when = match &raw.when {
        Some(when) => Some(typer.typed(when, &FieldType::required(Type::Boolean))?),
        None => None,
    };
    let values = match &when {
        // What the condition says about nil is known to the values.
        Some(holds) => typer.given(holds, true, |typer| values(raw, event, fields, typer)),
        None => values(raw, event, fields, typer),
    };
    let emit = Emit { event: event.name.clone(), each: None, when, values: values?, place: raw.place };
    complete.then_some(emit)
}

/// The event of that name, if a command can record it.
pub(super) fn recordable<'a>(name: &Name, context: &'a Context, sink: &mut Sink) -> Option<&'a Event> {
    let event = context.event(name, sink)?;
    if event.origin == EventOrigin::Undeclared {
        let message =
            format!("`{}` is not declared: nothing says what it is made of, so it cannot be recorded", name.value);
        let problem = Diagnostic::error(UNKNOWN_EVENT, name.place, message).label("only a directive names it");
        sink.push(
            problem.help(format!("declare it: `events: {{ {}: {{ fields: {{ … }}, tags: [ … ] }} }}`", name.value)),
        );
        return None;
    }
    if event.origin == EventOrigin::Erasure {
        let message = format!("`{}` is recorded by the erasure itself", name.value);
        let problem = Diagnostic::error(RECORDED_ERASURE, name.place, message).label("no command records it");
        sink.push(problem.help("erase a person with `erase` of the service's program, or from an effect of yours"));
        return None;
    }
    Some(event)
}

/// All values, so that each that is wrong is reported. What may be absent and is not written stays away: that is no change.
fn values(
    raw: &RawEmit,
    event: &Event,
    fields: &[EventField],
    typer: &mut Typer<'_>,
) -> Option<Vec<(FieldName, Expr)>> {
    let value = |field: &EventField| Some((field.name.clone(), value(raw, field, event, fields, typer)?));
    let is_there = |field: &&EventField| {
        let written = raw.values.iter().any(|assignment| assignment.name.value == field.name.as_written());
        !field.may_be_absent || written || fields.iter().any(|of| of.name == field.name)
    };
    let values: Vec<_> = event.fields.iter().filter(is_there).map(value).collect();
    values.into_iter().collect()
}

fn names_fit(raw: &RawEmit, event: &Event, typer: &mut Typer<'_>) -> bool {
    let mut names = Names::default();
    let mut complete = true;
    for assignment in &raw.values {
        complete &= names.first("field", &assignment.name, typer.sink());
        let written = &assignment.name.value;
        if !event.fields.iter().any(|field| field.name.as_written() == written) {
            let message = format!("`{}` has no field `{written}`", event.name);
            let known = event.fields.iter().map(|field| field.name.as_written());
            let diagnostic = Diagnostic::error(UNKNOWN_FIELD, assignment.name.place, message);
            typer.sink().push(diagnostic.suggest(written, known));
            complete = false;
        }
    }
    complete
}

/// What was written, else the command's field of that name, else nil.
fn value(
    raw: &RawEmit,
    field: &EventField,
    event: &Event,
    fields: &[EventField],
    typer: &mut Typer<'_>,
) -> Option<Expr> {
    let written = raw.values.iter().find(|assignment| assignment.name.value == field.name.as_written());
    if let Some(written) = written {
        return typer.typed(&written.value, &field.ty);
    }
    if fields.iter().any(|of| of.name == field.name) {
        return typer.typed(&command_field(&field.name, raw.event.place), &field.ty);
    }
    if !field.ty.required {
        return Some(Expr { kind: ExprKind::Nil, ty: field.ty.clone(), place: raw.place });
    }
    let message = format!("`{}` needs a value for `{}`", event.name, field.name);
    let diagnostic = Diagnostic::error(MISSING_VALUE, raw.event.place, message)
        .label(format!("`{}` is `{}`", field.name, type_name(&field.ty)))
        .related(field.place, "declared here");
    let (event, field) = (&event.name, &field.name);
    let help = if typer.knows(field.as_written()) {
        format!("write `{event}: {{ {field}: {field} }}`: by themselves only fields of the command are taken")
    } else {
        format!("write `{event}: {{ {field}: … }}`, or give the command a field of that name")
    };
    typer.sink().push(diagnostic.help(help));
    None
}

/// `command.<name>`, so that a state entry of the same name does not get in the way.
fn command_field(name: &FieldName, place: Place) -> RawExpr {
    let base = Box::new(RawExpr { kind: RawExprKind::Name("command".to_owned()), place });
    let name = Name::new(name.to_string(), place);
    RawExpr { kind: RawExprKind::Field { base, name, optional: false }, place }
}
