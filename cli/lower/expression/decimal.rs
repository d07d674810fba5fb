//! What widens to Decimal: an Int, and what is made of number literals alone, digit by digit.

use super::misfit::Misfit;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::expressions::INVALID_LITERAL;
use crate::lower::decimal::plain_decimal;
use crate::model::{BinaryOp, Expr, ExprKind, FieldType, Type, UnaryOp};

/// The value as a Decimal, nullable if it was.
pub(super) fn widen(expr: Expr) -> Result<Expr, Misfit> {
    if let Some(literal) = of_literals(&expr)? {
        return Ok(literal);
    }
    if expr.ty.ty != Type::Int {
        return Err(Misfit::Type);
    }
    let ty = FieldType { ty: Type::Decimal, required: expr.ty.required };
    let place = expr.place;
    Ok(Expr { kind: ExprKind::Widen(Box::new(expr)), ty, place })
}

/// `0.9`, `-1`, `1 - 0.19`, `vip ? 0.9 : 1`: a Float's digits would be lost, those of literals still stand in the text.
fn of_literals(expr: &Expr) -> Result<Option<Expr>, Misfit> {
    let kind = match &expr.kind {
        ExprKind::Int(value) => ExprKind::Decimal(value.to_string()),
        ExprKind::Float { text, .. } => ExprKind::Decimal(digits(text, expr)?),
        ExprKind::Widen(inner) if expr.ty.ty == Type::Float => return of_literals(inner),
        ExprKind::Unary(UnaryOp::Negate, inner) => match of_literals(inner)? {
            Some(inner) => ExprKind::Unary(UnaryOp::Negate, Box::new(inner)),
            None => return Ok(None),
        },
        ExprKind::Binary(op, left, right) if is_arithmetic(*op) => match (of_literals(left)?, of_literals(right)?) {
            (Some(left), Some(right)) => ExprKind::Binary(*op, Box::new(left), Box::new(right)),
            _ => return Ok(None),
        },
        ExprKind::Conditional { condition, then, otherwise } => match (of_literals(then)?, of_literals(otherwise)?) {
            (Some(then), Some(otherwise)) => {
                let (then, otherwise) = (Box::new(then), Box::new(otherwise));
                ExprKind::Conditional { condition: condition.clone(), then, otherwise }
            }
            _ => return Ok(None),
        },
        _ => return Ok(None),
    };
    Ok(Some(Expr { kind, ty: FieldType::required(Type::Decimal), place: expr.place }))
}

fn is_arithmetic(op: BinaryOp) -> bool {
    matches!(op, BinaryOp::Add | BinaryOp::Subtract | BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::Power)
}

/// The literal's own digits.
pub(super) fn digits(text: &str, expr: &Expr) -> Result<String, Misfit> {
    plain_decimal(text).ok_or_else(|| {
        let message = "expected a decimal number of at most 28 digits";
        Misfit::Literal(Box::new(Diagnostic::error(INVALID_LITERAL, expr.place, message).label("not one")))
    })
}
