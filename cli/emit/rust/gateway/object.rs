//! An object of the API over the message that the service answered: each field is looked up when it is asked for.

use super::names::graphql_name;
use super::usage::reference;
use super::{Gateway, gateway};
use crate::emit::proto::wire::Position;
use crate::emit::rust::names::{field_ident, ident, type_ident};
use crate::emit::rust::{docs, import};
use crate::model::{FieldName, FieldType, Type, TypeName};
use proc_macro2::TokenStream;
use quote::quote;

/// A field of an object.
pub(super) struct Shown<'a> {
    pub(super) name: &'a FieldName,
    pub(super) doc: Option<&'a str>,
    pub(super) ty: FieldType,
    /// Some callers do not see it.
    pub(super) hidden: bool,
}

impl Gateway<'_> {
    /// The object and its resolvers.
    pub(super) fn object(&self, name: &TypeName, doc: Option<&str>, fields: Vec<Shown<'_>>) -> Vec<TokenStream> {
        let (graphql, proto, gateway) = (import("async_graphql"), self.proto(), gateway());
        let (object, doc) = (type_ident(name), docs(doc));
        let hides = fields.iter().any(|field| field.hidden);
        let forbidden = hides.then(|| quote!(, #gateway::Forbidden));
        let (source, parts) = match hides {
            true => (quote!((#proto::#object, #gateway::Forbidden)), quote!((message, forbidden))),
            false => (quote!(#proto::#object), quote!(message)),
        };
        let rest = hides.then(|| quote!(, forbidden));
        let resolvers = fields.iter().map(|field| self.resolver(field));
        let named = if name.rust() == name.as_written() {
            TokenStream::new()
        } else {
            let written = name.as_written();
            quote!((name = #written))
        };
        vec![
            quote! {
                #doc
                #[derive(Clone, Debug)]
                pub struct #object(#proto::#object #forbidden);
            },
            quote! {
                #doc
                #[#graphql::Object #named]
                impl #object { #(#resolvers)* }
            },
            quote! {
                impl From<#source> for #object {
                    fn from(#parts: #source) -> Self {
                        Self(message #rest)
                    }
                }
            },
        ]
    }

    fn resolver(&self, field: &Shown<'_>) -> TokenStream {
        let Shown { name, doc, ty, hidden } = field;
        if let Some(target) = reference(&ty.ty) {
            return self.reference(field, target);
        }
        if *hidden {
            return self.guarded(field);
        }
        let (graphql, method, doc, named) =
            (import("async_graphql"), field_ident(name), docs(*doc), graphql_name(name));
        if let Some((output, body)) = borrowed(name, ty) {
            return quote!(#doc #named async fn #method(&self) -> #output { #body });
        }
        let output = self.output_type(ty);
        let value = if is_copied(ty) { quote!(self.0.#method) } else { quote!(self.0.#method.clone()) };
        let read = self.converter.field_in(&value, ty, Position::Value, name.as_written());
        if read.fails() {
            let body = read.as_result();
            return quote!(#doc #named async fn #method(&self) -> #graphql::Result<#output> { #body });
        }
        let body = read.value();
        quote!(#doc #named async fn #method(&self) -> #output { #body })
    }

    /// A field that some callers do not see.
    fn guarded(&self, field: &Shown<'_>) -> TokenStream {
        let Shown { name, doc, ty, .. } = field;
        let (graphql, method, doc, named) =
            (import("async_graphql"), field_ident(name), docs(*doc), graphql_name(name));
        let value = if is_copied(ty) { quote!(self.0.#method) } else { quote!(self.0.#method.clone()) };
        let read = self.converter.field_in(&value, ty, Position::Value, name.as_written());
        let (output, body, none) = match borrowed(name, ty) {
            Some((output, body)) => (output, body, quote!(None)),
            None if read.fails() => {
                let output = self.output_type(ty);
                (quote!(#graphql::Result<#output>), read.as_result(), quote!(Ok(None)))
            }
            None => (self.output_type(ty), read.value(), quote!(None)),
        };
        let check = check(name, &none);
        quote! {
            #doc
            #named
            async fn #method(&self, ctx: &#graphql::Context<'_>) -> #output {
                #check
                #body
            }
        }
    }

    fn reference(&self, field: &Shown<'_>, target: &TypeName) -> TokenStream {
        let Shown { name, doc, ty, hidden } = field;
        let check = hidden.then(|| check(name, &quote!(Ok(None))));
        let (graphql, gateway) = (import("async_graphql"), gateway());
        let (field, doc, named) = (field_ident(name), docs(*doc), graphql_name(name));
        let Some((service, entry)) = self.referred(target) else { return TokenStream::new() };
        let (home, object) = (self.home(service), type_ident(&entry.name));
        let loader = super::names::joined(&[&entry.name.rust(), "ById"]);
        let load = quote!(ctx.data::<#gateway::References<#home::#loader>>()?);
        let (output, body) = match (&ty.ty, ty.required) {
            (Type::List(element), required) => {
                self.references(&field, element, required, &load, &quote!(#home::#object))
            }
            (_, true) => (quote!(#home::#object), quote!(#load.required(ctx, &self.0.#field).await)),
            (_, false) => {
                let body = quote! {
                    match &self.0.#field {
                        Some(id) => #load.one(ctx, id).await,
                        None => Ok(None),
                    }
                };
                (quote!(Option<#home::#object>), body)
            }
        };
        quote! {
            #doc
            #named
            async fn #field(&self, ctx: &#graphql::Context<'_>) -> #graphql::Result<#output> {
                #check
                #body
            }
        }
    }

    /// Lists of references; what is gone is left out, and so is null.
    fn references(
        &self,
        field: &proc_macro2::Ident,
        element: &FieldType,
        required: bool,
        load: &TokenStream,
        object: &TokenStream,
    ) -> (TokenStream, TokenStream) {
        let ids = match (element.required, required) {
            (true, true) => quote!(&self.0.#field),
            (true, false) => quote!(&list.values),
            (false, _) => quote!(&list.values.iter().filter_map(|id| id.value.clone()).collect::<Vec<_>>()),
        };
        let (gateway, many) = (gateway(), quote!(#load.many(ctx, #ids).await));
        if element.required && required {
            return (quote!(Vec<#object>), many);
        }
        if required {
            let body = quote! {
                match &self.0.#field {
                    Some(list) => #many,
                    None => Ok(Vec::new()),
                }
            };
            return (quote!(Vec<#object>), body);
        }
        let body = quote! {
            match &self.0.#field {
                Some(list) => Ok(#gateway::or_null(ctx, #many)),
                None => Ok(None),
            }
        };
        (quote!(Option<Vec<#object>>), body)
    }
}

/// Null and an error, if the service left the field out.
fn check(name: &FieldName, none: &TokenStream) -> TokenStream {
    let written = name.as_written();
    quote! {
        if self.1.hides(ctx, #written) {
            return #none;
        }
    }
}

/// Texts are answered as they lie in the message.
fn borrowed(name: &FieldName, ty: &FieldType) -> Option<(TokenStream, TokenStream)> {
    let field = ident(&name.rust());
    match (&ty.ty, ty.required) {
        (Type::String, true) => Some((quote!(&str), quote!(&self.0.#field))),
        (Type::String, false) => Some((quote!(Option<&str>), quote!(self.0.#field.as_deref()))),
        (Type::List(element), true) if element.required && element.ty == Type::String => {
            Some((quote!(&[String]), quote!(&self.0.#field)))
        }
        _ => None,
    }
}

/// Whether the field of the message is copied rather than cloned.
fn is_copied(ty: &FieldType) -> bool {
    matches!(ty.ty, Type::Int | Type::Float | Type::Boolean | Type::DateTime | Type::Enum(_))
}
