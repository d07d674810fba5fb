//! The types of a service by name, and types as written turned into those of the model.

use super::services::Neighbours;
use crate::diagnostic::codes::names::UNKNOWN_TYPE;
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{EnumType, FieldType, ObjectType, ProjectTypes, Type, TypeName};
use crate::source::{Name, RawType, RawTypeKind};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

/// Types that every service has.
const BUILT_IN: &[(&str, Type)] = &[
    ("ID", Type::Id),
    ("String", Type::String),
    ("Int", Type::Int),
    ("Float", Type::Float),
    ("Boolean", Type::Boolean),
    ("DateTime", Type::DateTime),
    ("Date", Type::Date),
    ("Decimal", Type::Decimal),
    ("JSON", Type::Json),
    ("File", Type::File),
];

/// Types by the names that other languages give them.
const ELSEWHERE: &[(&str, &str)] = &[
    ("Any", "JSON"),
    ("BigDecimal", "Decimal"),
    ("Bool", "Boolean"),
    ("Double", "Float"),
    ("Instant", "DateTime"),
    ("Integer", "Int"),
    ("Json", "JSON"),
    ("Long", "Int"),
    ("Money", "Decimal"),
    ("Number", "Float"),
    ("Object", "JSON"),
    ("Str", "String"),
    ("Text", "String"),
    ("Timestamp", "DateTime"),
    ("UUID", "ID"),
    ("Uuid", "ID"),
];

/// What a service's types are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Types {
    /// Enums, `Permission` not among them.
    pub enums: BTreeMap<TypeName, EnumType>,
    /// Nested types and inputs.
    pub objects: BTreeMap<TypeName, ObjectType>,
    /// Those of all services, once they are known.
    pub project: ProjectTypes,
    /// Names of enums and nested types, known before their fields are.
    pub enum_names: BTreeSet<TypeName>,
    /// Names of nested types and inputs.
    pub object_names: BTreeSet<TypeName>,
    /// Names of projections and CRUD types.
    pub entry_names: BTreeSet<TypeName>,
    /// Names that exist, but are refused or broken, which was said at their declaration.
    pub refused: BTreeSet<TypeName>,
    /// Did a type fail to resolve? Then JSON may stand for it, and what is said about JSON may be a follow-up.
    pub has_broken: Cell<bool>,
}

impl Types {
    /// The enum of this name, of this service or of another one.
    pub fn enumeration(&self, name: &TypeName) -> Option<&EnumType> {
        self.enums.get(name).or_else(|| self.project.enumeration(name))
    }

    /// The nested type of this name, of this service or of another one.
    pub fn object(&self, name: &TypeName) -> Option<&ObjectType> {
        self.objects.get(name).or_else(|| self.project.object(name))
    }

    /// The type as the model has it. Where there is none it is reported, and JSON stands for it, which goes with
    /// everything, so that the one cause gives one diagnostic.
    pub fn resolve_or_any(&self, raw: Option<&RawType>, neighbours: &Neighbours, sink: &mut Sink) -> FieldType {
        raw.and_then(|raw| self.resolve(raw, neighbours, sink)).unwrap_or_else(|| {
            self.has_broken.set(true);
            FieldType::required(Type::Json)
        })
    }

    /// May this be the JSON that stands for a broken type?
    pub fn may_be_broken(&self, ty: &FieldType) -> bool {
        self.has_broken.get() && ty.ty == Type::Json
    }

    /// The same in a schema, where a type of another service is named by itself, as the language has no other way.
    pub fn resolve_or_any_in_schema(&self, raw: &RawType, neighbours: &Neighbours, sink: &mut Sink) -> FieldType {
        self.resolve_or_any(Some(&self.with_service(raw, neighbours)), neighbours, sink)
    }

    /// A type of a schema as the event model would write it: with the service in front, if another one declares it.
    pub fn with_service(&self, raw: &RawType, neighbours: &Neighbours) -> RawType {
        let kind = match &raw.kind {
            RawTypeKind::List(element) => RawTypeKind::List(Box::new(self.with_service(element, neighbours))),
            RawTypeKind::Named(name) => {
                let others = neighbours.service_of_type(&name.value).filter(|_| !self.is_own(&name.value));
                let written = others.map_or_else(|| name.value.clone(), |service| format!("{service}.{}", name.value));
                RawTypeKind::Named(Name::new(written, name.place))
            }
        };
        RawType { kind, ..raw.clone() }
    }

