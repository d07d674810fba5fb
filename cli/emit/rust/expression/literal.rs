//! Literals.

use super::code::{Code, Form};
use super::{Scope, Want};
use crate::emit::rust::import;
use crate::emit::rust::names::field_ident;
use crate::emit::rust::types::{decimal_literal, enum_value, int_literal, is_copy};
use crate::model::{Expr, ExprKind, FieldType, Type, TypeName};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

impl Scope<'_> {
    pub(super) fn literal(&self, expr: &Expr, want: Want) -> Code {
        let rt = import("scaffold_runtime::codegen");
        match &expr.kind {
            ExprKind::Boolean(value) => Code::new(quote!(#value)),
            ExprKind::Int(value) => Code::new(int_literal(*value)),
            ExprKind::Float { value, .. } => Code::new(float_literal(*value)),
            ExprKind::Decimal(text) => Code::new(decimal_literal(text)),
            ExprKind::Text(text) => Code::of(Form::Reference, quote!(#text)),
            ExprKind::DateTime(millis) => {
                let millis = int_literal(*millis);
                Code::new(quote!(#rt::DateTime::from_millis(#millis)))
            }
            ExprKind::Date(text) => Code::new(quote!(#rt::Date::parse(#text)?)),
            ExprKind::EnumValue(value) => Code::new(self.enum_literal(value, &expr.ty)),
            ExprKind::List(elements) => self.list_literal(elements, want),
            ExprKind::Map(entries) => self.map_literal(entries, &expr.ty),
            _ if expr.ty.ty == Type::Json && expr.ty.required => Code::new(quote!(#rt::Json::Null)),
            _ => Code::new(quote!(None)),
        }
    }

    fn list_literal(&self, elements: &[Expr], want: Want) -> Code {
        if let (Want::Borrowed, [only]) = (want, elements)
            && let Some(lent) = self.list_of_place(only)
        {
            return lent;
        }
        let elements = elements.iter().map(|element| self.owned(element));
        match want {
            Want::Borrowed => Code::of(Form::Reference, quote!(&[#(#elements),*])),
            Want::Owned => Code::new(quote!(vec![#(#elements),*])),
        }
    }

    /// A list of one value that lies somewhere: lent from there, not cloned.
    fn list_of_place(&self, only: &Expr) -> Option<Code> {
        let code = self.code(only, Want::Borrowed);
        let is_place = matches!(code.form, Form::Place | Form::PlaceRef);
        let lent = (is_place && only.ty.required && !is_copy(&only.ty.ty)).then(|| code.borrowed(&only.ty))?;
        let std = import("std");
        Some(Code::of(Form::Reference, quote!(#std::slice::from_ref(#lent))))
    }

    /// The enum's variant; a text if the type names no enum.
    pub(super) fn enum_literal(&self, value: &str, ty: &FieldType) -> TokenStream {
        let Type::Enum(name) = &ty.ty else { return quote!(#value) };
        let (ty, value) = (self.home.ty(name), enum_value(value));
        quote!(#ty::#value)
    }

    fn map_literal(&self, entries: &[(String, Expr)], ty: &FieldType) -> Code {
        if let Type::Object(name) = &ty.ty {
            return Code::new(self.object_literal(entries, name));
        }
        let rt = import("scaffold_runtime::codegen");
        let entries = entries.iter().map(|(key, value)| {
            let value = self.json_of(value);
            quote!((#key, #value))
        });
        Code::new(quote!(#rt::expr::object([#(#entries),*])))
    }

    fn object_literal(&self, entries: &[(String, Expr)], name: &TypeName) -> TokenStream {
        let fields = self.service.object(name).map(|object| object.fields.as_slice()).unwrap_or_default();
        let values = fields.iter().map(|field| {
            let ident = field_ident(&field.name);
            let value = entries.iter().find(|(key, _)| key == field.name.as_written());
            let value = value.map_or_else(|| quote!(None), |(_, value)| self.owned(value));
            quote!(#ident: #value)
        });
        let ty = self.home.ty(name);
        quote!(#ty { #(#values),* })
    }
}

/// A Float; `check` lets only finite ones through.
pub(super) fn float_literal(value: f64) -> TokenStream {
    let literal = Literal::f64_unsuffixed(value.abs());
    if value.is_sign_negative() { quote!(-#literal) } else { quote!(#literal) }
}
