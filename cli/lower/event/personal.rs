//! `gdpr` of a field: whose data it is, and what stands for it once that person is erased.

use crate::diagnostic::codes::erasure::{PERSONAL_COMMAND, PERSONAL_DEFAULT};
use crate::diagnostic::codes::names::{DOUBLED_NAME, UNKNOWN_FIELD};
use crate::diagnostic::codes::reading::MISSING_KEY;
use crate::diagnostic::{Diagnostic, Sink};
use crate::lower::context::Context;
use crate::lower::expression::type_name;
use crate::lower::value;
use crate::model::{Event, EventField, EventOrigin, FieldName, FieldType, Personal, Type, TypeName};
use crate::place::Place;
use crate::source::{RawEvent, RawExprKind, RawField, RawGdpr, RawValue, RawValueKind, Text, parse_expression};
use serde_json::Value as Json;

/// The event that an erasure records.
const ERASED: &str = "SubjectErased";

/// Names that only an expression begins with.
const SCOPE: &[&str] = &["caller", "command", "entry", "event", "item", "meta", "payload", "state"];

/// Adds to the fields of an event what `gdpr` says of them.
pub(super) fn lower_personal(raw: &RawEvent, fields: &mut [EventField], context: &Context, sink: &mut Sink) {
    for field in &raw.fields {
        let Some(gdpr) = &field.gdpr else { continue };
        let Some(index) = fields.iter().position(|known| known.place == field.name.place) else { continue };
        let subject = lower_subject(raw, gdpr, fields, sink);
        let default = lower_default(field, gdpr, &fields[index].ty, context, sink);
        if let (Some(subject), Some(default)) = (subject, default) {
            fields[index].personal = Some(Personal { subject, default, place: gdpr.place });
        }
    }
}

/// The fields of a command are not stored, so there is nothing of them to erase.
pub(in crate::lower) fn refuse_personal(fields: &[RawField], sink: &mut Sink) {
    for gdpr in fields.iter().filter_map(|field| field.gdpr.as_ref()) {
        let message = "`gdpr` belongs to a field of an event: what a command is sent is not stored";
        let problem = Diagnostic::error(PERSONAL_COMMAND, gdpr.place, message).label("of a command's field");
        sink.push(problem.help("write it where the event that is recorded declares the field"));
    }
}

/// A service with personal fields records `SubjectErased` when a person is erased, which anything may follow.
pub(super) fn declare_erasure(context: &mut Context, sink: &mut Sink) {
    let name = TypeName::new(ERASED);
    let mut personal = context.events.values().flat_map(|event| &event.fields);
    let Some(place) = personal.find_map(|field| field.personal.as_ref()).map(|personal| personal.place) else { return };
    if let Some(other) = context.events.get(&name) {
        let message = format!("the event `{name}` is what an erasure records");
        let problem = Diagnostic::error(DOUBLED_NAME, other.place, message).label("declared here too");
        sink.push(problem.related(place, "there is personal data to erase").help("give it another name"));
        return;
    }
    let event = erasure(name.clone(), &context.name, place);
    context.events.insert(name, event);
}

fn erasure(name: TypeName, topic: &str, place: Place) -> Event {
    let subject = EventField {
        name: FieldName::new("subjectId"),
        doc: Some("The person's id, as events name it in the field that is the subject of personal ones.".to_owned()),
        ty: FieldType::required(Type::Id),
        may_be_absent: false,
        personal: None,
        place,
    };
    Event {
        name,
        doc: Some(
            "A person was erased: the personal data of earlier events is gone, and defaults stand for it.".to_owned(),
        ),
        earlier: Vec::new(),
        topic: topic.to_owned(),
        version: 1,
        fields: vec![subject],
        tags: Vec::new(),
        upcast: Vec::new(),
        origin: EventOrigin::Erasure,
        place,
    }
}

fn lower_subject(raw: &RawEvent, gdpr: &RawGdpr, fields: &[EventField], sink: &mut Sink) -> Option<FieldName> {
    let Some(written) = &gdpr.subject else {
        let problem = Diagnostic::error(MISSING_KEY, gdpr.place, "`gdpr` lacks `subject`");
        sink.push(problem.help("add `subject: …`, the field of the event that holds the person's id"));
        return None;
    };
    let found = fields.iter().find(|field| field.name.as_written() == written.value);
    if found.is_none() {
        let message = format!("`{}` has no field `{}`", raw.name.value, written.value);
        let names = fields.iter().map(|field| field.name.as_written());
        sink.push(Diagnostic::error(UNKNOWN_FIELD, written.place, message).suggest(&written.value, names));
    }
    found.map(|field| field.name.clone())
}

/// The default by the field's type; a field that may be null needs none.
fn lower_default(raw: &RawField, gdpr: &RawGdpr, ty: &FieldType, context: &Context, sink: &mut Sink) -> Option<Json> {
    let Some(written) = &gdpr.default else {
        if !ty.required {
            return Some(Json::Null);
        }
        let message = format!("`gdpr` of `{}` lacks `default`", raw.name.value);
        let problem = Diagnostic::error(MISSING_KEY, gdpr.place, message).label(format!("it is `{}`", type_name(ty)));
        sink.push(problem.help("add `default: …`: what stands for the value once the person is erased"));
        return None;
    };
    if let Some(text) = expression(written, ty) {
        let message = format!("`{text}` is an expression, but a default is a value");
        let problem = Diagnostic::error(PERSONAL_DEFAULT, written.place, message).label("it is never computed");
        sink.push(problem.help("write the text itself, as in an example: `default: unknown`, `default: \"\"`"));
        return None;
    }
    value::read(written, ty, &context.types, sink)
}

/// The text, where one is expected and what stands there is plainly meant to be computed.
fn expression<'r>(raw: &'r RawValue, ty: &FieldType) -> Option<&'r str> {
    let (RawValueKind::Scalar { text, .. }, Type::String | Type::Id) = (&raw.kind, &ty.ty) else { return None };
    let mut unread = Sink::default();
    let parsed = parse_expression(&Text::whole(text.as_str(), raw.place), &mut unread);
    let is_meant = match parsed.kind {
        RawExprKind::Text(_) => true,
        RawExprKind::Field { base, .. } => {
            matches!(&base.kind, RawExprKind::Name(name) if SCOPE.contains(&name.as_str()))
        }
        _ => false,
    };
    is_meant.then_some(text)
}
