//! Values of examples and of `@default`, read from their text by the declared type.

use super::decimal::plain_decimal;
use super::expression::type_name;
use super::instant::{format_instant, is_day, parse_instant};
use super::types::Types;
use crate::diagnostic::codes::expressions::{INVALID_LITERAL, TYPE_MISMATCH};
use crate::diagnostic::codes::names::UNKNOWN_FIELD;
use crate::diagnostic::codes::rules::{SPEC_MISSING_FIELD, SPEC_WRONG_VALUE};
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{FieldType, Type, TypeName, file_fields};
use crate::place::Place;
use crate::source::{RawExpr, RawExprKind, RawSchemaValue, RawSchemaValueKind, RawValue, RawValueKind};
use serde_json::{Map, Value as Json, json};

/// A field that a record of an example may have.
pub(super) struct Slot {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: FieldType,
    /// A whole record may leave it out, which is not null.
    pub may_be_absent: bool,
}

/// What a record of an example is read against.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    /// What it is, for diagnostics: `CourseDefined`.
    pub owner: &'a str,
    /// Its fields.
    pub slots: &'a [Slot],
    /// Required fields must be there, nullable ones that are not become null.
    pub whole: bool,
    /// The place to blame for what is missing.
    pub place: Place,
}

impl Record<'_> {
    /// The record as JSON, in the order of the declared fields.
    pub fn read(self, raw: &RawValue, types: &Types, sink: &mut Sink) -> Option<Json> {
        let RawValueKind::Map(entries) = &raw.kind else {
            let message = format!("expected the fields of `{}`, like `{{ name: value }}`", self.owner);
            sink.push(Diagnostic::error(SPEC_WRONG_VALUE, raw.place, message));
            return None;
        };
        let mut complete = true;
        for (key, _) in entries {
            if !self.slots.iter().any(|slot| slot.name == key.value) {
                let message = format!("`{}` has no field `{}`", self.owner, key.value);
                let names = self.slots.iter().map(|slot| &slot.name);
                sink.push(Diagnostic::error(UNKNOWN_FIELD, key.place, message).suggest(&key.value, names));
                complete = false;
            }
        }
        let mut record = Map::new();
        for slot in self.slots {
            let given = entries.iter().find(|(key, _)| key.value == slot.name);
            match given {
                Some((_, value)) => match read(value, &slot.ty, types, sink) {
                    Some(value) => drop(record.insert(slot.name.clone(), value)),
                    None => complete = false,
                },
                None if !self.whole || slot.may_be_absent => {}
                None if !slot.ty.required => drop(record.insert(slot.name.clone(), Json::Null)),
                None => {
                    let message = format!("`{}` needs a value for `{}`", self.owner, slot.name);
                    let diagnostic = Diagnostic::error(SPEC_MISSING_FIELD, self.place, message);
                    let diagnostic = diagnostic.label(format!("`{}` is `{}`", slot.name, type_name(&slot.ty)));
                    sink.push(diagnostic.help(format!("add `{}: …`", slot.name)));
                    complete = false;
                }
            }
        }
        complete.then_some(Json::Object(record))
    }
}

/// One value by its type.
pub(super) fn read(raw: &RawValue, ty: &FieldType, types: &Types, sink: &mut Sink) -> Option<Json> {
    if raw.is_null() && ty.ty != Type::Json {
        if !ty.required {
            return Some(Json::Null);
        }
        return wrong(raw, ty, "found null", sink);
    }
    match (&ty.ty, &raw.kind) {
        (Type::Json, _) => Some(untyped(raw)),
        (Type::List(element), RawValueKind::List(values)) => {
            let values: Vec<_> = values.iter().map(|value| read(value, element, types, sink)).collect();
            Some(Json::Array(values.into_iter().collect::<Option<_>>()?))
        }
        (Type::Object(name), RawValueKind::Map(_)) => read_object(raw, name, types, sink),
        (Type::File, RawValueKind::Map(_)) => read_file(raw, types, sink),
        (Type::File, RawValueKind::Scalar { text, .. }) => Some(json!({ "id": text })),
        (Type::List(_) | Type::Object(_), _) => wrong(raw, ty, found(raw), sink),
        (_, RawValueKind::Scalar { text, .. }) => match scalar(text, &ty.ty, types) {
            Some(value) => Some(value),
            None => wrong_text(raw, text, ty, types, sink),
        },
        _ => wrong(raw, ty, found(raw), sink),
    }
}

