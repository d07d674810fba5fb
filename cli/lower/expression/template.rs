//! Tags and messages: texts with holes.

use super::describe::{type_name, value_name};
use super::fit::{is_text, may_be_nil};
use super::{Typer, advice, constant, literal};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::expressions::NOT_PRINTABLE;
use crate::diagnostic::codes::rules::HOLES_COLLIDE;
use crate::model::{
    BinaryOp, Expr, ExprKind, FieldName, FieldType, Function, Message, MessagePart, TagPart, TagTemplate, Type, Var,
};
use crate::place::Place;
use crate::source::{RawExpr, RawExprKind, RawPart, RawTemplate};

impl Typer<'_> {
    /// A tag. With `lists` a hole may be a list, which gives one tag for each element.
    pub fn tag(&mut self, raw: &RawTemplate, lists: bool) -> Option<TagTemplate> {
        self.spreads = true;
        let parts: Vec<_> = raw
            .parts
            .iter()
            .map(|part| match part {
                RawPart::Text(text) => Some(TagPart::Text(text.clone())),
                RawPart::Hole(hole) => self.tag_hole(hole, lists).map(TagPart::Hole),
            })
            .collect();
        self.spreads = false;
        Some(TagTemplate { parts: parts.into_iter().collect::<Option<_>>()?, place: raw.place })
    }

    fn tag_hole(&mut self, raw: &RawExpr, lists: bool) -> Option<Expr> {
        let expr = match &raw.kind {
            RawExprKind::Call { function, arguments } => match (shape(&function.value), arguments.as_slice()) {
                (Some(function), [argument]) => self.shaped(function, argument, raw.place)?,
                _ => self.value(raw, None)?,
            },
            _ => self.value(raw, None)?,
        };
        let allowed = match &expr.ty.ty {
            Type::List(element) => lists && is_taggable(&element.ty),
            ty => is_taggable(ty),
        };
        if allowed {
            return Some(expr);
        }
        let problem = not_printable(&expr, "a tag");
        let is_list = !lists && matches!(&expr.ty.ty, Type::List(element) if is_taggable(&element.ty));
        self.fail(if is_list {
            problem.help(
                "a query has one value here: with `each: <the list>` beside `tags`, `item` is each element in turn",
            )
        } else {
            problem
        })
    }

    /// `{email | lower()}`: nil stays nil, of a list each element is shaped.
    fn shaped(&mut self, function: Function, argument: &RawExpr, place: Place) -> Option<Expr> {
        let argument = self.value(argument, None)?;
        let text = FieldType::required(Type::String);
        if let Type::List(element) = &argument.ty.ty {
            let element = literal(ExprKind::Var(Var::Element), element.as_ref().clone(), place);
            let element = self.coerce(element, &text)?;
            let body = call(function, vec![element], text.clone(), place);
            let ty = FieldType { ty: Type::List(Box::new(text)), required: argument.ty.required };
            return Some(call(Function::Map, vec![argument, body], ty, place));
        }
        if argument.ty.required || !is_text(&argument.ty.ty) {
            let argument = self.coerce(argument, &text)?;
            return Some(call(function, vec![argument], text, place));
        }
        let nullable = FieldType::nullable(Type::String);
        let nil = literal(ExprKind::Nil, nullable.clone(), place);
        let is_nil = ExprKind::Binary(BinaryOp::Equal, Box::new(argument.clone()), Box::new(nil.clone()));
        let known = literal(ExprKind::Narrowed(Box::new(argument)), text.clone(), place);
        let shaped = call(function, vec![known], text, place);
        let kind = ExprKind::Conditional {
            condition: Box::new(constant(is_nil, Type::Boolean, place)),
            then: Box::new(nil),
            otherwise: Box::new(literal(ExprKind::Widen(Box::new(shaped)), nullable.clone(), place)),
        };
        Some(literal(kind, nullable, place))
    }

    /// A message that is shown when `reject` holds.
    pub fn message_when(&mut self, reject: &Expr, raw: &RawTemplate) -> Option<Message> {
        self.given(reject, true, |typer| typer.message(raw))
    }

    /// A message; each value that it shows becomes a field of the error.
    pub fn message(&mut self, raw: &RawTemplate) -> Option<Message> {
        let mut holes: Vec<(FieldName, Expr)> = Vec::new();
        let mut parts = Vec::new();
        let mut complete = true;
        for part in &raw.parts {
            match part {
                RawPart::Text(text) => parts.push(MessagePart::Text(text.clone())),
                RawPart::Hole(hole) => match self.message_hole(hole, &mut holes) {
                    Some(part) => parts.push(part),
                    None => complete = false,
                },
            }
        }
        complete.then_some(Message { parts })
    }

    fn message_hole(&mut self, raw: &RawExpr, holes: &mut Vec<(FieldName, Expr)>) -> Option<MessagePart> {
        let value = self.value(raw, None)?;
        if !is_printable(&value.ty.ty) {
            return self.fail(not_printable(&value, "a message"));
        }
        if !value.ty.required {
            return self.fail(may_be_nil(&value));
        }
        let name = hole_name(&value, holes);
        match holes.iter().find(|(known, _)| *known == name) {
            Some((_, known)) if !same(known, &value) => {
                let message = format!("two values of this message would both be called `{name}`");
                let diagnostic = Diagnostic::error(HOLES_COLLIDE, value.place, message);
                return self.fail(diagnostic.related(known.place, "the other"));
            }
            Some(_) => {}
            None => holes.push((name.clone(), value.clone())),
        }
        Some(MessagePart::Hole { name, value })
    }
}

