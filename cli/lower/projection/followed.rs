//! The service that a projection follows, and what stands in its events.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::names::UNKNOWN_FIELD;
use crate::lower::context::Context;
use crate::model::{Event, EventOrigin, FieldName, FieldType, Type, TypeName, file_fields};
use crate::place::Place;
use std::collections::BTreeMap;

/// What one projection is lowered against: a service, and those of its events that the projection may follow.
#[derive(Clone, Copy)]
pub(super) struct Followed<'a> {
    /// The service that the projection belongs to.
    pub context: &'a Context,
    /// The service that it follows: its own, or another.
    pub service: &'a str,
    /// The events of that one.
    pub events: &'a BTreeMap<TypeName, Event>,
}

/// The type at a path of an event's payload; none if the payload is untyped.
pub(super) fn resolve(
    path: &str,
    place: Place,
    event: &TypeName,
    followed: Followed<'_>,
) -> Result<Option<FieldType>, Box<Diagnostic>> {
    let Some(event) = followed.events.get(event).filter(|event| event.origin != EventOrigin::Undeclared) else {
        return Ok(None);
    };
    let mut whose = event.name.clone();
    let mut fields: Vec<(&FieldName, FieldType)> = event
        .fields
        .iter()
        .map(|field| {
            (&field.name, FieldType { required: field.ty.required && !field.may_be_absent, ..field.ty.clone() })
        })
        .collect();
    let of_files = file_fields();
    let mut found: Option<FieldType> = None;
    for part in path.split('.') {
        if let Some(FieldType { ty: Type::Json, .. }) = found {
            return Ok(None);
        }
        let Some((_, ty)) = fields.iter().find(|(name, _)| name.as_written() == part) else {
            let message = format!("`{whose}` has no field `{part}`");
            let names = fields.iter().map(|(name, _)| name.as_written());
            return Err(Box::new(Diagnostic::error(UNKNOWN_FIELD, place, message).suggest(part, names)));
        };
        let required = ty.required && found.as_ref().is_none_or(|found| found.required);
        let ty = FieldType { ty: ty.ty.clone(), required };
        fields = match &ty.ty {
            Type::Object(name) => {
                whose = name.clone();
                let object = followed.context.types.object(name);
                object
                    .into_iter()
                    .flat_map(|object| &object.fields)
                    .map(|field| (&field.name, field.ty.clone()))
                    .collect()
            }
            Type::File => of_files.iter().map(|(name, ty)| (name, ty.clone())).collect(),
            _ => Vec::new(),
        };
        found = Some(ty);
    }
    Ok(found)
}
