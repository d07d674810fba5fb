//! Expressions of the model → Rust expressions.
//!
//! Every value comes in one of few [`Form`]s, and is cloned only where somebody must own it. Operators that can fail are calls
//! into `expr` with `?`, so the code stands in functions that return `EvalError` (or what it converts into).

mod access;
mod code;
mod compare;
mod convert;
mod function;
mod literal;
mod logic;
mod operator;
mod predicate;
mod scope;
mod text;

pub use code::{Code, Form, group, is_fallible, takes_call};
pub use scope::Scope;
pub use text::{Piece, format_text};

use crate::model::{Expr, ExprKind};
use proc_macro2::TokenStream;

/// What the place where a value is used would like best; a value that cannot be lent is owned all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// A value of its own.
    Owned,
    /// A look at it.
    Borrowed,
}

impl Scope<'_> {
    /// The value, owned: what a field is set to.
    pub fn owned(&self, expr: &Expr) -> TokenStream {
        self.code(expr, Want::Owned).owned(&expr.ty)
    }

    /// The value, lent: `&str`, `&[T]`, `&T`, or an `Option` of those; copied values stay as they are.
    pub fn borrowed(&self, expr: &Expr) -> TokenStream {
        self.code(expr, Want::Borrowed).borrowed(&expr.ty)
    }

    /// The value in any form that a comparison takes.
    pub fn bare(&self, expr: &Expr) -> TokenStream {
        self.code(expr, Want::Borrowed).bare(&expr.ty)
    }

    /// The expression in the form that costs least.
    pub fn code(&self, expr: &Expr, want: Want) -> Code {
        match &expr.kind {
            ExprKind::Nil
            | ExprKind::Boolean(_)
            | ExprKind::Int(_)
            | ExprKind::Float { .. }
            | ExprKind::Decimal(_)
            | ExprKind::Text(_)
            | ExprKind::DateTime(_)
            | ExprKind::Date(_)
            | ExprKind::EnumValue(_)
            | ExprKind::List(_)
            | ExprKind::Map(_) => self.literal(expr, want),
            ExprKind::Var(var) => self.variable(var, &expr.ty),
            ExprKind::Field { base, name, .. } => self.field(base, name, &expr.ty),
            ExprKind::Index { base, index } => self.index(base, index),
            ExprKind::Unary(op, inner) => self.unary(*op, inner),
            ExprKind::Binary(op, left, right) => self.binary(*op, (left, right), &expr.ty, want),
            ExprKind::Conditional { condition, then, otherwise } => self.conditional(condition, then, otherwise, want),
            ExprKind::Call { function, arguments } => self.call(*function, arguments, &expr.ty),
            ExprKind::Widen(inner) => self.widen(inner, &expr.ty, want),
            ExprKind::Narrowed(inner) => self.narrowed(inner),
            ExprKind::FromJson(inner) => self.out_of_json(inner, &expr.ty),
        }
    }
}