/// A value without a declared type: YAML decides.
pub(super) fn untyped(raw: &RawValue) -> Json {
    match &raw.kind {
        RawValueKind::List(values) => values.iter().map(untyped).collect(),
        RawValueKind::Map(entries) => {
            Json::Object(entries.iter().map(|(key, value)| (key.value.clone(), untyped(value))).collect())
        }
        RawValueKind::Scalar { .. } if raw.is_null() => Json::Null,
        RawValueKind::Scalar { text, plain: true } => plain(text),
        RawValueKind::Scalar { text, plain: false } => Json::String(text.clone()),
    }
}

/// A literal of the schema as an expression; texts of numbers are numbers where one is expected.
pub(super) fn literal(raw: &RawSchemaValue, ty: &FieldType, sink: &mut Sink) -> Option<RawExpr> {
    let kind = match (&raw.kind, &ty.ty) {
        (RawSchemaValueKind::Null, _) => RawExprKind::Nil,
        (RawSchemaValueKind::Boolean(value), _) => RawExprKind::Boolean(*value),
        (RawSchemaValueKind::Int(text) | RawSchemaValueKind::Float(text), Type::Decimal) => decimal(text),
        (RawSchemaValueKind::Text(text), Type::Decimal) => decimal(&text.value),
        (RawSchemaValueKind::Int(text), _) => number(text, raw.place, sink)?,
        (RawSchemaValueKind::Float(text), _) => number(text, raw.place, sink)?,
        (RawSchemaValueKind::Text(text), Type::Int | Type::Float) => number(&text.value, raw.place, sink)?,
        (RawSchemaValueKind::Text(text), Type::Boolean) if text.value == "true" => RawExprKind::Boolean(true),
        (RawSchemaValueKind::Text(text), Type::Boolean) if text.value == "false" => RawExprKind::Boolean(false),
        (RawSchemaValueKind::Text(text), _) => RawExprKind::Text(text.value.clone()),
        (RawSchemaValueKind::Enum(name), _) => RawExprKind::Text(name.clone()),
        (RawSchemaValueKind::List(values), of) => {
            let element = match of {
                Type::List(element) => element.as_ref().clone(),
                _ => FieldType::nullable(Type::Json),
            };
            let values: Vec<_> = values.iter().map(|value| literal(value, &element, sink)).collect();
            RawExprKind::List(values.into_iter().collect::<Option<_>>()?)
        }
        (RawSchemaValueKind::Object(entries), _) => {
            let any = FieldType::nullable(Type::Json);
            let entries: Vec<_> =
                entries.iter().map(|entry| Some((entry.name.clone(), literal(&entry.value, &any, sink)?))).collect();
            RawExprKind::Map(entries.into_iter().collect::<Option<_>>()?)
        }
        (RawSchemaValueKind::Variable(name), _) => {
            let message = format!("a schema has no variable `${name}`");
            sink.push(Diagnostic::error(TYPE_MISMATCH, raw.place, message));
            return None;
        }
    };
    Some(RawExpr { kind, place: raw.place })
}

/// Its digits; whether they are any is for the expression to say.
fn decimal(text: &str) -> RawExprKind {
    RawExprKind::Float { text: text.to_owned(), value: text.parse().unwrap_or_default() }
}

fn number(text: &str, place: Place, sink: &mut Sink) -> Option<RawExprKind> {
    if let Ok(value) = text.parse() {
        return Some(RawExprKind::Int(value));
    }
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() && text.contains(['.', 'e', 'E']) => {
            Some(RawExprKind::Float { text: text.to_owned(), value })
        }
        _ => {
            sink.push(Diagnostic::error(INVALID_LITERAL, place, format!("`{text}` is no number, or too large a one")));
            None
        }
    }
}

