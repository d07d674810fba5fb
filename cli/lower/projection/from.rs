//! `@from`, and the payload field of the same name where there is none.

use super::followed::Followed;
use crate::diagnostic::codes::directives::{EVENT_NOT_REACHED, PAYLOAD_DOES_NOT_FIT};
use crate::diagnostic::codes::expressions::MAY_BE_NIL;
use crate::diagnostic::{Diagnostic, Sink};
use crate::lower::context::suggest;
use crate::lower::declared::SchemaEntry;
use crate::lower::directive::texts;
use crate::lower::expression::{Scope, Typer, payload, type_name};
use crate::lower::fields::BUILT_IN;
use crate::model::{Event, EventOrigin, Expr, ExprKind, Field, FieldName, FieldType, From, Type, TypeName, Var};
use crate::place::Place;
use crate::source::{RawDirective, RawExpr, RawExprKind, RawSchemaValueKind, parse_expression};
use std::collections::BTreeSet;

/// Fills `from` of every field of the entry.
pub(super) fn lower_from(
    entry: &mut SchemaEntry<'_>,
    upserted: &BTreeSet<TypeName>,
    followed: Followed<'_>,
    sink: &mut Sink,
) {
    let projection = projection_fields(&entry.entry.fields);
    for field in &mut entry.entry.fields {
        let raw = entry.raw.fields.iter().find(|raw| raw.name.value == field.name.as_written());
        let directives = raw.into_iter().flat_map(|raw| &raw.directives);
        let named = directives.filter(|directive| directive.name.value == "from");
        let mut room = Room { projection: &projection, upserted, followed };
        let mut covered = BTreeSet::new();
        let mut from = Vec::new();
        for directive in named {
            let Some(events) = room.events(directive, sink) else {
                // Its events are unknown, so which of them still need a value is too.
                covered.extend(upserted.iter().cloned());
                continue;
            };
            covered.extend(events.iter().cloned());
            from.push(room.lower(directive, events, field, sink));
        }
        for event in upserted.difference(&covered) {
            from.extend(room.payload_of_same_name(event, field, sink));
        }
        field.from = from;
    }
}

/// What the fields of one projection are lowered against.
struct Room<'a> {
    projection: &'a [(String, FieldType)],
    upserted: &'a BTreeSet<TypeName>,
    followed: Followed<'a>,
}

