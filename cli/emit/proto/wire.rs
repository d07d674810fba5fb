//! How a type of the model travels: its protobuf type, and the wrapper messages that tell absent, null and a value apart.

use crate::model::{FieldType, Type, TypeName};

/// Where a field stands, which decides how null and absent are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// Entries, nested objects, commands, data to create: a value or null.
    Value,
    /// Changes: absent, null or a value.
    Update,
}

/// The label and the protobuf type of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// ``, `optional ` or `repeated `.
    pub label: &'static str,
    /// The message or scalar type.
    pub ty: Raw,
}

/// A protobuf type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Raw {
    /// `string`, `google.protobuf.Timestamp`, a message of the service.
    Plain(String),
    /// An enum or nested type, of the service or of another one.
    Declared(TypeName),
    /// A wrapper that all services share: `scaffold.v1.StringList`.
    Shared(String),
    /// A wrapper of the service's own: `LevelList`.
    Own(Wrapper),
}

/// A wrapper message to be declared in the service's proto file: one field, number 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrapper {
    /// Its name.
    pub name: String,
    /// `value` or `values` with its label and type.
    pub inner: Box<Shape>,
}

/// How a field of this type is written.
pub fn shape(ty: &FieldType, position: Position) -> Shape {
    let inner = &ty.ty;
    match (position, ty.required) {
        (Position::Value, true) => match inner {
            Type::List(element) if element.required => Shape { label: "repeated ", ty: raw(&element.ty) },
            _ => Shape { label: "", ty: raw(inner) },
        },
        (Position::Update, false) => Shape { label: "", ty: nullable(inner) },
        (Position::Value, false) | (Position::Update, true) => optional(inner),
    }
}

/// Whether the type's values are messages, which can be absent by themselves.
pub fn is_message(ty: &Type) -> bool {
    matches!(ty, Type::DateTime | Type::Object(_) | Type::File | Type::List(_))
}

/// The protobuf type of a value that is there.
pub fn raw(ty: &Type) -> Raw {
    match ty {
        Type::List(element) => list(element),
        Type::Int => Raw::Plain("int64".to_owned()),
        Type::Float => Raw::Plain("double".to_owned()),
        Type::Boolean => Raw::Plain("bool".to_owned()),
        Type::DateTime => Raw::Plain("google.protobuf.Timestamp".to_owned()),
        Type::File => Raw::Shared("File".to_owned()),
        Type::Enum(name) | Type::Object(name) => Raw::Declared(name.clone()),
        _ => Raw::Plain("string".to_owned()),
    }
}

/// The wrapper that holds a value or null.
pub fn nullable(ty: &Type) -> Raw {
    wrapper(format!("Nullable{}", base(ty)), is_shared(ty), optional(ty))
}

/// The wrapper that holds a list.
pub fn list(element: &FieldType) -> Raw {
    let ty = if element.required { raw(&element.ty) } else { nullable(&element.ty) };
    let name = list_name(element);
    wrapper(name, is_scalar(&element.ty), Shape { label: "repeated ", ty })
}

fn optional(ty: &Type) -> Shape {
    Shape { label: if is_message(ty) { "" } else { "optional " }, ty: raw(ty) }
}

fn wrapper(name: String, shared: bool, inner: Shape) -> Raw {
    if shared { Raw::Shared(name) } else { Raw::Own(Wrapper { name, inner: Box::new(inner) }) }
}

fn list_name(element: &FieldType) -> String {
    format!("{}{}List", if element.required { "" } else { "Sparse" }, base(&element.ty))
}

fn base(ty: &Type) -> String {
    match ty {
        Type::Int => "Int".to_owned(),
        Type::Float => "Float".to_owned(),
        Type::Boolean => "Boolean".to_owned(),
        Type::DateTime => "DateTime".to_owned(),
        Type::File => "File".to_owned(),
        Type::Enum(name) | Type::Object(name) => name.as_written().to_owned(),
        Type::List(element) => list_name(element),
        _ => "String".to_owned(),
    }
}

fn is_shared(ty: &Type) -> bool {
    match ty {
        Type::List(element) => is_scalar(&element.ty),
        other => is_scalar(other),
    }
}

fn is_scalar(ty: &Type) -> bool {
    !matches!(ty, Type::Enum(_) | Type::Object(_) | Type::List(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(ty: &FieldType, position: Position) -> String {
        let shape = shape(ty, position);
        let ty = match shape.ty {
            Raw::Plain(name) => name,
            Raw::Declared(name) => name.to_string(),
            Raw::Shared(name) => format!("scaffold.v1.{name}"),
            Raw::Own(wrapper) => wrapper.name,
        };
        format!("{}{ty}", shape.label)
    }

    #[test]
    fn null_and_absent_are_told_apart() {
        let texts = FieldType::required(Type::List(Box::new(FieldType::required(Type::String))));
        let sparse = FieldType::nullable(Type::List(Box::new(FieldType::nullable(Type::Int))));
        let level = FieldType::nullable(Type::Enum(TypeName::new("Level")));
        let at = FieldType::required(Type::DateTime);
        let scans = FieldType::nullable(Type::List(Box::new(FieldType::required(Type::File))));
        let all = [texts, sparse, level, at, FieldType::nullable(Type::File), scans];
        let values: Vec<_> = all.iter().map(|ty| spelled(ty, Position::Value)).collect();
        let updates: Vec<_> = all.iter().map(|ty| spelled(ty, Position::Update)).collect();
        let at = "google.protobuf.Timestamp";
        let (file, files) = ("scaffold.v1.File", "scaffold.v1.FileList");
        assert_eq!(values, ["repeated string", "scaffold.v1.SparseIntList", "optional Level", at, file, files]);
        let (file, files) = ("scaffold.v1.NullableFile", "scaffold.v1.NullableFileList");
        let sparse = "scaffold.v1.NullableSparseIntList";
        assert_eq!(updates, ["scaffold.v1.StringList", sparse, "NullableLevel", at, file, files]);
    }
}
