//! Operators.

use super::conditional::is_literal;
use super::describe::type_name;
use super::fit::{fit, is_text, may_be_nil};
use super::{Typer, constant, literal};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::expressions::{INCOMPARABLE, INVALID_PATTERN, TYPE_MISMATCH, UNTYPED};
use crate::model::{BinaryOp, Expr, ExprKind, FieldType, Type, UnaryOp};
use crate::place::Place;
use crate::source::{RawExpr, RawExprKind};

/// An operator with its sides as written.
#[derive(Clone, Copy)]
pub(super) struct Sides<'r> {
    pub op: BinaryOp,
    pub operator: Place,
    pub left: &'r RawExpr,
    pub right: &'r RawExpr,
    pub place: Place,
}

impl Typer<'_> {
    /// `not a`, `-a`
    pub(super) fn unary(&mut self, op: UnaryOp, operand: &RawExpr, place: Place) -> Option<Expr> {
        match op {
            UnaryOp::Not => {
                let operand = self.typed(operand, &FieldType::required(Type::Boolean))?;
                Some(constant(ExprKind::Unary(op, Box::new(operand)), Type::Boolean, place))
            }
            UnaryOp::Negate => {
                let operand = self.value(operand, None)?;
                let operand = self.known(operand)?;
                match &operand.kind {
                    ExprKind::Int(value) if *value != i64::MIN => {
                        return Some(constant(ExprKind::Int(-value), Type::Int, place));
                    }
                    ExprKind::Float { value, text } => {
                        let text = text.strip_prefix('-').map_or_else(|| format!("-{text}"), str::to_owned);
                        return Some(constant(ExprKind::Float { value: -value, text }, Type::Float, place));
                    }
                    _ => {}
                }
                let operand = self.number(operand)?;
                let ty = operand.ty.ty.clone();
                Some(constant(ExprKind::Unary(op, Box::new(operand)), ty, place))
            }
        }
    }

    /// `a op b`, all but `??`.
    pub(super) fn binary(&mut self, sides: Sides<'_>) -> Option<Expr> {
        match sides.op {
            BinaryOp::And | BinaryOp::Or => self.logic(sides),
            BinaryOp::Equal | BinaryOp::NotEqual => self.equality(sides),
            BinaryOp::Less | BinaryOp::LessOrEqual | BinaryOp::Greater | BinaryOp::GreaterOrEqual => {
                self.ordering(sides)
            }
            BinaryOp::In | BinaryOp::NotIn => self.membership(sides),
            BinaryOp::Contains | BinaryOp::StartsWith | BinaryOp::EndsWith => self.text_test(sides),
            BinaryOp::Matches => self.matches(sides),
            _ => self.arithmetic(sides),
        }
    }

    fn logic(&mut self, sides: Sides<'_>) -> Option<Expr> {
        let boolean = FieldType::required(Type::Boolean);
        let left = self.typed(sides.left, &boolean);
        let right = match &left {
            Some(left) => self.given(left, sides.op == BinaryOp::And, |typer| typer.typed(sides.right, &boolean)),
            None => self.typed(sides.right, &boolean),
        };
        Some(node(sides, left?, right?, Type::Boolean))
    }

    fn equality(&mut self, sides: Sides<'_>) -> Option<Expr> {
        let (left, right) = self.both(sides)?;
        let (left, right) = match (&left.kind, &right.kind) {
            (_, ExprKind::Nil) => (self.nil_possible(left)?, right),
            (ExprKind::Nil, _) => (left, self.nil_possible(right)?),
            _ => (left, right),
        };
        let (left, right) = self.comparable(&left, &right)?;
        Some(node(sides, left, right, Type::Boolean))
    }

    fn ordering(&mut self, sides: Sides<'_>) -> Option<Expr> {
        let (left, right) = self.both(sides)?;
        let (left, right) = (self.known(left), self.known(right));
        let (left, right) = self.comparable(&left?, &right?)?;
        if !is_ordered(&left.ty.ty) {
            let message = format!("`{}` has no order", type_name(&left.ty));
            let diagnostic = if left.ty.ty == Type::Json {
                untyped(sides.place)
            } else {
                Diagnostic::error(INCOMPARABLE, sides.operator, message)
                    .help("numbers, texts, instants and days can be compared by `<` and `>`")
            };
            return self.fail(diagnostic);
        }
        Some(node(sides, left, right, Type::Boolean))
    }

    /// `x in list`
    fn membership(&mut self, sides: Sides<'_>) -> Option<Expr> {
        let left = self.value(sides.left, None)?;
        let left = self.known(left)?;
        let list = FieldType::required(Type::List(Box::new(FieldType::required(left.ty.ty.clone()))));
        let by_list = is_literal(sides.left);
        let hint = (is_literal(sides.right) && !by_list).then_some(&list);
        let right = self.value(sides.right, hint)?;
        let right = if right.ty.ty == Type::Json { self.coerce(right, &list)? } else { self.known(right)? };
        let Type::List(element) = &right.ty.ty else {
            let message = format!("expected a list, found `{}`", type_name(&right.ty));
            return self.fail(Diagnostic::error(TYPE_MISMATCH, right.place, message));
        };
        let element = element.as_ref().clone();
        let left = match fit(self.types, left.clone(), &element) {
            Ok(left) => left,
            Err(_) => {
                self.comparable(&left, &Expr { ty: element, place: right.place, kind: ExprKind::Nil }).map(|_| left)?
            }
        };
        Some(node(sides, left, right, Type::Boolean))
    }

    fn text_test(&mut self, sides: Sides<'_>) -> Option<Expr> {
        let left = self.value(sides.left, None)?;
        if sides.op == BinaryOp::Contains && matches!(left.ty.ty, Type::List(_)) {
            let message = format!("expected `String!`, found `{}`", type_name(&left.ty));
            let help = "`x in list` tests whether a list holds a value";
            return self.fail(Diagnostic::error(TYPE_MISMATCH, left.place, message).help(help));
        }
        let text = FieldType::required(Type::String);
        let left = self.coerce(left, &text);
        let right = self.typed(sides.right, &text);
        Some(node(sides, left?, right?, Type::Boolean))
    }

    fn matches(&mut self, sides: Sides<'_>) -> Option<Expr> {
        let left = self.typed(sides.left, &FieldType::required(Type::String));
        let RawExprKind::Text(pattern) = &sides.right.kind else {
            let message = "the pattern of `matches` must be a text literal, so that it can be checked now";
            return self.fail(Diagnostic::error(INVALID_PATTERN, sides.right.place, message));
        };
        if let Err(problem) = regex_lite::Regex::new(pattern) {
            let message = format!("not a pattern: {problem}");
            return self.fail(Diagnostic::error(INVALID_PATTERN, sides.right.place, message));
        }
        let right = constant(ExprKind::Text(pattern.clone()), Type::String, sides.right.place);
        Some(node(sides, left?, right, Type::Boolean))
    }

    fn arithmetic(&mut self, sides: Sides<'_>) -> Option<Expr> {
        let (left, right) = self.both(sides)?;
        let (left, right) = (self.known(left), self.known(right));
        let (left, right) = self.told_by_each_other(left?, right?, sides.place)?;
        match (sides.op, &left.ty.ty, &right.ty.ty) {
            (BinaryOp::Add, a, b) if is_text(a) || is_text(b) => {
                let text = FieldType::required(Type::String);
                let (left, right) = (self.joined(left, &text), self.joined(right, &text));
                Some(node(sides, left?, right?, Type::String))
            }
            (BinaryOp::Add, Type::DateTime, Type::Int) | (BinaryOp::Add, Type::Int, Type::DateTime) => {
                Some(node(sides, left, right, Type::DateTime))
            }
            (BinaryOp::Subtract, Type::DateTime, Type::Int) => Some(node(sides, left, right, Type::DateTime)),
            (BinaryOp::Subtract, Type::DateTime, Type::DateTime) => Some(node(sides, left, right, Type::Int)),
            (BinaryOp::Divide | BinaryOp::Power, ..) => {
                let (left, right) = (self.number(left), self.number(right));
                let (left, right) = (left?, right?);
                let of_decimals = left.ty.ty == Type::Decimal || right.ty.ty == Type::Decimal;
                let ty = if of_decimals { Type::Decimal } else { Type::Float };
                let number = FieldType::required(ty.clone());
                let (left, right) = (self.coerce(left, &number), self.coerce(right, &number));
                Some(node(sides, left?, right?, ty))
            }
            (BinaryOp::Remainder, ..) => {
                let int = FieldType::required(Type::Int);
                let (left, right) = (self.coerce(left, &int), self.coerce(right, &int));
                Some(node(sides, left?, right?, Type::Int))
            }
            _ => {
                let (left, right) = (self.number(left), self.number(right));
                let (left, right) = self.unified(&left?, &right?)?;
                let ty = left.ty.ty.clone();
                Some(node(sides, left, right, ty))
            }
        }
    }

    /// A side of a `+` that joins texts; numbers are not turned into text unasked.
    fn joined(&mut self, expr: Expr, text: &FieldType) -> Option<Expr> {
        if is_text(&expr.ty.ty) || expr.ty.ty == Type::Json {
            return self.coerce(expr, text);
        }
        let message = format!("expected `String!`, found `{}`", type_name(&expr.ty));
        let diagnostic = Diagnostic::error(TYPE_MISMATCH, expr.place, message);
        self.fail(diagnostic.help("`+` joins texts with texts; `string(x)` makes a text of a value"))
    }

    /// Untyped JSON takes the type of the other side.
    fn told_by_each_other(&mut self, left: Expr, right: Expr, place: Place) -> Option<(Expr, Expr)> {
        match (left.ty.ty == Type::Json, right.ty.ty == Type::Json) {
            (true, true) => self.fail(untyped(place)),
            (true, false) => Some((self.coerce(left, &right.ty)?, right)),
            (false, true) => {
                let right = self.coerce(right, &left.ty)?;
                Some((left, right))
            }
            (false, false) => Some((left, right)),
        }
    }

    /// Both sides; a literal without a type of its own is told by the other.
    fn both(&mut self, sides: Sides<'_>) -> Option<(Expr, Expr)> {
        if is_literal(sides.left) && !is_literal(sides.right) {
            let right = self.value(sides.right, None);
            let left = self.value(sides.left, right.as_ref().map(|right| &right.ty));
            return Some((left?, right?));
        }
        let left = self.value(sides.left, None);
        let hint = left.as_ref().map(|left| left.ty.clone()).filter(|_| is_literal(sides.right));
        let right = self.value(sides.right, hint.as_ref());
        Some((left?, right?))
    }

    /// A value that is not nil; of untyped JSON only the conversion will tell.
    pub(super) fn known(&mut self, expr: Expr) -> Option<Expr> {
        if expr.ty.required || expr.ty.ty == Type::Json {
            return Some(expr);
        }
        self.fail(may_be_nil(&expr))
    }

    /// An Int, Float or Decimal; an instant counts as its milliseconds.
    pub(super) fn number(&mut self, expr: Expr) -> Option<Expr> {
        match expr.ty.ty {
            Type::Int | Type::Float | Type::Decimal => Some(expr),
            Type::DateTime => self.coerce(expr, &FieldType::required(Type::Int)),
            Type::Json => self.fail(untyped(expr.place)),
            _ => {
                let message = format!("expected a number, found `{}`", type_name(&expr.ty));
                self.fail(Diagnostic::error(TYPE_MISMATCH, expr.place, message))
            }
        }
    }
}

/// Says that JSON needs a type here.
pub(super) fn untyped(place: Place) -> Diagnostic {
    Diagnostic::error(UNTYPED, place, "what type this JSON value has cannot be told here")
        .help("say which: `int(x)`, `float(x)`, `decimal(x)` or `string(x)`; or declare the event in the event model")
}

/// Do the values of a type have an order?
pub(super) fn is_ordered(ty: &Type) -> bool {
    is_text(ty) || matches!(ty, Type::Int | Type::Float | Type::Decimal | Type::DateTime | Type::Date)
}

fn node(sides: Sides<'_>, left: Expr, right: Expr, ty: Type) -> Expr {
    let kind = ExprKind::Binary(sides.op, Box::new(left), Box::new(right));
    literal(kind, FieldType::required(ty), sides.place)
}
