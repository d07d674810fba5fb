//! Conversions that the model says explicitly: widening, narrowing, reading JSON.

use super::code::{Code, Form, group, is_fallible};
use super::literal::float_literal;
use super::{Scope, Want};
use crate::emit::rust::import;
use crate::emit::rust::names::field_ident;
use crate::emit::rust::types::{is_copy, is_same, is_text, rust_type};
use crate::model::{Expr, ExprKind, FieldType, Type, Var};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

impl Scope<'_> {
    pub(super) fn widen(&self, inner: &Expr, ty: &FieldType, want: Want) -> Code {
        if ty.ty == Type::Json && inner.ty.ty != Type::Json {
            return self.widen_to_json(inner, ty);
        }
        let same = is_same(&inner.ty.ty, &ty.ty) || inner.ty.ty == Type::Nil;
        if same && inner.ty.required && !ty.required {
            // What was tested for nil and may be nil again needs no look inside.
            return match &inner.kind {
                ExprKind::Narrowed(known) if is_same(&known.ty.ty, &ty.ty) => self.code(known, want),
                _ => self.wrap_some(inner, want),
            };
        }
        if same {
            return self.code(inner, want);
        }
        if let (ExprKind::Int(value), Type::Float) = (&inner.kind, &ty.ty) {
            #[allow(clippy::cast_precision_loss, reason = "the language says that Int widens to Float")]
            return Code::new(float_literal(*value as f64));
        }
        if let (Type::List(from), Type::List(to)) = (&inner.ty.ty, &ty.ty) {
            return self.widen_list(inner, from, to);
        }
        let value = group(&self.owned(inner));
        if inner.ty.required {
            return Code::new(step(&value, &inner.ty.ty, &ty.ty));
        }
        let converted = step(&quote!(value), &inner.ty.ty, &ty.ty);
        if is_fallible(&converted) {
            return Code::new(quote!(match #value { Some(value) => Some(#converted), None => None }));
        }
        Code::new(quote!(#value.map(|value| #converted)))
    }

    fn wrap_some(&self, inner: &Expr, want: Want) -> Code {
        // A look at a list literal would be one at an array.
        let want = if matches!(inner.kind, ExprKind::List(_)) { Want::Owned } else { want };
        let code = self.code(inner, want);
        if want == Want::Owned || is_copy(&inner.ty.ty) {
            let value = code.owned(&inner.ty);
            return Code::new(quote!(Some(#value)));
        }
        let value = code.lent(&inner.ty);
        Code::of(Form::Reference, quote!(Some(#value)))
    }

    fn widen_list(&self, inner: &Expr, from: &FieldType, to: &FieldType) -> Code {
        let rt = import("scaffold_runtime::codegen");
        let list = self.borrowed(inner);
        let element = Code::of(Form::PlaceRef, quote!(element)).owned(from);
        let value = match (from.required, to.required) {
            (true, true) => step(&element, &from.ty, &to.ty),
            (true, false) => {
                let value = step(&element, &from.ty, &to.ty);
                quote!(Some(#value))
            }
            (false, _) => {
                let value = step(&quote!(value), &from.ty, &to.ty);
                quote!(match #element { Some(value) => Some(#value), None => None })
            }
        };
        Code::new(quote!(#rt::expr::map(#list, |element| Ok(#value))?))
    }

    fn widen_to_json(&self, inner: &Expr, ty: &FieldType) -> Code {
        if inner.ty.ty == Type::Nil && !ty.required {
            return Code::new(quote!(None));
        }
        let value = self.json_of(inner);
        match (inner.ty.required, ty.required) {
            (_, true) => Code::new(value),
            (true, false) => Code::new(quote!(Some(#value))),
            (false, false) => Code::new(quote!(Some(#value).filter(|value| !value.is_null()))),
        }
    }

    /// The value as JSON of its own.
    pub(super) fn json_of(&self, expr: &Expr) -> TokenStream {
        let rt = import("scaffold_runtime::codegen");
        match (&expr.ty.ty, expr.ty.required) {
            (Type::Json | Type::Map(_), true) => self.owned(expr),
            (Type::Nil, _) => quote!(#rt::Json::Null),
            (Type::Int | Type::Boolean | Type::Float, true) => {
                let value = self.owned(expr);
                quote!(#rt::Json::from(#value))
            }
            (text, true) if is_text(text) => {
                let value = self.lent(expr);
                quote!(#rt::Json::from(#value))
            }
            (ty, _) => {
                let value = self.borrowed(expr);
                let copied = is_copy(ty) || !expr.ty.required;
                let value = if copied { quote!(&#value) } else { value };
                quote!(#rt::expr::to_json(#value)?)
            }
        }
    }

    pub(super) fn narrowed(&self, inner: &Expr) -> Code {
        if let ExprKind::Var(Var::StateEntry(name)) = &inner.kind
            && self.bound.contains(name)
        {
            let form = if is_copy(&inner.ty.ty) { Form::Owned } else { Form::PlaceRef };
            return Code::of(form, field_ident(name).to_token_stream());
        }
        let rt = import("scaffold_runtime::codegen");
        let value = self.borrowed(inner);
        let form = if is_copy(&inner.ty.ty) { Form::Owned } else { Form::Reference };
        Code::of(form, quote!(#rt::expr::some(#value)?))
    }

    pub(super) fn out_of_json(&self, inner: &Expr, ty: &FieldType) -> Code {
        if let Some(field) = self.json_field(inner, ty) {
            return field;
        }
        let rt = import("scaffold_runtime::codegen");
        let value = self.borrowed(inner);
        let ty = rust_type(ty, &self.home);
        Code::new(quote!(#rt::expr::from_json::<#ty>(#value)?))
    }
}

/// One lossless step between two types of required values.
fn step(value: &TokenStream, from: &Type, to: &Type) -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    match (from, to) {
        (Type::Int, Type::Float) => quote!(#value as f64),
        (Type::Int, Type::Decimal) => quote!(#rt::Decimal::from(#value)),
        (Type::Int, Type::DateTime) => quote!(#rt::expr::instant(#value)?),
        (Type::DateTime, Type::Int) => quote!(#value.millis()),
        _ => value.clone(),
    }
}
