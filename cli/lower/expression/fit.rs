//! Whether a value goes where another type is expected, and by which conversions.

use super::describe::{type_name, value_phrase};
use super::misfit::Misfit;
use super::{Typer, Types, advice, decimal};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::expressions::{INVALID_LITERAL, MAY_BE_NIL, TYPE_MISMATCH};
use crate::lower::instant::{is_day, parse_instant};
use crate::model::{Expr, ExprKind, FieldType, Type, TypeName};

impl Typer<'_> {
    /// The value as one of the expected type, or an error at its place.
    pub(crate) fn coerce(&mut self, expr: Expr, expected: &FieldType) -> Option<Expr> {
        let place = expr.place;
        match fit(self.types, expr.clone(), expected) {
            Ok(expr) => Some(expr),
            Err(Misfit::Literal(diagnostic)) => self.fail(*diagnostic),
            Err(Misfit::Nil) => self.fail(may_be_nil(&expr)),
            Err(Misfit::Type) => {
                let found = type_name(&expr.ty);
                let message = format!("expected `{}`, found `{found}`", type_name(expected));
                let diagnostic = Diagnostic::error(TYPE_MISMATCH, place, message).label(format!("this is `{found}`"));
                let diagnostic = rounded([&expr.ty, expected], diagnostic);
                self.fail(advice::converted(diagnostic, &expr, expected))
            }
        }
    }

    /// The value as one of the expected type, if it goes.
    pub(crate) fn try_coerce(&mut self, expr: Expr, expected: &FieldType) -> Option<Expr> {
        fit(self.types, expr, expected).ok()
    }

    /// Two values as values of one type; what it is follows from both.
    pub(super) fn unify(&self, left: &Expr, right: &Expr) -> Result<(Expr, Expr), Misfit> {
        let required = left.ty.required && right.ty.required;
        let mut candidates = vec![&left.ty.ty, &right.ty.ty];
        candidates.sort_by_key(|ty| match ty {
            Type::Nil => 2,
            Type::Json => 1,
            _ => 0,
        });
        let mut misfit = Misfit::Type;
        for ty in candidates {
            let target = FieldType { ty: ty.clone(), required };
            match (fit(self.types, left.clone(), &target), fit(self.types, right.clone(), &target)) {
                (Ok(left), Ok(right)) => return Ok((left, right)),
                (Err(Misfit::Literal(why)), _) | (_, Err(Misfit::Literal(why))) => misfit = Misfit::Literal(why),
                _ => {}
            }
        }
        Err(misfit)
    }
}

/// Converts, one step a node: first to the type, then to nullable.
pub(super) fn fit(types: &Types, expr: Expr, expected: &FieldType) -> Result<Expr, Misfit> {
    if expr.ty.ty == Type::Nil {
        return if expected.required { Err(Misfit::Nil) } else { Ok(Expr { ty: expected.clone(), ..expr }) };
    }
    if expr.ty.ty == Type::Json && expected.ty != Type::Json {
        return Ok(wrap(ExprKind::FromJson, expr, expected.clone()));
    }
    let converted = convert(types, expr, &expected.ty)?;
    match (converted.ty.required, expected.required) {
        (false, true) if converted.ty.ty == Type::Json => Ok(wrap(ExprKind::FromJson, converted, expected.clone())),
        (false, true) => Err(Misfit::Nil),
        (true, false) => Ok(wrap(ExprKind::Widen, converted, expected.clone())),
        _ => Ok(converted),
    }
}

