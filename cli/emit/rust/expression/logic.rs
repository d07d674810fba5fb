//! `not and or ?: ??`: what short-circuits stays plain Rust.

use super::code::{Code, Form, group, is_fallible, takes_call};
use super::{Scope, Want};
use crate::emit::rust::names::field_ident;
use crate::emit::rust::types::is_copy;
use crate::model::{BinaryOp, Expr, ExprKind, FieldType, UnaryOp, Var};
use proc_macro2::TokenStream;
use quote::quote;

impl Scope<'_> {
    /// The negation, pushed inwards until it costs nothing.
    pub fn negated(&self, expr: &Expr) -> TokenStream {
        match &expr.kind {
            ExprKind::Boolean(value) => {
                let value = !value;
                quote!(#value)
            }
            ExprKind::Unary(UnaryOp::Not, inner) => self.owned(inner),
            ExprKind::Binary(BinaryOp::And, left, right) => {
                self.joined(&quote!(||), self.negated(left), self.negated(right))
            }
            ExprKind::Binary(BinaryOp::Or, left, right) => {
                self.joined(&quote!(&&), self.negated(left), self.negated(right))
            }
            ExprKind::Binary(op, left, right) => match opposite(*op) {
                Some(op) => self.binary(op, (left, right), &expr.ty, Want::Owned).tokens,
                None => not(&self.owned(expr)),
            },
            _ => not(&self.owned(expr)),
        }
    }

    pub(super) fn and_or(&self, op: BinaryOp, left: &Expr, right: &Expr) -> Code {
        let op = if op == BinaryOp::And { quote!(&&) } else { quote!(||) };
        Code::new(self.joined(&op, self.owned(left), self.owned(right)))
    }

    fn joined(&self, op: &TokenStream, left: TokenStream, right: TokenStream) -> TokenStream {
        let (left, right) = (group(&left), group(&right));
        quote!(#left #op #right)
    }

    pub(super) fn conditional(&self, condition: &Expr, then: &Expr, otherwise: &Expr, want: Want) -> Code {
        match (&then.kind, &otherwise.kind) {
            (ExprKind::Boolean(true), ExprKind::Boolean(false)) => return Code::new(self.owned(condition)),
            (ExprKind::Boolean(false), ExprKind::Boolean(true)) => return Code::new(self.negated(condition)),
            _ => {}
        }
        let condition = self.owned(condition);
        let both = [self.code(then, want), self.code(otherwise, want)];
        let is_array = |expr: &Expr| matches!(expr.kind, ExprKind::List(_));
        let lendable = want == Want::Borrowed && both.iter().all(|code| code.form != Form::Owned);
        let lendable = lendable && !is_array(then) && !is_array(otherwise);
        let lend = lendable && !is_copy(&then.ty.ty);
        let [then, otherwise] = match lend {
            true => [both[0].lent(&then.ty), both[1].lent(&otherwise.ty)],
            false => [self.owned(then), self.owned(otherwise)],
        };
        let form = if lend { Form::Reference } else { Form::Owned };
        Code::of(form, quote!(if #condition { #then } else { #otherwise }))
    }

    /// A field of `projection` that is nil on the first event only: its value after that.
    pub(super) fn known_after_first(&self, value: &Expr) -> Option<TokenStream> {
        let ExprKind::Field { base, name, .. } = &value.kind else { return None };
        let is_projection = matches!(base.kind, ExprKind::Var(Var::Projection));
        let declared = self.first_event_field(name, &value.ty).filter(|field| is_projection && field.ty.required)?;
        let field = field_ident(name);
        Some(Code::of(Form::Place, quote!(self.#field)).owned(&declared.ty))
    }

    /// `a ?? b`: `b` is computed only if `a` is nil.
    pub(super) fn coalesce(&self, left: &Expr, right: &Expr, ty: &FieldType, want: Want) -> Code {
        if left.ty.required {
            return self.code(left, want);
        }
        if let Some(value) = self.known_after_first(left) {
            let fallback = self.owned(right);
            return Code::new(quote!(if self.__is_new { #fallback } else { #value }));
        }
        let copied = is_copy(&left.ty.ty);
        let fallback = self.code(right, Want::Borrowed);
        let kept = want == Want::Owned && self.code(left, want).form == Form::Owned;
        if kept && !copied && ty.required && is_empty(right) {
            let value = group(&self.owned(left));
            return Code::new(quote!(#value.unwrap_or_default()));
        }
        let lend = !copied && !kept && fallback.form != Form::Owned;
        let (value, fallback) = match lend {
            true => (self.borrowed(left), fallback.lent(&right.ty)),
            false => (self.owned(left), self.owned(right)),
        };
        let form = if lend { Form::Reference } else { Form::Owned };
        Code::of(form, fall_back(&value, &fallback, ty.required))
    }
}

/// Whether it is `''` or `[]`.
fn is_empty(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Text(text) => text.is_empty(),
        ExprKind::List(elements) => elements.is_empty(),
        _ => false,
    }
}

fn fall_back(value: &TokenStream, fallback: &TokenStream, required: bool) -> TokenStream {
    if is_fallible(fallback) {
        let found = if required { quote!(value) } else { quote!(Some(value)) };
        return quote!(match #value { Some(value) => #found, None => #fallback });
    }
    let value = group(value);
    match (required, takes_call(fallback)) {
        (true, false) => quote!(#value.unwrap_or(#fallback)),
        (true, true) => quote!(#value.unwrap_or_else(|| #fallback)),
        (false, false) => quote!(#value.or(#fallback)),
        (false, true) => quote!(#value.or_else(|| #fallback)),
    }
}

fn not(tokens: &TokenStream) -> TokenStream {
    let tokens = group(tokens);
    quote!(!#tokens)
}

fn opposite(op: BinaryOp) -> Option<BinaryOp> {
    Some(match op {
        BinaryOp::Equal => BinaryOp::NotEqual,
        BinaryOp::NotEqual => BinaryOp::Equal,
        BinaryOp::Less => BinaryOp::GreaterOrEqual,
        BinaryOp::LessOrEqual => BinaryOp::Greater,
        BinaryOp::Greater => BinaryOp::LessOrEqual,
        BinaryOp::GreaterOrEqual => BinaryOp::Less,
        BinaryOp::In => BinaryOp::NotIn,
        BinaryOp::NotIn => BinaryOp::In,
        _ => return None,
    })
}
