//! Values for examples: what each type holds, in the words of its field.

use super::text::{flow, list, scalar};
use crate::model::{EventField, FieldType, Service, Type};

/// How deep nested types are written out; what holds itself has an end somewhere.
const DEPTH: usize = 8;

/// A value for every field that must have one, as YAML.
pub(super) fn values(fields: &[EventField], service: &Service) -> Vec<(String, String)> {
    let required = fields.iter().filter(|field| field.ty.required && !field.may_be_absent);
    required
        .map(|field| {
            let name = field.name.as_written();
            (name.to_owned(), value(name, &field.ty, service, 0))
        })
        .collect()
}

fn value(name: &str, ty: &FieldType, service: &Service, depth: usize) -> String {
    match &ty.ty {
        Type::Id | Type::Reference(_) | Type::File => id(name),
        Type::String => scalar(name),
        Type::Int => "1".to_owned(),
        Type::Float => "1.5".to_owned(),
        Type::Decimal => "1.50".to_owned(),
        Type::Boolean => "true".to_owned(),
        Type::DateTime => "\"2026-01-01T00:00:00Z\"".to_owned(),
        Type::Date => "2026-01-01".to_owned(),
        Type::Enum(of) => {
            let first = service.enumeration(of).and_then(|found| found.values.first());
            first.map_or_else(|| "null".to_owned(), |value| scalar(&value.name))
        }
        Type::Object(of) => {
            let fields = service.object(of).map_or(&[][..], |object| &object.fields);
            let required = fields.iter().filter(|field| field.ty.required && depth < DEPTH);
            let nested = required.map(|field| {
                let name = field.name.as_written();
                (name.to_owned(), value(name, &field.ty, service, depth + 1))
            });
            flow(&nested.collect::<Vec<_>>())
        }
        Type::List(element) if depth < DEPTH => list([value(name, element, service, depth + 1)]),
        Type::List(_) => list([]),
        Type::Json | Type::Nil | Type::Map(_) => "{}".to_owned(),
    }
}

/// `studentId` → `s1`
pub(super) fn id(name: &str) -> String {
    let first = name.chars().next().unwrap_or('x').to_ascii_lowercase();
    format!("{first}1")
}
