//! One event: its struct and how it is stored.

use super::personal;
use super::tags::tags_body;
use crate::emit::rust::entries::initial_value;
use crate::emit::rust::expression::Scope;
use crate::emit::rust::files::tags_of_files;
use crate::emit::rust::names::{field_ident, field_rename, ident, type_ident};
use crate::emit::rust::tokens::uses;
use crate::emit::rust::types::rust_type;
use crate::emit::rust::{Home, docs, import};
use crate::model::{Event, EventField, EventOrigin, Service};
use proc_macro2::TokenStream;
use quote::quote;

pub(super) fn items(service: &Service, event: &Event, home: &Home) -> Vec<TokenStream> {
    vec![event_struct(event, home), domain_event(service, event, home)]
}

fn event_struct(event: &Event, home: &Home) -> TokenStream {
    let serde = import("serde");
    let default_doc = format!("`{}` happened.", event.name);
    let docs = docs(Some(event.doc.as_deref().unwrap_or(&default_doc)));
    let name = type_ident(&event.name);
    let fields = event.fields.iter().map(|field| event_field(field, home));
    quote! {
        #docs
        #[derive(Clone, Debug, PartialEq, #serde::Serialize, #serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub struct #name {
            #(#fields)*
        }
    }
}

fn event_field(field: &EventField, home: &Home) -> TokenStream {
    let docs = docs(field.doc.as_deref());
    let rename = field_rename(&field.name);
    let name = field_ident(&field.name);
    let ty = rust_type(&field.ty, home);
    if !field.may_be_absent {
        return quote!(#docs #rename pub #name: #ty,);
    }
    let read = if field.ty.required {
        quote!(#[serde(default, skip_serializing_if = "Option::is_none")])
    } else {
        quote! {
            #[serde(
                default,
                skip_serializing_if = "Option::is_none",
                deserialize_with = "scaffold_runtime::codegen::patch::nullable"
            )]
        }
    };
    quote!(#docs #rename #read pub #name: Option<#ty>,)
}

fn domain_event(service: &Service, event: &Event, home: &Home) -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    let name = type_ident(&event.name);
    let (event_type, topic, version) = (event.name.as_written(), &event.topic, event.version);
    let version = proc_macro2::Literal::u32_unsuffixed(version);
    let of_files = tags_of_files(service, event.fields.iter().map(|field| (&field.name, &field.ty)));
    let tags = tags_body(&Scope::command(service, home.clone()), &event.tags, of_files);
    let (personal, upcast) = (personal::of_event(event), upcast(service, event, home));
    let blank = blank(service, event, home);
    quote! {
        impl #rt::DomainEvent for #name {
            const TYPE: &'static str = #event_type;
            const TOPIC: &'static str = #topic;
            const VERSION: u32 = #version;
            #personal

            fn tags(&self) -> Result<Vec<#rt::Tag>, #rt::EvalError> {
                #tags
            }

            #blank

            #upcast
        }
    }
}

/// `blank` of the event that creates an entry of a CRUD type, where a field of it cannot be left out.
fn blank(service: &Service, event: &Event, home: &Home) -> Option<TokenStream> {
    let EventOrigin::CrudCreated(name) = &event.origin else { return None };
    let entry = &service.cruds.get(name)?.entry;
    if !entry.fields.iter().any(|field| field.ty.required) {
        return None;
    }
    let values = entry.fields.iter().map(|field| {
        let (name, value) = (field_ident(&field.name), initial_value(service, home, field));
        quote!(#name: #value)
    });
    Some(quote! {
        fn blank(id: &str) -> Option<Self> {
            Some(Self { id: id.to_owned(), #(#values),* })
        }
    })
}

/// `upcast` of the `DomainEvent`, where the model says how older versions are read.
pub(in crate::emit::rust) fn upcast(service: &Service, event: &Event, home: &Home) -> Option<TokenStream> {
    if event.upcast.is_empty() {
        return None;
    }
    let rt = import("scaffold_runtime::codegen");
    let scope = Scope::command(service, home.clone());
    let values = event.upcast.iter().map(|upcast| {
        let (field, value) = (field_ident(&upcast.field), scope.owned(&upcast.value));
        quote!(#field: #value)
    });
    let body = quote!(Ok(Self { #(#values),* }));
    let parameter = |name: &str| if uses(&body, name) { ident(name) } else { ident("_") };
    let (version, old) = (parameter("version"), parameter("event"));
    Some(quote! {
        fn upcast(#version: u32, #old: &#rt::Json) -> Result<Self, #rt::EvalError> {
            #body
        }
    })
}
