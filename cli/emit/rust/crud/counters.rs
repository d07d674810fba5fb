//! The counters that number new entries.

use super::Parts;
use crate::emit::rust::import;
use crate::emit::rust::names::{field_ident, type_ident};
use crate::emit::rust::types::int_literal;
use crate::model::{Field, Sequence};
use heck::ToLowerCamelCase;
use proc_macro2::TokenStream;
use quote::quote;

/// `counters` of `CrudType`, where new entries are numbered.
pub(super) fn method(parts: &Parts<'_>) -> Option<TokenStream> {
    let (rt, events) = (import("scaffold_runtime::codegen"), &parts.events);
    let created = type_ident(&parts.created.name);
    let numbered = parts.crud.entry.fields.iter().filter_map(|field| Some((field, field.writing.sequence.as_ref()?)));
    let counters: Vec<TokenStream> = numbered.map(|(field, sequence)| counter(parts, field, sequence)).collect();
    (!counters.is_empty()).then(|| {
        quote! {
            fn counters(event: &mut Self::Event) -> Vec<#rt::Counter<'_>> {
                let #events::Event::#created(event) = event else { return Vec::new() };
                vec![#(#counters),*]
            }
        }
    })
}

fn counter(parts: &Parts<'_>, field: &Field, sequence: &Sequence) -> TokenStream {
    let (rt, number) = (import("scaffold_runtime::codegen"), field_ident(&field.name));
    let name = format!("{}.{}", parts.crud.entry.name.as_written().to_lower_camel_case(), field.name.as_written());
    let first = (sequence.first != 1).then(|| {
        let first = int_literal(sequence.first);
        quote!(.first(#first))
    });
    let group = sequence.group.iter().map(|(name, _)| {
        let (field, written) = (field_ident(name), name.as_written());
        quote!(.within(#written, &event.#field))
    });
    quote!(#rt::Counter::new(#name, &mut event.#number) #first #(#group)*)
}
