//! What is personal in an event, and in which events of a service anything is.

use crate::emit::rust::import;
use crate::emit::rust::names::type_ident;
use crate::model::{Event, EventField, Personal};
use proc_macro2::TokenStream;
use quote::quote;
use std::collections::BTreeSet;

/// `PERSONAL` and `PERSONAL_TAGS` of the `DomainEvent`, where there is anything to say.
pub(super) fn of_event(event: &Event) -> TokenStream {
    if !event.is_personal() {
        return TokenStream::new();
    }
    let rt = import("scaffold_runtime::codegen");
    let fields = event.personal_fields().map(|(field, personal)| personal_field(field, personal));
    let tags = personal_tags(event);
    quote! {
        const PERSONAL: &'static [#rt::Personal] = &[#(#fields),*];
        #tags
    }
}

fn personal_field(field: &EventField, personal: &Personal) -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    let (name, subject) = (field.name.as_written(), personal.subject.as_written());
    let default = personal.default.to_string();
    quote!(#rt::Personal { field: #name, subject: #subject, default: #default })
}

fn personal_tags(event: &Event) -> Option<TokenStream> {
    let rt = import("scaffold_runtime::codegen");
    let of_tag = |(prefix, subject): &(&str, &str)| quote!(#rt::PersonalTag { prefix: #prefix, subject: #subject });
    let tags: BTreeSet<(&str, &str)> = event
        .tags
        .iter()
        .flat_map(|tag| {
            let subjects = event.subjects(tag).into_iter();
            subjects.filter_map(|subject| Some((tag.word()?, subject.as_written())))
        })
        .collect();
    let items = tags.iter().map(of_tag);
    (!tags.is_empty()).then(|| quote!(const PERSONAL_TAGS: &'static [#rt::PersonalTag] = &[#(#items),*];))
}

/// `PERSONAL` of the `EventSet`, if any of its events has personal fields.
pub(super) fn of_set(events: &[&Event]) -> Option<TokenStream> {
    let rt = import("scaffold_runtime::codegen");
    let personal: Vec<TokenStream> = events
        .iter()
        .filter(|event| event.is_personal())
        .map(|event| {
            let name = type_ident(&event.name);
            quote!(#rt::PersonalEvent::of::<#name>())
        })
        .collect();
    (!personal.is_empty()).then(|| quote!(const PERSONAL: &'static [#rt::PersonalEvent] = &[#(#personal),*];))
}