/// Converts to a type and leaves nullability as it is.
fn convert(types: &Types, expr: Expr, target: &Type) -> Result<Expr, Misfit> {
    if same_value(&expr.ty.ty, target) {
        return Ok(expr);
    }
    let ty = FieldType { ty: target.clone(), required: expr.ty.required };
    match (&expr.kind, &expr.ty.ty, target) {
        (ExprKind::Int(value), _, Type::Float) => {
            let value = *value;
            // A whole number beyond 2^53 would not stay the number that was written.
            let exact = value.unsigned_abs() <= 1 << 53;
            let float = || ExprKind::Float { value: value as f64, text: value.to_string() };
            let kind = if exact { float() } else { ExprKind::Widen(Box::new(expr.clone())) };
            Ok(Expr { kind, ty, place: expr.place })
        }
        (_, Type::Int | Type::Float, Type::Decimal) => decimal::widen(expr),
        (_, Type::Int, Type::Float | Type::DateTime) | (_, Type::DateTime, Type::Int) | (_, _, Type::Json) => {
            Ok(wrap(ExprKind::Widen, expr, ty))
        }
        (ExprKind::Text(text), _, Type::Enum(name)) => {
            let kind = enum_value(types, name, text, &expr)?;
            Ok(Expr { kind, ty, place: expr.place })
        }
        (ExprKind::Text(text), _, Type::DateTime) => {
            let kind =
                ExprKind::DateTime(parse_instant(text).ok_or_else(|| no_literal(&expr, "an instant in RFC 3339"))?);
            Ok(Expr { kind, ty, place: expr.place })
        }
        (ExprKind::Text(text), _, Type::Date) if is_day(text) => {
            Ok(Expr { kind: ExprKind::Date(text.clone()), ty, place: expr.place })
        }
        (ExprKind::Text(_), _, Type::Date) => Err(no_literal(&expr, "a day like 2026-01-31")),
        _ => Err(Misfit::Type),
    }
}

/// Says how a Float and a Decimal come together, if that is what stands in the way.
pub(super) fn rounded(types: [&FieldType; 2], diagnostic: Diagnostic) -> Diagnostic {
    match types.map(|ty| &ty.ty) {
        [Type::Float, Type::Decimal] | [Type::Decimal, Type::Float] => {
            diagnostic.help("`decimal(x)` makes a Decimal of a Float, `float(x)` a Float of a Decimal")
        }
        _ => diagnostic,
    }
}

/// Are values of both types the same thing at run time?
pub(crate) fn same_value(a: &Type, b: &Type) -> bool {
    match (a, b) {
        (Type::List(a), Type::List(b)) => a.required == b.required && same_value(&a.ty, &b.ty),
        _ => a == b || (is_text(a) && is_text(b)),
    }
}

/// Texts, ids and references are texts.
pub(super) fn is_text(ty: &Type) -> bool {
    matches!(ty, Type::Id | Type::String | Type::Reference(_))
}

/// Says that a value must be tested first.
pub(super) fn may_be_nil(expr: &Expr) -> Diagnostic {
    let message = format!("{} may be nil here", value_phrase(expr));
    let label =
        if expr.ty.ty == Type::Nil { "always nil".to_owned() } else { format!("this is `{}`", type_name(&expr.ty)) };
    Diagnostic::error(MAY_BE_NIL, expr.place, message)
        .label(label)
        .help("test it first (`x != nil and …`) or give a default (`x ?? …`)")
}

fn enum_value(types: &Types, name: &TypeName, text: &str, expr: &Expr) -> Result<ExprKind, Misfit> {
    let values = types.enumeration(name).map_or(&[][..], |found| found.values.as_slice());
    if values.iter().any(|value| value.name == text) {
        return Ok(ExprKind::EnumValue(text.to_owned()));
    }
    let message = format!("`{text}` is not a value of `{name}`");
    let candidates = values.iter().map(|value| &value.name);
    let diagnostic = Diagnostic::error(INVALID_LITERAL, expr.place, message).suggest(text, candidates);
    Err(Misfit::Literal(Box::new(diagnostic)))
}

fn no_literal(expr: &Expr, expected: &str) -> Misfit {
    let message = format!("expected {expected}");
    Misfit::Literal(Box::new(Diagnostic::error(INVALID_LITERAL, expr.place, message).label("not one")))
}

fn wrap(kind: fn(Box<Expr>) -> ExprKind, expr: Expr, ty: FieldType) -> Expr {
    let place = expr.place;
    Expr { kind: kind(Box::new(expr)), ty, place }
}