    fn is_own(&self, name: &str) -> bool {
        let name = TypeName::new(name);
        [&self.enum_names, &self.object_names, &self.entry_names, &self.refused].iter().any(|own| own.contains(&name))
    }

    /// The type as the model has it, or an error at its place.
    pub fn resolve(&self, raw: &RawType, neighbours: &Neighbours, sink: &mut Sink) -> Option<FieldType> {
        let ty = match &raw.kind {
            RawTypeKind::List(element) => Type::List(Box::new(self.resolve(element, neighbours, sink)?)),
            RawTypeKind::Named(name) => self.named(name, neighbours, sink)?,
        };
        Some(FieldType { ty, required: raw.required })
    }

    fn named(&self, name: &Name, neighbours: &Neighbours, sink: &mut Sink) -> Option<Type> {
        if let Some((_, ty)) = BUILT_IN.iter().find(|(known, _)| *known == name.value) {
            return Some(ty.clone());
        }
        let type_name = TypeName::new(&name.value);
        if self.enum_names.contains(&type_name) {
            return Some(Type::Enum(type_name));
        }
        if self.object_names.contains(&type_name) {
            return Some(Type::Object(type_name));
        }
        if self.entry_names.contains(&type_name) {
            return Some(Type::Reference(type_name));
        }
        match name.value.split_once('.') {
            Some((service, bare)) if service == neighbours.own() => {
                self.named(&Name::new(bare.to_owned(), name.place), neighbours, sink)
            }
            Some((service, bare)) => of_service((service, bare), name, neighbours, sink),
            None => {
                if !self.refused.contains(&type_name) {
                    sink.push(self.unknown(name, neighbours));
                }
                None
            }
        }
    }

    fn unknown(&self, name: &Name, neighbours: &Neighbours) -> Diagnostic {
        let declared = self.enum_names.iter().chain(&self.object_names).chain(&self.entry_names);
        let names = declared.map(TypeName::as_written).chain(BUILT_IN.iter().map(|(name, _)| *name));
        let message = format!("there is no type `{}`", name.value);
        let problem = Diagnostic::error(UNKNOWN_TYPE, name.place, message);
        match (called_here(&name.value), neighbours.service_of_type(&name.value)) {
            (Some(here), _) => problem.help(format!("it is called `{here}` here")),
            (None, Some(service)) => {
                problem.help(format!("`{service}` declares one: it is named `{service}.{}` here", name.value))
            }
            (None, None) => problem.suggest(&name.value, names),
        }
    }
}

/// A type of another service, which `service.Type` names.
fn of_service((service, bare): (&str, &str), name: &Name, neighbours: &Neighbours, sink: &mut Sink) -> Option<Type> {
    if let Some(found) = neighbours.type_of(service, bare) {
        return found;
    }
    let problem = |message: String| Diagnostic::error(UNKNOWN_TYPE, name.place, message);
    sink.push(if !neighbours.is_service(service) {
        problem(format!("there is no service `{service}`"))
            .suggest(service, neighbours.services().chain([neighbours.own()]))
    } else {
        let unknown = problem(format!("there is no type `{bare}` in `{service}`"));
        match neighbours.service_of_type(bare) {
            Some(other) => unknown.help(format!("did you mean `{other}.{bare}`?")),
            None if is_built_in(bare) => unknown.help(format!("every service has it: `{bare}`")),
            None => {
                let known = neighbours.types_of(service).map(|known| format!("{service}.{known}"));
                unknown.suggest(&name.value, known)
            }
        }
    });
    None
}

/// Is this the name of a type that every service has?
pub(crate) fn is_built_in(name: &str) -> bool {
    BUILT_IN.iter().any(|(known, _)| *known == name)
}

/// A type by the name that another language has for it.
fn called_here(written: &str) -> Option<&'static str> {
    ELSEWHERE.iter().find(|(other, _)| other.eq_ignore_ascii_case(written)).map(|(_, here)| *here)
}