impl Room<'_> {
    /// The events that the directive is for: those that it names, those of its topics, or all.
    fn events(&mut self, raw: &RawDirective, sink: &mut Sink) -> Option<BTreeSet<TypeName>> {
        let mut complete = true;
        let mut events = BTreeSet::new();
        for (name, place) in texts(raw.argument("events")) {
            let event = TypeName::new(name);
            if self.upserted.contains(&event) {
                events.insert(event);
            } else {
                let message = format!("no `@upsertOn` of this type listens to `{name}`");
                let problem = Diagnostic::error(EVENT_NOT_REACHED, place, message);
                let is_renamed = self.followed.events.values().any(|event| event.was_called(name));
                sink.push(match is_renamed {
                    true => suggest(problem, name, self.followed.events),
                    false => problem.suggest(name, self.upserted.iter().map(TypeName::as_written)),
                });
                complete = false;
            }
        }
        for (topic, place) in texts(raw.argument("topics")) {
            let of_topic =
                |event: &&TypeName| self.followed.events.get(*event).is_some_and(|event| event.topic == topic);
            let found: Vec<_> = self.upserted.iter().filter(of_topic).cloned().collect();
            if found.is_empty() {
                let message = format!("no `@upsertOn` of this type listens to the topic `{topic}`");
                sink.push(Diagnostic::error(EVENT_NOT_REACHED, place, message));
                complete = false;
            }
            events.extend(found);
        }
        if raw.argument("events").is_none() && raw.argument("topics").is_none() {
            return Some(self.upserted.clone());
        }
        complete.then_some(events)
    }

    fn lower(&mut self, raw: &RawDirective, events: BTreeSet<TypeName>, field: &Field, sink: &mut Sink) -> From {
        let value = match expression(raw, "value", sink) {
            Some(value) => value,
            None => same_name(field, raw.place),
        };
        let condition = expression(raw, "condition", sink);
        let allow_null = raw.argument("allowNull").map(|value| &value.kind);
        let allow_null = allow_null == Some(&RawSchemaValueKind::Boolean(true));
        let mut values = Vec::new();
        let mut conditions = Vec::new();
        for name in &events {
            let Some(event) = self.followed.events.get(name) else { continue };
            let scope = self.scope(event);
            let mut typer = Typer::new(&self.followed.context.types, &scope, sink);
            typer.event_is(name);
            if let Some(condition) = &condition {
                let typed = typer.typed(condition, &FieldType::required(Type::Boolean));
                if let Some(typed) = &typed {
                    typer.assume(typed);
                }
                conditions.extend(typed.map(|typed| (name.clone(), typed)));
            }
            let typed = typer.value(&value, Some(&field.ty));
            let typed = typed.and_then(|typed| {
                let target = own_nullability(&typed, field);
                typer.coerce(typed, &target)
            });
            if let Some(typed) = typed.as_ref().filter(|typed| allow_null && field.ty.required && !typed.ty.required) {
                let message = format!("`{}` is never null, but this value may be", field.name);
                sink.push(Diagnostic::error(MAY_BE_NIL, typed.place, message).help("leave out `allowNull`"));
            }
            values.extend(typed.map(|typed| (name.clone(), typed)));
        }
        From { events, values, conditions, allow_null, place: raw.place }
    }

    /// The payload field of the field's name, for an event that no `@from` is for.
    fn payload_of_same_name(&mut self, name: &TypeName, field: &Field, sink: &mut Sink) -> Option<From> {
        let event = self.followed.events.get(name)?;
        let declared = event.fields.iter().find(|of| of.name == field.name);
        let untyped = event.origin == EventOrigin::Undeclared;
        if declared.is_none() && !untyped {
            return None;
        }
        let place = field.place;
        let whole = payload_type(event);
        let of = declared.map_or(FieldType::nullable(Type::Json), |of| FieldType {
            required: of.ty.required && !of.may_be_absent,
            ..of.ty.clone()
        });
        let base = Box::new(Expr { kind: ExprKind::Var(Var::Event), ty: whole, place });
        let kind = ExprKind::Field { base, name: FieldName::new(field.name.as_written()), optional: false };
        let found = Expr { kind, ty: of.clone(), place };
        let target = own_nullability(&found, field);
        let scope = Scope::default();
        let value = Typer::new(&self.followed.context.types, &scope, sink).try_coerce(found, &target);
        let Some(value) = value else {
            let (is, has) = (type_name(&field.ty), type_name(&of));
            let message = format!("`{}` is `{is}`, but `{name}` has it as `{has}`", field.name);
            let diagnostic = Diagnostic::error(PAYLOAD_DOES_NOT_FIT, place, message);
            let diagnostic =
                declared.map_or(diagnostic.clone(), |of| diagnostic.related(of.place, "the event's field"));
            sink.push(diagnostic.help("say with `@from` what the value is, or rename one of them"));
            return None;
        };
        // What may be absent is no null; all else that may be null is taken over as it is.
        let may_be_absent = untyped || declared.is_some_and(|of| of.may_be_absent);
        let allow_null = !may_be_absent && !field.ty.required;
        let events = BTreeSet::from([name.clone()]);
        Some(From { events, values: vec![(name.clone(), value)], conditions: Vec::new(), allow_null, place })
    }

    fn scope(&self, event: &Event) -> Scope {
        let ty = payload_type(event);
        let scope = Scope::default().with_event(&["payload", "event"], &ty).with_meta(&["metadata", "meta"]);
        scope.with_projection(self.projection.to_vec()).with_now()
    }
}

/// What `payload` is: a record of the declared fields, or untyped JSON.
fn payload_type(event: &Event) -> FieldType {
    if event.origin == EventOrigin::Undeclared {
        return FieldType::required(Type::Json);
    }
    payload(&event.fields)
}

/// A value of the field's type that may be nil if the value may: nil leaves the field as it is.
fn own_nullability(value: &Expr, field: &Field) -> FieldType {
    FieldType { ty: field.ty.ty.clone(), required: value.ty.required }
}

fn expression(raw: &RawDirective, argument: &str, sink: &mut Sink) -> Option<RawExpr> {
    match &raw.argument(argument)?.kind {
        RawSchemaValueKind::Text(text) => Some(parse_expression(text, sink)),
        RawSchemaValueKind::Enum(name) => {
            let place = raw.argument(argument)?.place;
            Some(parse_expression(&crate::source::Text::whole(name.clone(), place), sink))
        }
        _ => None,
    }
}

/// `payload.<field>`
fn same_name(field: &Field, place: Place) -> RawExpr {
    let base = Box::new(RawExpr { kind: RawExprKind::Name("payload".to_owned()), place });
    let name = crate::source::Name::new(field.name.to_string(), place);
    RawExpr { kind: RawExprKind::Field { base, name, optional: false }, place }
}

fn projection_fields(fields: &[Field]) -> Vec<(String, FieldType)> {
    let built_in = BUILT_IN.iter().map(|(name, ty)| ((*name).to_owned(), FieldType::required(ty.clone())));
    built_in.chain(fields.iter().map(|field| (field.name.to_string(), field.ty.clone()))).collect()
}
