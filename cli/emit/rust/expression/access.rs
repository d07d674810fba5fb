//! `a.b`, `a?.b`, `a[0]`.

use super::code::{Code, Form, group};
use super::{Scope, Want};
use crate::emit::rust::import;
use crate::emit::rust::names::field_ident;
use crate::emit::rust::types::{is_copy, is_text, rust_type};
use crate::model::{Expr, ExprKind, FieldName, FieldType, Type, Var, file_fields};
use proc_macro2::TokenStream;
use quote::quote;

/// `Option::as_deref` where an owned value has an inside of its own (`String`, `Vec`), else `Option::as_ref`.
pub(super) fn option_inside(ty: &Type) -> TokenStream {
    if is_text(ty) || matches!(ty, Type::List(_)) { quote!(Option::as_deref) } else { quote!(Option::as_ref) }
}

/// What a path into JSON begins with, and its names.
fn json_root(expr: &Expr) -> (&Expr, Vec<TokenStream>) {
    match &expr.kind {
        ExprKind::Field { base, name, .. } if base.ty.ty == Type::Json => {
            let (root, mut keys) = json_root(base);
            let name = name.as_written();
            keys.push(quote!(#name));
            (root, keys)
        }
        _ => (expr, Vec::new()),
    }
}

impl Scope<'_> {
    pub(super) fn field(&self, base: &Expr, name: &FieldName, ty: &FieldType) -> Code {
        match (&base.kind, &base.ty.ty) {
            (ExprKind::Var(Var::Meta), _) => self.meta_field(name),
            (ExprKind::Var(Var::Projection), _) => self.projection_field(name, ty),
            (ExprKind::Var(Var::Entry), _) => {
                let field = field_ident(name);
                Code::of(Form::Place, quote!(entry.#field))
            }
            (ExprKind::Var(Var::Command), _) => self.variable(&Var::CommandField(name.clone()), ty),
            // A set in Rust, a list in the language.
            (ExprKind::Var(Var::Caller), _) if name.as_written() == "permissions" => {
                Code::new(quote!(context.caller.permissions.iter().cloned().collect::<Vec<_>>()))
            }
            (ExprKind::Var(Var::Caller), _) => {
                let field = field_ident(name);
                Code::of(Form::Place, quote!(context.caller.#field))
            }
            (ExprKind::Var(Var::Event), of) if *of != Type::Json => self.event_field(name),
            (_, Type::Json) => {
                let name = name.as_written();
                self.json_path(base, &quote!(#name))
            }
            (_, Type::Map(_)) => self.map_field(base, name, ty),
            (_, Type::List(element)) => self.field_of_each(base, element, name),
            _ if base.ty.required => {
                let field = field_ident(name);
                let base = group(&self.code(base, Want::Borrowed).tokens);
                Code::of(Form::Place, quote!(#base.#field))
            }
            _ => self.optional_field(base, name, ty),
        }
    }

    pub(super) fn index(&self, base: &Expr, index: &Expr) -> Code {
        let rt = import("scaffold_runtime::codegen");
        if base.ty.ty == Type::Json {
            return match index.ty.ty {
                Type::Int => {
                    let index = self.owned(index);
                    self.json_step(base, |value| quote!(#rt::expr::json_index(#value, #index)?))
                }
                _ => self.json_path(base, &self.lent(index)),
            };
        }
        let list = self.borrowed(base);
        let index = self.owned(index);
        Code::of(Form::PlaceRef, quote!(#rt::expr::index(#list, #index)?))
    }

    /// The field of an object that may be nil.
    fn optional_field(&self, base: &Expr, name: &FieldName, ty: &FieldType) -> Code {
        let object = group(&self.borrowed(base));
        let field = field_ident(name);
        let declared = &self.object_field(&base.ty.ty, name).unwrap_or_else(|| ty.clone());
        let place = Code::of(Form::Place, quote!(value.#field));
        let (method, value) = match declared.required {
            true if is_copy(&declared.ty) => (quote!(map), place.tokens),
            true => (quote!(map), place.lent(declared)),
            false => (quote!(and_then), place.borrowed(declared)),
        };
        let form = if is_copy(&declared.ty) { Form::Owned } else { Form::Reference };
        Code::of(form, quote!(#object.#method(|value| #value)))
    }

    /// The declared type of a field of a nested object or a file.
    fn object_field(&self, ty: &Type, name: &FieldName) -> Option<FieldType> {
        match ty {
            Type::Object(object) => {
                let mut fields = self.service.object(object)?.fields.iter();
                fields.find(|field| field.name == *name).map(|field| field.ty.clone())
            }
            Type::File => file_fields().into_iter().find(|(field, _)| field == name).map(|(_, ty)| ty),
            _ => None,
        }
    }

    /// `list.field`, in tags: the field of each element.
    fn field_of_each(&self, base: &Expr, element: &FieldType, name: &FieldName) -> Code {
        let rt = import("scaffold_runtime::codegen");
        let list = self.borrowed(base);
        let field = field_ident(name);
        let declared = &self.object_field(&element.ty, name).unwrap_or_else(|| element.clone());
        let value = Code::of(Form::Place, quote!(element.#field)).owned(declared);
        Code::new(quote!(#rt::expr::map(#list, |element| Ok(#value))?))
    }

    /// A key of a map literal's value, which Rust holds as JSON.
    fn map_field(&self, base: &Expr, name: &FieldName, ty: &FieldType) -> Code {
        let rt = import("scaffold_runtime::codegen");
        let map = self.borrowed(base);
        let name = name.as_written();
        let ty = rust_type(ty, &self.home);
        Code::new(quote!(#rt::expr::from_json::<#ty>(#rt::expr::json_path(#map, &[#name])?)?))
    }

    fn json_path(&self, base: &Expr, key: &TokenStream) -> Code {
        let rt = import("scaffold_runtime::codegen");
        let (root, mut keys) = json_root(base);
        keys.push(key.clone());
        self.json_step(root, |value| quote!(#rt::expr::json_path(#value, &[#(#keys),*])?))
    }

    /// A field of JSON that is there, as the typed value that it must hold.
    pub(super) fn json_field(&self, expr: &Expr, ty: &FieldType) -> Option<Code> {
        let rt = import("scaffold_runtime::codegen");
        let (root, keys) = json_root(expr);
        if keys.is_empty() || !root.ty.required {
            return None;
        }
        let (root, ty) = (self.borrowed(root), rust_type(ty, &self.home));
        Some(Code::new(quote!(#rt::expr::read::<#ty>(#root, &[#(#keys),*])?)))
    }

    /// Looks into JSON; what may be nil gives nil.
    fn json_step(&self, base: &Expr, step: impl Fn(TokenStream) -> TokenStream) -> Code {
        let value = self.borrowed(base);
        if base.ty.required {
            return Code::of(Form::Reference, step(value));
        }
        let inner = step(quote!(value));
        Code::of(Form::Reference, quote!(match #value { Some(value) => #inner, None => None }))
    }

    /// The value, lent as `&str`, `&[T]` or `&T`.
    pub(super) fn lent(&self, expr: &Expr) -> TokenStream {
        self.code(expr, Want::Borrowed).lent(&expr.ty)
    }
}
