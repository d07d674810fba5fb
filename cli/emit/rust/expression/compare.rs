//! `== != < <= > >= in not in`, without allocating.

use super::code::{Code, Form, group, is_fallible};
use super::{Scope, Want};
use crate::emit::rust::import;
use crate::emit::rust::types::is_copy;
use crate::model::{BinaryOp, Expr, ExprKind, Type, Var};
use proc_macro2::TokenStream;
use quote::quote;

impl Scope<'_> {
    pub(super) fn equal(&self, negated: bool, left: &Expr, right: &Expr) -> Code {
        let (left, right) = if is_literal(left) && !is_literal(right) { (right, left) } else { (left, right) };
        let tokens = match &right.kind {
            ExprKind::Nil => self.is_nil(negated, left),
            ExprKind::Boolean(value) if *value != negated && left.ty.required => self.owned(left),
            ExprKind::Boolean(_) if left.ty.required => self.negated(left),
            ExprKind::Text(text) if text.is_empty() && left.ty.required => self.is_empty(negated, left),
            ExprKind::List(elements) if elements.is_empty() && left.ty.required => self.is_empty(negated, left),
            _ if left.ty.ty == Type::Json && left.ty.required && right.ty.required => {
                let rt = import("scaffold_runtime::codegen");
                let (left, right) = (self.borrowed(left), self.borrowed(right));
                let not = negated.then(|| quote!(!));
                quote!(#not #rt::expr::json_equal(#left, #right))
            }
            _ => {
                let op = if negated { quote!(!=) } else { quote!(==) };
                let (left, right) = self.comparable(left, right);
                quote!(#left #op #right)
            }
        };
        Code::new(tokens)
    }

    fn is_empty(&self, negated: bool, value: &Expr) -> TokenStream {
        let value = group(&self.code(value, Want::Borrowed).tokens);
        if negated { quote!(!#value.is_empty()) } else { quote!(#value.is_empty()) }
    }

    fn is_nil(&self, negated: bool, value: &Expr) -> TokenStream {
        if value.ty.required {
            return quote!(#negated);
        }
        if self.known_after_first(value).is_some() {
            return if negated { quote!(!self.__is_new) } else { quote!(self.__is_new) };
        }
        let value = group(&self.code(value, Want::Borrowed).tokens);
        if negated { quote!(#value.is_some()) } else { quote!(#value.is_none()) }
    }

    /// Both sides in forms that `==` takes.
    fn comparable(&self, left: &Expr, right: &Expr) -> (TokenStream, TokenStream) {
        let (left_code, right_code) = (self.code(left, Want::Borrowed), self.code(right, Want::Borrowed));
        let stored = |code: &Code| code.form != Form::Reference;
        let plain = left.ty.required || (stored(&left_code) && stored(&right_code));
        let (left, right) = match plain {
            true => (left_code.bare(&left.ty), self.array(right).unwrap_or_else(|| right_code.bare(&right.ty))),
            false => (left_code.borrowed(&left.ty), right_code.borrowed(&right.ty)),
        };
        (group(&left), group(&right))
    }

    /// A list literal next to `==` needs no reference.
    fn array(&self, expr: &Expr) -> Option<TokenStream> {
        let ExprKind::List(elements) = &expr.kind else { return None };
        let elements = elements.iter().map(|element| self.owned(element));
        Some(quote!([#(#elements),*]))
    }

    pub(super) fn ordered(&self, op: BinaryOp, left: &Expr, right: &Expr) -> Code {
        let op = match op {
            BinaryOp::Less => quote!(<),
            BinaryOp::LessOrEqual => quote!(<=),
            BinaryOp::Greater => quote!(>),
            _ => quote!(>=),
        };
        let (left, right) = match is_copy(&left.ty.ty) {
            true => (self.owned(left), self.owned(right)),
            false => (self.lent(left), self.lent(right)),
        };
        // Rust takes `a as f64 <` for the beginning of a generic type.
        let is_cast = matches!(syn::parse2(left.clone()), Ok(syn::Expr::Cast(_)));
        let left = if is_cast { quote!((#left)) } else { group(&left) };
        let right = group(&right);
        Code::new(quote!(#left #op #right))
    }

    /// `value in list`
    pub(super) fn is_in(&self, negated: bool, value: &Expr, list: &Expr) -> Code {
        let found = match (&list.kind, &list.ty.ty) {
            (ExprKind::List(elements), _) if value.ty.required && elements.iter().all(is_pattern) => {
                self.matches_one(value, elements)
            }
            (_, Type::Json) => {
                let rt = import("scaffold_runtime::codegen");
                let (list, value) = (self.borrowed(list), self.json_of(value));
                quote!(#rt::expr::json_contains(#list, &#value)?)
            }
            (_, Type::Map(keys)) => {
                let keys = keys.iter().map(|(key, _)| key);
                let value = self.lent(value);
                quote!(matches!(#value, #(#keys)|*))
            }
            _ => self.list_contains(value, list),
        };
        if negated { Code::new(quote!(!#found)) } else { Code::new(found) }
    }

    fn matches_one(&self, value: &Expr, elements: &[Expr]) -> TokenStream {
        if elements.is_empty() {
            return quote!(false);
        }
        let value = if is_copy(&value.ty.ty) { self.owned(value) } else { self.lent(value) };
        let patterns = elements.iter().map(|element| self.code(element, Want::Borrowed).tokens);
        quote!(matches!(#value, #(#patterns)|*))
    }

    fn list_contains(&self, value: &Expr, list: &Expr) -> TokenStream {
        if is_permissions(list) && value.ty.required {
            let value = self.lent(value);
            return quote!(context.caller.permissions.contains(#value));
        }
        let given = list;
        let list = group(&self.code(given, Want::Borrowed).tokens);
        let code = self.code(value, Want::Borrowed);
        // A text is lent as `&str`, which no list of texts holds; what may be nil, as an `Option` of a reference.
        let is_whole = value.ty.required && matches!(value.ty.ty, Type::Object(_) | Type::File);
        let seen_inside = code.form == Form::Reference && !is_copy(&value.ty.ty) && !is_whole;
        if !seen_inside {
            let value = match is_copy(&value.ty.ty) {
                true => {
                    let value = code.owned(&value.ty);
                    quote!(&#value)
                }
                false => code.borrowed(&value.ty),
            };
            return quote!(#list.contains(#value));
        }
        let element = Code::of(Form::PlaceRef, quote!(element));
        let (element, value) = match value.ty.required {
            true => (element.bare(&value.ty), code.bare(&value.ty)),
            false => (element.borrowed(&value.ty), code.borrowed(&value.ty)),
        };
        if is_fallible(&value) {
            let (rt, list) = (import("scaffold_runtime::codegen"), self.borrowed(given));
            return quote!(#rt::expr::any(#list, |element| Ok(#element == #value))?);
        }
        quote!(#list.iter().any(|element| #element == #value))
    }
}

/// `caller.permissions`, which is a set.
fn is_permissions(list: &Expr) -> bool {
    let ExprKind::Field { base, name, .. } = &list.kind else { return false };
    matches!(base.kind, ExprKind::Var(Var::Caller)) && name.as_written() == "permissions"
}

fn is_literal(expr: &Expr) -> bool {
    matches!(
        expr.kind,
        ExprKind::Nil
            | ExprKind::List(_)
            | ExprKind::Boolean(_)
            | ExprKind::Int(_)
            | ExprKind::Float { .. }
            | ExprKind::Decimal(_)
            | ExprKind::Text(_)
            | ExprKind::EnumValue(_)
    )
}

/// Whether the literal can stand in a pattern.
fn is_pattern(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Boolean(_) | ExprKind::Int(_) | ExprKind::Text(_) | ExprKind::EnumValue(_))
}
