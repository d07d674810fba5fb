//! What a caller gives, and the event that comes of it.

use super::{Parts, counters, owned, restricted, values};
use crate::emit::rust::entries::EntryCode;
use crate::emit::rust::expression::{Piece, format_text};
use crate::emit::rust::files::Holder;
use crate::emit::rust::names::{field_ident, type_ident};
use crate::emit::rust::types::rust_type;
use crate::emit::rust::{docs, import};
use crate::model::TagPart;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

pub(super) fn items(parts: &Parts<'_>, entry: &EntryCode<'_>) -> Vec<TokenStream> {
    let mut items = vec![create_struct(parts)];
    items.extend(takes_files(parts, "Create"));
    items.push(update_struct(parts));
    items.extend(takes_files(parts, "Update"));
    items.push(crud_type(parts, entry));
    items
}

/// That files of the data are to be looked up, if it can hold any.
fn takes_files(parts: &Parts<'_>, verb: &str) -> Option<TokenStream> {
    let name = format_ident!("{verb}{}", parts.name());
    let fields = parts.crud.entry.writable().map(|field| (&field.name, &field.ty)).collect();
    Holder { service: parts.service, name: &name, fields }.takes_files()
}

fn create_struct(parts: &Parts<'_>) -> TokenStream {
    let doc = docs(Some(&format!("What a new entry of `{}` is made from.", parts.crud.entry.name)));
    let name = format_ident!("Create{}", parts.name());
    let fields = parts.crud.entry.writable().map(|field| {
        let docs = docs(field.doc.as_deref());
        let ty = rust_type(&field.created(), &parts.events);
        let name = field_ident(&field.name);
        quote!(#docs pub #name: #ty,)
    });
    quote! {
        #doc
        #[derive(Clone, Debug, PartialEq)]
        pub struct #name {
            #(#fields)*
        }
    }
}

fn update_struct(parts: &Parts<'_>) -> TokenStream {
    let doc = docs(Some(&format!("What to change in an entry of `{}`; what is `None` stays.", parts.crud.entry.name)));
    let name = format_ident!("Update{}", parts.name());
    let fields = parts.crud.entry.writable().map(|field| {
        let docs = docs(field.doc.as_deref());
        let (name, ty) = (field_ident(&field.name), rust_type(&field.ty, &parts.events));
        quote!(#docs pub #name: Option<#ty>,)
    });
    quote! {
        #doc
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct #name {
            #(#fields)*
        }
    }
}

fn crud_type(parts: &Parts<'_>, entry: &EntryCode<'_>) -> TokenStream {
    let (rt, here, events) = (import("scaffold_runtime::codegen"), import("super"), &parts.events);
    let name = parts.name();
    let (create, update) = (format_ident!("Create{name}"), format_ident!("Update{name}"));
    let written = parts.crud.entry.name.as_written();
    let tag = tag(parts);
    let (create_method, update_method) = (create_method(parts, entry), update_method(parts));
    let deleted = type_ident(&parts.deleted.name);
    let (guarded, counters) = (restricted::items(parts), counters::method(parts));
    let owned = owned::fields(parts);
    quote! {
        impl #rt::CrudType for #here::#name {
            type Create = #create;
            type Update = #update;
            const NAME: &'static str = #written;
            #owned

            fn tag(id: &str) -> #rt::Tag {
                #tag
            }

            #guarded

            #counters

            #create_method

            #update_method

            fn delete(&self) -> Self::Event {
                #events::Event::from(#events::#deleted { id: self.id.clone() })
            }
        }
    }
}

/// The tag that the type's events derive from their `id`.
fn tag(parts: &Parts<'_>) -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    let template = parts.created.tags.first().map(|tag| tag.parts.as_slice()).unwrap_or_default();
    let pieces = template.iter().map(|part| match part {
        TagPart::Text(text) => Piece::Text(text.clone()),
        TagPart::Hole(_) => Piece::Value(quote!(id)),
    });
    let text = format_text(&pieces.collect::<Vec<_>>());
    quote!(#rt::Tag::new(#text))
}

fn create_method(parts: &Parts<'_>, entry: &EntryCode<'_>) -> TokenStream {
    let (rt, events) = (import("scaffold_runtime::codegen"), &parts.events);
    let created = type_ident(&parts.created.name);
    let fields = &parts.crud.entry.fields;
    let values = fields.iter().map(|field| values::created(field, entry));
    let uuids = values::uuids(parts);
    let data = match (fields.is_empty(), uuids.is_empty()) {
        (true, _) => quote!(_),
        (false, true) => quote!(data),
        (false, false) => quote!(mut data),
    };
    let checks = (!uuids.is_empty()).then(|| {
        quote! {
            let mut written = #rt::Written::default();
            #(#uuids)*
            written.into_result()?;
        }
    });
    let context = if fields.iter().any(|field| field.claim.is_some()) { quote!(context) } else { quote!(_) };
    quote! {
        fn create(
            id: String,
            #data: Self::Create,
            #context: &#rt::Context<'_>,
        ) -> Result<Self::Event, #rt::Invalid> {
            #checks
            Ok(#events::Event::from(#events::#created { id, #(#values),* }))
        }
    }
}

fn update_method(parts: &Parts<'_>) -> TokenStream {
    let (rt, events) = (import("scaffold_runtime::codegen"), &parts.events);
    let updated = type_ident(&parts.updated.name);
    let fields = &parts.crud.entry.fields;
    if fields.is_empty() {
        return quote! {
            fn update(&self, _: Self::Update, _: &#rt::Context<'_>) -> Result<Option<Self::Event>, #rt::Invalid> {
                Ok(None)
            }
        };
    }
    let (uuids, unchanged) = (values::uuids(parts), values::unchanged(parts));
    let changing: Vec<_> = fields.iter().filter(|field| !values::is_fixed(field)).collect();
    let is_once = changing.iter().any(|field| field.writing.immutable.is_some());
    let is_checked = is_once || !uuids.is_empty() || !unchanged.is_empty();
    let data = if uuids.is_empty() { quote!(data) } else { quote!(mut data) };
    let begin = is_checked.then(|| quote!(let mut written = #rt::Written::default();));
    let end = is_checked.then(|| quote!(written.into_result()?;));
    let event = if changing.is_empty() {
        quote!(#end Ok(None))
    } else {
        let (values, names) =
            (fields.iter().map(values::changed), changing.iter().map(|field| field_ident(&field.name)));
        quote! {
            let event = #events::#updated {
                id: self.id.clone(),
                #(#values,)*
            };
            #end
            let is_changed = #(event.#names.is_some())||*;
            Ok(is_changed.then(|| #events::Event::from(event)))
        }
    };
    quote! {
        fn update(&self, #data: Self::Update, _: &#rt::Context<'_>) -> Result<Option<Self::Event>, #rt::Invalid> {
            #begin
            #(#uuids)*
            #(#unchanged)*
            #event
        }
    }
}
