//! Events of the event model, and the fields that events and commands have.

mod personal;
mod upcast;

pub(super) use personal::refuse_personal;

use super::context::Context;
use super::expression::{Scope, Typer};
use super::names::Names;
use super::names::doc;
use crate::diagnostic::codes::names::DOUBLED_NAME;
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{EarlierName, Event, EventField, EventOrigin, FieldName, TagPart, TagTemplate, TypeName};
use crate::source::{Name, RawEvent, RawField, RawService, RawTemplate};
use std::collections::BTreeSet;

/// Adds every declared event to the context.
pub(super) fn lower_events(raw: &RawService, context: &mut Context, sink: &mut Sink) {
    let mut names = Names::default();
    for event in raw.models.iter().flat_map(|model| &model.events) {
        if !names.first("event", &event.name, sink) {
            continue;
        }
        let name = TypeName::new(&event.name.value);
        if let Some(other) = context.events.get(&name) {
            let message = format!("the event `{name}` is recorded by a CRUD type already");
            let diagnostic = Diagnostic::error(DOUBLED_NAME, event.name.place, message);
            sink.push(diagnostic.related(other.place, "by this type"));
            continue;
        }
        let lowered = lower_event(event, context, sink);
        context.events.insert(name, lowered);
    }
    personal::declare_erasure(context, sink);
}

/// The fields of an event or a command, each name once, in order.
pub(super) fn lower_fields(raw: &[RawField], context: &Context, sink: &mut Sink) -> Vec<EventField> {
    let mut names = Names::default();
    let mut fields = Vec::new();
    for field in raw {
        if !names.first("field", &field.name, sink) {
            continue;
        }
        fields.push(EventField {
            name: FieldName::new(&field.name.value),
            doc: doc(&field.doc),
            ty: context.types.resolve_or_any(field.ty.as_ref(), &context.neighbours, sink),
            may_be_absent: false,
            personal: None,
            place: field.name.place,
        });
    }
    fields
}

fn lower_event(raw: &RawEvent, context: &Context, sink: &mut Sink) -> Event {
    let mut fields = lower_fields(&raw.fields, context, sink);
    personal::lower_personal(raw, &mut fields, context, sink);
    let upcast = upcast::lower_upcast(raw, &fields, context, sink);
    let scope = Scope::default().with_event_fields(&fields);
    let mut typer = Typer::new(&context.types, &scope, sink);
    let written = raw.tags.iter().flat_map(|tags| &tags.value);
    let tags = written.map(|tag| typer.tag(tag, true).unwrap_or_else(|| broken_tag(tag))).collect();
    let earlier = |name: &Name| EarlierName { name: TypeName::new(&name.value), place: name.place };
    Event {
        name: TypeName::new(&raw.name.value),
        earlier: raw.renamed.iter().map(earlier).collect(),
        doc: doc(&raw.doc),
        topic: raw.topic.as_ref().map_or_else(|| context.name.clone(), |topic| topic.value.clone()),
        version: raw.version.as_ref().map_or(1, |version| version.value),
        fields,
        tags,
        upcast,
        origin: EventOrigin::Model,
        place: raw.name.place,
    }
}

/// Stands for a tag that was reported, so that nobody takes the event for one without tags.
pub(super) fn broken_tag(raw: &RawTemplate) -> TagTemplate {
    TagTemplate { parts: vec![TagPart::Text(String::new())], place: raw.place }
}

/// Every topic that the service's events have.
pub(super) fn topics(context: &Context) -> BTreeSet<&str> {
    let own = context.events.values().map(|event| event.topic.as_str());
    own.chain([context.name.as_str()]).collect()
}
