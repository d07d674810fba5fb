//! Paths into a payload, as expressions of the model.

use crate::model::{Event, EventOrigin, Expr, ExprKind, FieldName, FieldType, Service, Type, Var, file_fields};
use crate::place::Place;

/// The value at a path: `event.order.id`. What may be missing on the way makes it nullable; a list of objects gives the list of
/// their fields; untyped JSON stays nullable JSON.
pub(super) fn payload_path(service: &Service, event: &Event, path: &[FieldName], place: Place) -> Expr {
    let untyped = event.origin == EventOrigin::Undeclared;
    let ty = if untyped { Type::Json } else { Type::Object(event.name.clone()) };
    let mut value = Expr { kind: ExprKind::Var(Var::Event), ty: FieldType::required(ty), place };
    for (depth, name) in path.iter().enumerate() {
        let ty = match depth {
            0 if !untyped => event_field(event, name),
            _ => member(service, &value.ty, name),
        };
        let optional = !value.ty.required;
        value = Expr { kind: ExprKind::Field { base: Box::new(value), name: name.clone(), optional }, ty, place };
    }
    value
}

/// The type of a payload's field; untyped JSON if there is none (`check` has refused that).
fn event_field(event: &Event, name: &FieldName) -> FieldType {
    let declared = event.fields.iter().find(|field| field.name == *name);
    declared.map_or_else(
        || FieldType::nullable(Type::Json),
        |field| FieldType { ty: field.ty.ty.clone(), required: field.ty.required && !field.may_be_absent },
    )
}

fn member(service: &Service, of: &FieldType, name: &FieldName) -> FieldType {
    match &of.ty {
        Type::Object(object) => {
            let fields = service.object(object).map(|object| object.fields.as_slice()).unwrap_or_default();
            let declared = fields.iter().find(|field| field.name == *name).map(|field| &field.ty);
            let ty = declared.map_or(Type::Json, |declared| declared.ty.clone());
            FieldType { ty, required: of.required && declared.is_some_and(|declared| declared.required) }
        }
        Type::File => {
            let declared = file_fields().into_iter().find(|(field, _)| field == name).map(|(_, ty)| ty.ty);
            FieldType { required: of.required && declared.is_some(), ty: declared.unwrap_or(Type::Json) }
        }
        Type::List(element) => {
            let element = member(service, element, name);
            FieldType { ty: Type::List(Box::new(element)), required: of.required }
        }
        _ => FieldType::nullable(Type::Json),
    }
}