/// The path in camel case; `value`, `value2` … for what has none.
fn hole_name(value: &Expr, holes: &[(FieldName, Expr)]) -> FieldName {
    if let Some(path) = value_name(value) {
        let path = path.strip_prefix("command.").unwrap_or(&path);
        let mut name = String::new();
        for part in path.split('.') {
            let mut letters = part.chars();
            match letters.next() {
                Some(first) if !name.is_empty() => name.extend(first.to_uppercase().chain(letters)),
                Some(first) => name.extend(std::iter::once(first).chain(letters)),
                None => {}
            }
        }
        return FieldName::new(name);
    }
    if let Some((name, _)) = holes.iter().find(|(_, known)| same(known, value)) {
        return name.clone();
    }
    let unnamed = holes.iter().filter(|(_, known)| value_name(known).is_none()).count();
    FieldName::new(if unnamed == 0 { "value".to_owned() } else { format!("value{}", unnamed + 1) })
}

/// Are two holes the same value, wherever they stand?
fn same(a: &Expr, b: &Expr) -> bool {
    match (value_name(a), value_name(b)) {
        (Some(a), Some(b)) => a.trim_start_matches("command.") == b.trim_start_matches("command."),
        _ => a == b,
    }
}

fn call(function: Function, arguments: Vec<Expr>, ty: FieldType, place: Place) -> Expr {
    literal(ExprKind::Call { function, arguments }, ty, place)
}

fn shape(function: &str) -> Option<Function> {
    match function {
        "lower" => Some(Function::Lower),
        "trim" => Some(Function::Trim),
        _ => None,
    }
}

fn is_taggable(ty: &Type) -> bool {
    is_text(ty) || matches!(ty, Type::Int | Type::Boolean | Type::Enum(_) | Type::DateTime | Type::Date)
}

fn is_printable(ty: &Type) -> bool {
    is_taggable(ty) || matches!(ty, Type::Float | Type::Decimal)
}

fn not_printable(expr: &Expr, place: &str) -> Diagnostic {
    let message = format!("`{}` cannot stand in {place}", type_name(&expr.ty));
    let problem = Diagnostic::error(NOT_PRINTABLE, expr.place, message);
    match place {
        "a message" => advice::printed(problem, expr),
        _ => advice::tagged(problem, expr),
    }
}
