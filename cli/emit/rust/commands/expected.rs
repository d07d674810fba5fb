//! What examples expect: JSON in which Decimals are marked, so that they are compared by value.

use crate::emit::rust::json;
use crate::model::{EventOrigin, FieldType, Service, SpecEvent, Type};
use serde_json::Value;

/// The fields of an expected event.
pub(super) fn event(service: &Service, event: &SpecEvent) -> Value {
    let declared = service.events.get(&event.event).filter(|event| event.origin != EventOrigin::Undeclared);
    let fields = declared.map(|event| event.fields.as_slice()).unwrap_or_default();
    record(service, &event.payload, fields.iter().map(|field| (field.name.as_written(), &field.ty)))
}

/// A record whose fields have these types; what is none of them stays as it is.
pub fn record<'a>(service: &Service, value: &Value, fields: impl Iterator<Item = (&'a str, &'a FieldType)>) -> Value {
    let mut marked = value.clone();
    for (name, ty) in fields {
        if let Some(field) = marked.get_mut(name) {
            *field = mark(service, field, &ty.ty);
        }
    }
    marked
}

fn mark(service: &Service, value: &Value, ty: &Type) -> Value {
    match (ty, value) {
        (Type::Decimal, Value::String(digits)) => json::decimal(digits),
        (Type::List(element), Value::Array(elements)) => {
            elements.iter().map(|value| mark(service, value, &element.ty)).collect()
        }
        (Type::Object(name), Value::Object(_)) => {
            let fields = service.object(name).map(|object| object.fields.as_slice()).unwrap_or_default();
            record(service, value, fields.iter().map(|field| (field.name.as_written(), &field.ty)))
        }
        _ => value.clone(),
    }
}