fn read_object(raw: &RawValue, name: &TypeName, types: &Types, sink: &mut Sink) -> Option<Json> {
    let object = types.object(name)?;
    let slots: Vec<_> = object
        .fields
        .iter()
        .map(|field| Slot { name: field.name.to_string(), ty: field.ty.clone(), may_be_absent: false })
        .collect();
    Record { owner: name.as_written(), slots: &slots, whole: true, place: raw.place }.read(raw, types, sink)
}

/// A file by what an example says of it; mostly its id alone.
fn read_file(raw: &RawValue, types: &Types, sink: &mut Sink) -> Option<Json> {
    let fields = file_fields().into_iter();
    let slots: Vec<_> = fields.map(|(name, ty)| Slot { name: name.to_string(), ty, may_be_absent: true }).collect();
    Record { owner: "File", slots: &slots, whole: false, place: raw.place }.read(raw, types, sink)
}

fn scalar(text: &str, ty: &Type, types: &Types) -> Option<Json> {
    match ty {
        Type::Id | Type::String | Type::Reference(_) => Some(Json::String(text.to_owned())),
        Type::Int => text.parse::<i64>().ok().map(Json::from),
        Type::Float => text.parse::<f64>().ok().and_then(serde_json::Number::from_f64).map(Json::Number),
        Type::Boolean => text.parse::<bool>().ok().map(Json::Bool),
        Type::DateTime => {
            let instant = parse_instant(text).or_else(|| text.parse().ok())?;
            Some(Json::String(format_instant(instant)))
        }
        Type::Decimal => plain_decimal(text).map(Json::String),
        Type::Date => is_day(text).then(|| Json::String(text.to_owned())),
        Type::Enum(name) => {
            let known = types.enumeration(name)?.values.iter().any(|value| value.name == text);
            known.then(|| Json::String(text.to_owned()))
        }
        _ => None,
    }
}

fn plain(text: &str) -> Json {
    match text {
        "true" => Json::Bool(true),
        "false" => Json::Bool(false),
        _ => {
            let looks_like_number = text.starts_with(|letter: char| letter.is_ascii_digit() || letter == '-');
            let integer = text.parse::<i64>().ok().map(Json::from);
            let float = || text.parse::<f64>().ok().and_then(serde_json::Number::from_f64).map(Json::Number);
            let number = looks_like_number.then(|| integer.or_else(float)).flatten();
            number.unwrap_or_else(|| Json::String(text.to_owned()))
        }
    }
}

fn wrong_text(raw: &RawValue, text: &str, ty: &FieldType, types: &Types, sink: &mut Sink) -> Option<Json> {
    let Type::Enum(name) = &ty.ty else {
        return wrong(raw, ty, &unlike(text, &ty.ty), sink);
    };
    let values = types.enumeration(name).map_or(&[][..], |found| &found.values);
    let message = format!("`{text}` is not a value of `{name}`");
    let names = values.iter().map(|value| &value.name);
    sink.push(Diagnostic::error(SPEC_WRONG_VALUE, raw.place, message).suggest(text, names));
    None
}

/// What stands there, and what would do.
fn unlike(text: &str, ty: &Type) -> String {
    let wanted = match ty {
        Type::Int => "a whole number, like `3`",
        Type::Float | Type::Decimal => "a number, like `1.5`",
        Type::Boolean => "`true` or `false`",
        Type::DateTime => "an instant, like `\"2026-01-31T10:00:00Z\"`",
        Type::Date => "a day, like `2026-01-31`",
        _ => return "not one".to_owned(),
    };
    format!("`{text}` is not {wanted}")
}

fn wrong(raw: &RawValue, ty: &FieldType, label: &str, sink: &mut Sink) -> Option<Json> {
    let message = format!("expected a value of type `{}`", type_name(ty));
    sink.push(Diagnostic::error(SPEC_WRONG_VALUE, raw.place, message).label(label));
    None
}

fn found(raw: &RawValue) -> &'static str {
    match raw.kind {
        RawValueKind::Scalar { .. } => "found a plain value",
        RawValueKind::List(_) => "found a list",
        RawValueKind::Map(_) => "found a map",
    }
}
