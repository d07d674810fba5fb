//! Operators: arithmetic that checks itself, tests over texts.

use super::code::{Code, group};
use super::text::format_text;
use super::{Piece, Scope, Want};
use crate::emit::rust::import;
use crate::emit::rust::types::{int_literal, is_copy, is_text};
use crate::model::{BinaryOp, Expr, ExprKind, FieldType, Function, Type, UnaryOp};
use proc_macro2::TokenStream;
use quote::quote;

impl Scope<'_> {
    pub(super) fn unary(&self, op: UnaryOp, inner: &Expr) -> Code {
        let rt = import("scaffold_runtime::codegen");
        match (op, &inner.kind) {
            (UnaryOp::Not, _) => Code::new(self.negated(inner)),
            (UnaryOp::Negate, ExprKind::Int(value)) if *value != i64::MIN => Code::new(int_literal(-value)),
            (UnaryOp::Negate, ExprKind::Float { value, .. }) => Code::new(super::literal::float_literal(-value)),
            (UnaryOp::Negate, _) => {
                let value = self.owned(inner);
                Code::new(quote!(#rt::expr::neg(#value)?))
            }
        }
    }

    pub(super) fn binary(&self, op: BinaryOp, sides: (&Expr, &Expr), ty: &FieldType, want: Want) -> Code {
        let (left, right) = sides;
        match op {
            BinaryOp::And | BinaryOp::Or => self.and_or(op, left, right),
            BinaryOp::Coalesce => self.coalesce(left, right, ty, want),
            BinaryOp::Equal => self.equal(false, left, right),
            BinaryOp::NotEqual => self.equal(true, left, right),
            BinaryOp::Less | BinaryOp::LessOrEqual | BinaryOp::Greater | BinaryOp::GreaterOrEqual => {
                self.ordered(op, left, right)
            }
            BinaryOp::In => self.is_in(false, left, right),
            BinaryOp::NotIn => self.is_in(true, left, right),
            BinaryOp::Contains if !is_text(&left.ty.ty) => self.is_in(false, right, left),
            BinaryOp::Contains => self.text_test(quote!(contains), left, right),
            BinaryOp::StartsWith => self.text_test(quote!(starts_with), left, right),
            BinaryOp::EndsWith => self.text_test(quote!(ends_with), left, right),
            BinaryOp::Matches => self.matches_pattern(left, right),
            _ => self.arithmetic(op, left, right, ty),
        }
    }

    fn text_test(&self, method: TokenStream, left: &Expr, right: &Expr) -> Code {
        let left = group(&self.code(left, Want::Borrowed).tokens);
        let right = match self.code(right, Want::Borrowed) {
            lent if lent.form == super::Form::Reference => lent.tokens,
            stored => stored.lent(&right.ty),
        };
        Code::new(quote!(#left.#method(#right)))
    }

    fn matches_pattern(&self, text: &Expr, pattern: &Expr) -> Code {
        let rt = import("scaffold_runtime::codegen");
        let text = self.borrowed(text);
        let pattern = match &pattern.kind {
            ExprKind::Text(pattern) => quote!(#pattern),
            _ => self.borrowed(pattern),
        };
        Code::new(quote!({
            static PATTERN: #rt::expr::Pattern = #rt::expr::Pattern::new(#pattern);
            PATTERN.is_match(#text)?
        }))
    }

    fn arithmetic(&self, op: BinaryOp, left: &Expr, right: &Expr, ty: &FieldType) -> Code {
        let rt = import("scaffold_runtime::codegen");
        if op == BinaryOp::Add && is_text(&ty.ty) {
            let mut pieces = Vec::new();
            self.concatenated(left, &mut pieces);
            self.concatenated(right, &mut pieces);
            return Code::new(format_text(&pieces));
        }
        if op == BinaryOp::Add && matches!(ty.ty, Type::List(_)) {
            let (left, right) = (self.borrowed(left), self.borrowed(right));
            return Code::new(quote!(#rt::expr::concat(&[#left, #right])));
        }
        let function = match op {
            BinaryOp::Add => quote!(add),
            BinaryOp::Subtract => quote!(sub),
            BinaryOp::Multiply => quote!(mul),
            BinaryOp::Divide => quote!(div),
            BinaryOp::Remainder => quote!(rem),
            _ => quote!(pow),
        };
        if left.ty.ty == Type::DateTime || right.ty.ty == Type::DateTime {
            return self.instant_arithmetic(op, left, right);
        }
        let plain = constant(op, left, right);
        let (left, right) = (self.owned(left), self.owned(right));
        match plain {
            Some((value, sign)) if i32::try_from(value).is_ok() => {
                let (left, right) = (group(&left), group(&right));
                Code::new(quote!(#left #sign #right))
            }
            Some((value, _)) => Code::new(int_literal(value)),
            None => Code::new(quote!(#rt::expr::#function(#left, #right)?)),
        }
    }

    /// `DateTime ± Int` is an instant, `DateTime - DateTime` milliseconds.
    fn instant_arithmetic(&self, op: BinaryOp, left: &Expr, right: &Expr) -> Code {
        let rt = import("scaffold_runtime::codegen");
        let (at, by) = if left.ty.ty == Type::DateTime { (left, right) } else { (right, left) };
        let (at_value, by_value) = (group(&self.owned(at)), self.owned(by));
        if by.ty.ty == Type::DateTime {
            let by_value = group(&by_value);
            return Code::new(quote!(#rt::expr::sub(#at_value.millis(), #by_value.millis())?));
        }
        let method = if op == BinaryOp::Add { quote!(plus) } else { quote!(minus) };
        Code::new(quote!(#at_value.#method(#by_value)?))
    }

    fn concatenated(&self, expr: &Expr, pieces: &mut Vec<Piece>) {
        match &expr.kind {
            ExprKind::Binary(BinaryOp::Add, left, right) => {
                self.concatenated(left, pieces);
                self.concatenated(right, pieces);
            }
            ExprKind::Text(text) => pieces.push(Piece::Text(text.clone())),
            ExprKind::Call { function: Function::String, arguments } if shows_itself(arguments) => {
                pieces.extend(arguments.iter().map(|argument| Piece::Value(self.owned(argument))));
            }
            _ => pieces.push(Piece::Value(self.code(expr, Want::Borrowed).tokens)),
        }
    }
}

/// What `15 * minute` is, and its operator in Rust: of whole numbers that stand in the model it is known that they fit.
fn constant(op: BinaryOp, left: &Expr, right: &Expr) -> Option<(i64, TokenStream)> {
    let (left, right) = (constant_value(left)?, constant_value(right)?);
    match op {
        BinaryOp::Add => Some((left.checked_add(right)?, quote!(+))),
        BinaryOp::Subtract => Some((left.checked_sub(right)?, quote!(-))),
        BinaryOp::Multiply => Some((left.checked_mul(right)?, quote!(*))),
        _ => None,
    }
}

fn constant_value(expr: &Expr) -> Option<i64> {
    match &expr.kind {
        ExprKind::Int(value) => Some(*value),
        ExprKind::Binary(op, left, right) => constant(*op, left, right).map(|(value, _)| value),
        _ => None,
    }
}

/// Whether `format!` shows the values as `string` does.
fn shows_itself(arguments: &[Expr]) -> bool {
    arguments.iter().all(|argument| argument.ty.required && is_copy(&argument.ty.ty))
}
