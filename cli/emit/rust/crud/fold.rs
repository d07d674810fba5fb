//! A CRUD type's entry out of its three events.

use super::Parts;
use crate::emit::rust::import;
use crate::emit::rust::names::{field_ident, type_ident};
use crate::emit::rust::types::is_copy;
use crate::model::Field;
use proc_macro2::TokenStream;
use quote::quote;

pub(super) fn items(parts: &Parts<'_>) -> Vec<TokenStream> {
    let (rt, here, events, name) = (import("scaffold_runtime::codegen"), import("super"), &parts.events, parts.name());
    let topic = &parts.created.topic;
    let types = [parts.created, parts.updated, parts.deleted].map(|event| event.name.as_written());
    let (route, apply) = (route(parts), apply(parts));
    let event = if parts.crud.entry.fields.is_empty() { quote!(_) } else { quote!(event) };
    // Creating, changing and removing an entry hold its unique constraints.
    let held = (!parts.crud.entry.uniques.is_empty()).then(|| {
        quote!(
            const HELD_BY_WRITERS: bool = true;
        )
    });
    vec![quote! {
        impl #rt::Projection for #here::#name {
            type Event = #events::Event;
            const SOURCES: &'static [#rt::Source] = &[#rt::Source { topic: #topic, types: &[#(#types),*] }];
            #held

            #route

            fn apply(&mut self, #event: &#events::Event, _: &#rt::Meta) -> Result<(), #rt::EvalError> {
                #apply
                Ok(())
            }
        }
    }]
}

fn route(parts: &Parts<'_>) -> TokenStream {
    let (rt, events) = (import("scaffold_runtime::codegen"), &parts.events);
    let [created, updated, deleted] =
        [parts.created, parts.updated, parts.deleted].map(|event| type_ident(&event.name));
    let rest = (parts.service.events.len() > 3).then(|| quote!(_ => Vec::new(),));
    quote! {
        fn route(event: &#events::Event, _: &#rt::Meta) -> Result<Vec<#rt::Route>, #rt::EvalError> {
            let routes = match event {
                #events::Event::#created(event) => vec![#rt::Route::Upsert(#rt::Target::Id(event.id.clone()))],
                #events::Event::#updated(event) => vec![#rt::Route::Upsert(#rt::Target::Id(event.id.clone()))],
                #events::Event::#deleted(event) => vec![#rt::Route::Remove(#rt::Target::Id(event.id.clone()))],
                #rest
            };
            Ok(routes)
        }
    }
}

fn apply(parts: &Parts<'_>) -> TokenStream {
    let events = &parts.events;
    let fields = &parts.crud.entry.fields;
    if fields.is_empty() {
        return quote!();
    }
    let [created, updated] = [parts.created, parts.updated].map(|event| type_ident(&event.name));
    let set = fields.iter().map(set);
    let patch = fields.iter().map(patch);
    quote! {
        match event {
            #events::Event::#created(event) => { #(#set)* }
            #events::Event::#updated(event) => { #(#patch)* }
            _ => {}
        }
    }
}

fn set(field: &Field) -> TokenStream {
    let name = field_ident(&field.name);
    if is_copy(&field.ty.ty) {
        return quote!(self.#name = event.#name;);
    }
    quote!(self.#name = event.#name.clone();)
}

fn patch(field: &Field) -> TokenStream {
    let name = field_ident(&field.name);
    if is_copy(&field.ty.ty) {
        return quote!(if let Some(value) = event.#name { self.#name = value; });
    }
    quote!(if let Some(value) = &event.#name { self.#name = value.clone(); })
}
