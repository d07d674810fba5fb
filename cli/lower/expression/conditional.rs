//! `?:` and `??`.

use super::describe::{type_name, value_phrase};
use super::fit::{fit, rounded};
use super::misfit::Misfit;
use super::{Typer, advice, literal};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::expressions::{INCOMPARABLE, NEVER_NIL, TYPE_MISMATCH};
use crate::model::{BinaryOp, Expr, ExprKind, FieldType, Type, Var};
use crate::place::Place;
use crate::source::{RawExpr, RawExprKind};

/// Is it a literal that takes its type from what stands around it?
pub(super) fn is_literal(raw: &RawExpr) -> bool {
    matches!(raw.kind, RawExprKind::List(_) | RawExprKind::Map(_) | RawExprKind::Text(_) | RawExprKind::Nil)
}

impl Typer<'_> {
    /// `c ? a : b`
    pub(super) fn conditional(
        &mut self,
        [condition, then, otherwise]: [&RawExpr; 3],
        expected: Option<&FieldType>,
        place: Place,
    ) -> Option<Expr> {
        let condition = self.typed(condition, &FieldType::required(Type::Boolean));
        let (then, otherwise) = match &condition {
            Some(condition) => (
                self.given(condition, true, |typer| typer.branch(then, expected)),
                self.given(condition, false, |typer| typer.branch(otherwise, expected)),
            ),
            None => (self.branch(then, expected), self.branch(otherwise, expected)),
        };
        let (then, otherwise) = self.unified(&then?, &otherwise?)?;
        let ty = then.ty.clone();
        let kind = ExprKind::Conditional {
            condition: Box::new(condition?),
            then: Box::new(then),
            otherwise: Box::new(otherwise),
        };
        Some(literal(kind, ty, place))
    }

    /// `a ?? b`
    pub(super) fn coalesce(
        &mut self,
        left: &RawExpr,
        right: &RawExpr,
        expected: Option<&FieldType>,
        place: Place,
    ) -> Option<Expr> {
        let left = self.value(left, None)?;
        let left = self.nil_possible(left)?;
        let hint = if left.ty.ty == Type::Json { expected.cloned() } else { Some(left.ty.clone()) };
        let right = self.value(right, hint.as_ref().filter(|_| is_literal(right)))?;
        // The left side stays nullable, the right side decides whether the result is.
        let required = FieldType::required(left.ty.ty.clone());
        let (value, right) = self.unified(&Expr { ty: required, ..left.clone() }, &right)?;
        let ty = FieldType { ty: value.ty.ty.clone(), required: right.ty.required };
        let left = match fit(self.types, left, &FieldType::nullable(value.ty.ty)) {
            Ok(left) => left,
            Err(Misfit::Literal(diagnostic)) => return self.fail(*diagnostic),
            Err(_) => return None,
        };
        Some(literal(ExprKind::Binary(BinaryOp::Coalesce, Box::new(left), Box::new(right)), ty, place))
    }

    /// A value that is tested for nil. A required field of `projection` is nil before the entry's first event.
    pub(super) fn nil_possible(&mut self, expr: Expr) -> Option<Expr> {
        if !expr.ty.required || expr.ty.ty == Type::Json {
            return Some(expr);
        }
        if let ExprKind::Narrowed(inner) = expr.kind {
            return Some(*inner);
        }
        let of_projection = match &expr.kind {
            ExprKind::Field { base, name, .. } => {
                matches!(base.kind, ExprKind::Var(Var::Projection)) && name.as_written() != "id"
            }
            _ => false,
        };
        if of_projection {
            let ty = FieldType::nullable(expr.ty.ty.clone());
            return Some(Expr { ty, ..expr });
        }
        let message = format!("{} is never nil", value_phrase(&expr));
        let label = format!("this is `{}`", type_name(&expr.ty));
        let problem = Diagnostic::error(NEVER_NIL, expr.place, message).label(label);
        self.fail(problem.help("leave the test or the default out: it would always come out the same"))
    }

    /// Two values of one type, or an error that names both.
    pub(super) fn unified(&mut self, left: &Expr, right: &Expr) -> Option<(Expr, Expr)> {
        self.unified_as(left, right, TYPE_MISMATCH, "these two must have one type")
    }

    /// Two values that are compared.
    pub(super) fn comparable(&mut self, left: &Expr, right: &Expr) -> Option<(Expr, Expr)> {
        self.unified_as(left, right, INCOMPARABLE, "these two cannot be compared")
    }

    fn unified_as(
        &mut self,
        left: &Expr,
        right: &Expr,
        code: crate::diagnostic::Code,
        message: &str,
    ) -> Option<(Expr, Expr)> {
        match self.unify(left, right) {
            Ok(both) => Some(both),
            Err(Misfit::Literal(diagnostic)) => self.fail(*diagnostic),
            Err(_) => {
                let (first, second) = (type_name(&left.ty), type_name(&right.ty));
                let diagnostic = Diagnostic::error(code, right.place, format!("{message}: `{first}` and `{second}`"));
                let diagnostic = rounded([&left.ty, &right.ty], diagnostic);
                let diagnostic = advice::compared(diagnostic, left, right);
                self.fail(
                    diagnostic.label(format!("this is `{second}`")).related(left.place, format!("this is `{first}`")),
                )
            }
        }
    }

    fn branch(&mut self, raw: &RawExpr, expected: Option<&FieldType>) -> Option<Expr> {
        match expected {
            Some(expected) => self.typed(raw, expected),
            None => self.value(raw, None),
        }
    }
}
