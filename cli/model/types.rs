//! Types as both languages write them.

use super::{FieldName, TypeName};
use crate::place::Place;
use std::fmt;

/// A type without its nullability.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// Text that identifies something.
    Id,
    /// Text.
    String,
    /// 64-bit signed integer.
    Int,
    /// IEEE double.
    Float,
    /// True or false.
    Boolean,
    /// An instant; milliseconds since 1970 in expressions.
    DateTime,
    /// A calendar day.
    Date,
    /// Exact decimal, 28 digits.
    Decimal,
    /// Any JSON value; also the type of an undeclared payload.
    Json,
    /// A stored file.
    File,
    /// An enum of the service.
    Enum(TypeName),
    /// A nested object or input of the service.
    Object(TypeName),
    /// Another entry (projection or CRUD type): stored as its id.
    Reference(TypeName),
    /// A list of elements.
    List(Box<FieldType>),
    /// In expressions only: the type of `nil`.
    Nil,
    /// In expressions only: a map literal `{k: v}`, by key in the order written.
    Map(Vec<(String, FieldType)>),
}

/// A type with its nullability.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FieldType {
    /// The type.
    pub ty: Type,
    /// `!` was written: never null.
    pub required: bool,
}

impl FieldType {
    /// A type that is never null.
    pub fn required(ty: Type) -> Self {
        Self { ty, required: true }
    }

    /// A type that may be null.
    pub fn nullable(ty: Type) -> Self {
        Self { ty, required: false }
    }
}

/// As the user would write it: `[ID!]!`.
impl fmt::Display for FieldType {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let marked = self.required && !matches!(self.ty, Type::Nil | Type::Map(_));
        write!(out, "{}{}", self.ty, if marked { "!" } else { "" })
    }
}

/// As the user would write it, without the `!`: `[ID!]`.
impl fmt::Display for Type {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Enum(name) | Self::Object(name) | Self::Reference(name) => return write!(out, "{name}"),
            Self::List(element) => return write!(out, "[{element}]"),
            Self::Id => "ID",
            Self::String => "String",
            Self::Int => "Int",
            Self::Float => "Float",
            Self::Boolean => "Boolean",
            Self::DateTime => "DateTime",
            Self::Date => "Date",
            Self::Decimal => "Decimal",
            Self::Json => "JSON",
            Self::File => "File",
            Self::Nil => "nil",
            Self::Map(_) => "map",
        }
        .fmt(out)
    }
}

/// An enum of the schema.
#[derive(Clone, Debug)]
pub struct EnumType {
    /// Its name.
    pub name: TypeName,
    /// Its description.
    pub doc: Option<String>,
    /// Its values in the order written.
    pub values: Vec<EnumValue>,
    /// Its name in the schema.
    pub place: Place,
}

/// One value of an enum.
#[derive(Clone, Debug)]
pub struct EnumValue {
    /// As written: `IN_PROGRESS`.
    pub name: String,
    /// Its description.
    pub doc: Option<String>,
    /// Where it stands.
    pub place: Place,
}

/// A nested object type or an input of the schema.
#[derive(Clone, Debug)]
pub struct ObjectType {
    /// Its name.
    pub name: TypeName,
    /// Its description.
    pub doc: Option<String>,
    /// Its fields in the order written.
    pub fields: Vec<ObjectField>,
    /// Its name in the schema.
    pub place: Place,
}

/// One field of a nested object.
#[derive(Clone, Debug)]
pub struct ObjectField {
    /// Its name.
    pub name: FieldName,
    /// Its description.
    pub doc: Option<String>,
    /// Its type.
    pub ty: FieldType,
    /// Where it stands.
    pub place: Place,
}
