//! What a new automation puts into the fields of its command: what has the same name where it starts, else a beginning.

use super::{Start, Target};
use crate::commands::add::example;
use crate::commands::add::text::quoted;
use crate::lower::type_name;
use crate::model::{Event, EventField, FieldType, IdentifyPart, ObjectField, Projection, Service, Type};

/// The value of one field.
pub(super) struct Value {
    /// The command's field.
    pub field: String,
    way: Way,
}

enum Way {
    /// A field of the event or the entry, as the expression calls it; one that may be nil is tested before.
    Taken { of: &'static str, name: String, may_be_nil: bool },
    /// Nothing there is called so.
    Guessed { expression: String, ty: String },
}

impl Value {
    /// As it stands below `with`.
    pub fn lines(&self) -> Vec<String> {
        match &self.way {
            Way::Taken { of, name, .. } => vec![format!("{}: {of}.{name}", self.field)],
            Way::Guessed { expression, ty } => {
                vec![
                    format!("# `{ty}`: nothing where it starts is called so; say what it is"),
                    format!("{}: {expression}", self.field),
                ]
            }
        }
    }

    /// That there is something to send.
    pub fn test(&self) -> Option<String> {
        match &self.way {
            Way::Taken { of, name, may_be_nil: true } => Some(format!("{of}.{name} != nil")),
            _ => None,
        }
    }

    /// The field that it is taken from.
    pub fn source(&self) -> Option<&str> {
        match &self.way {
            Way::Taken { name, .. } => Some(name),
            Way::Guessed { .. } => None,
        }
    }
}

/// One for each field that must have a value, or whose name is known where it starts.
pub(super) fn values(start: &Start<'_>, target: &Target<'_>) -> Vec<Value> {
    let made = |field: &EventField| target.command.generated.iter().any(|generated| generated.field == field.name);
    let sources = sources(start);
    let value = |field: &EventField| {
        let name = field.name.as_written();
        let found = sources.iter().find(|source| source.name == name && fits(&source.ty.ty, &field.ty.ty));
        let way = match found {
            Some(source) => source.taken(start, field.ty.required),
            None if !field.ty.required => return None,
            None => guess(start, field, target.service),
        };
        Some(Value { field: name.to_owned(), way })
    };
    target.command.fields.iter().filter(|field| !made(field)).filter_map(value).collect()
}

/// What an event holds for an example: what it must hold, and what is tested.
pub(super) fn known(event: &Event, values: &[Value], service: &Service) -> Vec<(String, String)> {
    let tested = |field: &EventField| {
        values.iter().any(|value| value.test().is_some() && value.source() == Some(field.name.as_written()))
    };
    let fields = event.fields.iter().cloned().map(|mut field| {
        if tested(&field) {
            (field.ty.required, field.may_be_absent) = (true, false);
        }
        field
    });
    example::values(&fields.collect::<Vec<_>>(), service)
}

/// The field of the payload that is the id of the view's first entries, if it is one field of every event of that directive.
pub(super) fn identity(view: &Projection) -> Option<String> {
    let target = view.upserts.first().filter(|target| target.filter.is_none())?;
    match target.identify.as_ref()?.parts.as_slice() {
        [IdentifyPart::Payload(path)] => match path.as_slice() {
            [field] => Some(field.to_string()),
            _ => None,
        },
        _ => None,
    }
}

/// A field that is there whatever starts it.
struct Source {
    name: String,
    ty: FieldType,
}

impl Source {
    fn taken(&self, start: &Start<'_>, required: bool) -> Way {
        let of = match start {
            Start::Events(_) => "event",
            Start::View(_) => "entry",
        };
        Way::Taken { of, name: self.name.clone(), may_be_nil: required && !self.ty.required }
    }
}

fn sources(start: &Start<'_>) -> Vec<Source> {
    match start {
        Start::Events(events) => {
            let Some((first, others)) = events.split_first() else { return Vec::new() };
            first.fields.iter().filter_map(|field| shared(field, others)).collect()
        }
        Start::View(view) => {
            let id = Source { name: "id".to_owned(), ty: FieldType::required(Type::Id) };
            let field = |field: &crate::model::Field| Source { name: field.name.to_string(), ty: field.ty.clone() };
            std::iter::once(id).chain(view.entry.fields.iter().map(field)).collect()
        }
    }
}

/// A field that all events have; nil if it may be so in one of them.
fn shared(field: &EventField, others: &[&Event]) -> Option<Source> {
    let mut ty = field.ty.clone();
    ty.required &= !field.may_be_absent;
    for event in others {
        let same = event.fields.iter().find(|other| other.name == field.name && other.ty.ty == ty.ty)?;
        ty.required &= same.ty.required && !same.may_be_absent;
    }
    Some(Source { name: field.name.to_string(), ty })
}

/// Whether a value goes where another type is expected, written the same way in an example.
fn fits(source: &Type, target: &Type) -> bool {
    let is_text = |ty: &Type| matches!(ty, Type::Id | Type::String | Type::Reference(_));
    source == target
        || (is_text(source) && is_text(target))
        || matches!((source, target), (Type::Int, Type::Float | Type::Decimal))
}

fn guess(start: &Start<'_>, field: &EventField, service: &Service) -> Way {
    let is_view = matches!(start, Start::View(_));
    if let (true, Type::Id) = (is_view, &field.ty.ty) {
        return Way::Taken { of: "entry", name: "id".to_owned(), may_be_nil: false };
    }
    let expression = Beginning { is_view, service }.of(field.name.as_written(), &field.ty, 0);
    // A text of an expression, or a map in one, needs quotes of YAML's own.
    let is_bare = !expression.starts_with(['\'', '{']);
    Way::Guessed { expression: if is_bare { expression } else { quoted(&expression) }, ty: type_name(&field.ty) }
}

/// How deep nested types are written out; what holds itself has an end somewhere.
const DEPTH: usize = 8;

/// Values to begin with, as expressions.
struct Beginning<'a> {
    is_view: bool,
    service: &'a Service,
}

impl Beginning<'_> {
    fn of(&self, name: &str, ty: &FieldType, depth: usize) -> String {
        match &ty.ty {
            Type::Id if !self.is_view => "meta.id".to_owned(),
            Type::DateTime => if self.is_view { "entry.changedAt" } else { "meta.raisedAt" }.to_owned(),
            Type::Id | Type::String | Type::Reference(_) => format!("'{name}'"),
            Type::Int => "1".to_owned(),
            Type::Float | Type::Decimal => "1.5".to_owned(),
            Type::Boolean => "true".to_owned(),
            Type::Date => "'2026-01-01'".to_owned(),
            Type::Enum(of) => {
                let first = self.service.enumeration(of).and_then(|found| found.values.first());
                first.map_or_else(|| "nil".to_owned(), |value| format!("'{}'", value.name))
            }
            Type::Object(of) => {
                let fields = self.service.object(of).map_or(&[][..], |object| &object.fields);
                let needed = fields.iter().filter(|field| field.ty.required && depth < DEPTH);
                let entry = |field: &ObjectField| {
                    let name = field.name.as_written();
                    format!("{name}: {}", self.of(name, &field.ty, depth + 1))
                };
                format!("{{{}}}", needed.map(entry).collect::<Vec<_>>().join(", "))
            }
            Type::List(_) => "[]".to_owned(),
            Type::Json | Type::File | Type::Nil | Type::Map(_) => "{}".to_owned(),
        }
    }
}
