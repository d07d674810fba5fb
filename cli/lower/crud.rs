//! The events of CRUD types: `XCreated`, `XUpdated`, `XDeleted`.

use super::context::Context;
use super::declared::SchemaEntry;
use crate::model::{EntryType, Expr, ExprKind, TagPart, Var};
use crate::model::{Event, EventField, EventOrigin, FieldName, FieldType, Kind, TagTemplate, Type, TypeName};
use crate::place::Place;
use heck::ToLowerCamelCase;

/// Adds the events of every CRUD type.
pub(super) fn declare_events(entries: &[SchemaEntry<'_>], context: &mut Context) {
    for entry in entries.iter().map(|entry| &entry.entry).filter(|entry| entry.kind == Kind::Crud) {
        for event in events(entry, &context.name) {
            context.events.insert(event.name.clone(), event);
        }
    }
}

fn events(entry: &EntryType, topic: &str) -> [Event; 3] {
    let id = field(FieldName::new("id"), FieldType::required(Type::Id), None, false, entry.place);
    let fields = |may_be_absent: bool| {
        let fields = entry.fields.iter();
        let fields = fields.map(|of| field(of.name.clone(), of.ty.clone(), of.doc.clone(), may_be_absent, of.place));
        std::iter::once(id.clone()).chain(fields).collect::<Vec<_>>()
    };
    let name = &entry.name;
    let event = |verb: &str, doc: String, fields, origin| Event {
        name: TypeName::new(format!("{name}{verb}")),
        earlier: Vec::new(),
        doc: Some(doc),
        topic: topic.to_owned(),
        version: 1,
        fields,
        tags: vec![tag(name, entry.place)],
        upcast: Vec::new(),
        origin,
        place: entry.place,
    };
    [
        event(
            "Created",
            format!("An entry of `{name}` was created."),
            fields(false),
            EventOrigin::CrudCreated(name.clone()),
        ),
        event(
            "Updated",
            format!("Some fields of an entry of `{name}` were changed; the others are absent."),
            fields(true),
            EventOrigin::CrudUpdated(name.clone()),
        ),
        event(
            "Deleted",
            format!("An entry of `{name}` was deleted."),
            vec![id.clone()],
            EventOrigin::CrudDeleted(name.clone()),
        ),
    ]
}

/// All but the id may be absent from an update.
fn field(name: FieldName, ty: FieldType, doc: Option<String>, may_be_absent: bool, place: Place) -> EventField {
    EventField { name, doc, ty, may_be_absent, personal: None, place }
}

/// `student:{id}`
fn tag(name: &TypeName, place: Place) -> TagTemplate {
    let id = FieldName::new("id");
    let hole = Expr { kind: ExprKind::Var(Var::EventField(id)), ty: FieldType::required(Type::Id), place };
    let prefix = name.as_written().to_lower_camel_case();
    TagTemplate { parts: vec![TagPart::Text(format!("{prefix}:")), TagPart::Hole(hole)], place }
}
