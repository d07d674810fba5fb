//! Types as both languages write them.

use super::{FieldName, ServiceName, TypeName};
use crate::place::Place;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

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
    /// A stored file: what is known of it, see [`super::file_fields`]. Its bytes lie elsewhere.
    File,
    /// An enum, of the service or of another one.
    Enum(TypeName),
    /// A nested object or input, of the service or of another one.
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

impl Type {
    /// The entry that a field of this type refers to, alone or in a list.
    pub fn referred(&self) -> Option<&TypeName> {
        match self {
            Self::Reference(name) => Some(name),
            Self::List(element) => element.ty.referred(),
            _ => None,
        }
    }

    /// Whether it is one value that can be looked up and put in order.
    pub fn is_single(&self) -> bool {
        self.unsortable().is_none() && !matches!(self, Self::List(_))
    }

    /// What it is, if filters and orders have nothing to compare in it.
    pub fn unsortable(&self) -> Option<&'static str> {
        match self {
            Self::Object(_) | Self::Map(_) => Some("a nested type"),
            Self::Json => Some("JSON"),
            Self::File => Some("a file"),
            Self::List(element) if !matches!(element.ty, Self::Reference(_)) => Some("a list"),
            _ => None,
        }
    }

    /// Is it one value, which an index covers? No list, nothing nested.
    pub fn is_one_value(&self) -> bool {
        !matches!(self, Self::List(_) | Self::Object(_) | Self::Json | Self::File | Self::Map(_) | Self::Nil)
    }

    /// The enum, nested type or entry that a field of this type is made of, alone or in lists.
    pub fn declared(&self) -> Option<&TypeName> {
        match self {
            Self::Enum(name) | Self::Object(name) | Self::Reference(name) => Some(name),
            Self::List(element) => element.ty.declared(),
            _ => None,
        }
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

/// Every enum and nested type of a project, with the service that declares it. In a project each name stands for one thing, since
/// the gateway joins all services.
#[derive(Clone, Debug, Default)]
pub struct ProjectTypes {
    known: Arc<BTreeMap<TypeName, Declared>>,
    shared: Arc<BTreeSet<ServiceName>>,
}

/// A type with its service.
#[derive(Clone, Debug)]
pub struct Declared {
    /// Who declares it.
    pub service: ServiceName,
    /// What it is.
    pub ty: DeclaredType,
}

/// An enum or a nested type.
#[derive(Clone, Debug)]
pub enum DeclaredType {
    /// An enum.
    Enum(EnumType),
    /// A nested type or an input.
    Object(ObjectType),
}

impl ProjectTypes {
    /// Of these; of two with one name the first counts, which `check` reports.
    pub fn new(types: impl IntoIterator<Item = (TypeName, Declared)>) -> Self {
        let mut known = BTreeMap::new();
        for (name, declared) in types {
            known.entry(name).or_insert(declared);
        }
        Self { known: Arc::new(known), shared: Arc::default() }
    }

    /// The same, where fields of others have types of these services.
    pub fn sharing(&self, services: BTreeSet<ServiceName>) -> Self {
        Self { known: self.known.clone(), shared: Arc::new(services) }
    }

    /// Whether fields of other services have types of this one; then its types are a crate of their own.
    pub fn is_shared(&self, service: &ServiceName) -> bool {
        self.shared.contains(service)
    }

    /// The services whose types others have in their fields.
    pub fn shared(&self) -> impl Iterator<Item = &ServiceName> {
        self.shared.iter()
    }

    /// The service that declares it.
    pub fn service_of(&self, name: &TypeName) -> Option<&ServiceName> {
        self.known.get(name).map(|declared| &declared.service)
    }

    /// The services whose types a type is made of.
    pub fn services_in(&self, ty: &FieldType) -> BTreeSet<&ServiceName> {
        let (mut open, mut seen, mut services) = (vec![ty], BTreeSet::new(), BTreeSet::new());
        while let Some(next) = open.pop() {
            match &next.ty {
                Type::List(element) => open.push(element),
                Type::Enum(name) | Type::Object(name) if seen.insert(name) => {
                    services.extend(self.service_of(name));
                    let fields = self.object(name).map_or(&[][..], |object| &object.fields);
                    open.extend(fields.iter().map(|field| &field.ty));
                }
                _ => {}
            }
        }
        services
    }

    /// The enum of this name.
    pub fn enumeration(&self, name: &TypeName) -> Option<&EnumType> {
        match &self.known.get(name)?.ty {
            DeclaredType::Enum(found) => Some(found),
            DeclaredType::Object(_) => None,
        }
    }

    /// The nested type of this name.
    pub fn object(&self, name: &TypeName) -> Option<&ObjectType> {
        match &self.known.get(name)?.ty {
            DeclaredType::Object(found) => Some(found),
            DeclaredType::Enum(_) => None,
        }
    }
}
