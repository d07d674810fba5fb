//! The list: the service's event enum.

use super::personal;
use crate::emit::rust::import;
use crate::emit::rust::names::{module_ident, type_ident};
use crate::model::{Event, EventOrigin, Service, TypeName};
use proc_macro2::TokenStream;
use quote::quote;

/// `names` are all that the crate shows beside the enum.
pub(super) fn items(service: &Service, names: &[&TypeName]) -> Vec<TokenStream> {
    let events: Vec<&Event> = service.events.values().collect();
    let shown = names.iter().map(|name| (module_ident(name), type_ident(name)));
    let mut items: Vec<TokenStream> = shown.map(|(module, name)| quote!(pub use #module::#name;)).collect();
    items.push(event_enum(&events));
    items.push(event_set(&events));
    items.extend(events.iter().filter(|event| is_declared(event)).map(|event| from_event(event)));
    items
}

fn is_declared(event: &Event) -> bool {
    event.origin != EventOrigin::Undeclared
}

fn event_enum(events: &[&Event]) -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    let variants = events.iter().map(|event| {
        let name = type_ident(&event.name);
        if is_declared(event) { quote!(#name(#name),) } else { quote!(#name(#rt::Json),) }
    });
    quote! {
        /// Any event of the service.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Event {
            #(#variants)*
        }
    }
}

fn event_set(events: &[&Event]) -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    let types = events.iter().map(|event| event.name.as_written());
    let (renamed, personal) = (renamed(events), personal::of_set(events));
    let decode = decode(events);
    let encode = encode(events);
    let event_type = event_type(events);
    quote! {
        impl #rt::EventSet for Event {
            const TYPES: &'static [&'static str] = &[#(#types),*];
            #renamed
            #personal

            #decode

            #encode

            #event_type
        }
    }
}

/// `RENAMED`, if any of them had another name before.
fn renamed(events: &[&Event]) -> Option<TokenStream> {
    let rt = import("scaffold_runtime::codegen");
    let renamed: Vec<TokenStream> = events
        .iter()
        .filter(|event| !event.earlier.is_empty())
        .map(|event| {
            let name = event.name.as_written();
            let before = event.earlier.iter().map(|earlier| earlier.name.as_written());
            quote!(#rt::Renamed { name: #name, before: &[#(#before),*] })
        })
        .collect();
    (!renamed.is_empty()).then(|| quote!(const RENAMED: &'static [#rt::Renamed] = &[#(#renamed),*];))
}

fn decode(events: &[&Event]) -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    if events.is_empty() {
        return quote! {
            fn decode(_: &str, _: u32, _: &#rt::Json) -> Result<Option<Self>, #rt::DecodeError> {
                Ok(None)
            }
        };
    }
    let arms = events.iter().map(|event| {
        let (name, written) = (type_ident(&event.name), event.name.as_written());
        match is_declared(event) {
            true => quote!(#written => Self::#name(#rt::event::decode(version, payload)?),),
            false => quote!(#written => Self::#name(payload.clone()),),
        }
    });
    let version = if events.iter().any(|event| is_declared(event)) { quote!(version) } else { quote!(_) };
    quote! {
        fn decode(event_type: &str, #version: u32, payload: &#rt::Json) -> Result<Option<Self>, #rt::DecodeError> {
            let event = match event_type {
                #(#arms)*
                _ => return Ok(None),
            };
            Ok(Some(event))
        }
    }
}

fn encode(events: &[&Event]) -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    let arms = events.iter().map(|event| {
        let (name, written, topic) = (type_ident(&event.name), event.name.as_written(), &event.topic);
        match is_declared(event) {
            true => quote!(Self::#name(event) => #rt::event::encode(event),),
            false => quote!(Self::#name(json) => Ok(#rt::Payload::undeclared(#topic, #written, json.clone())),),
        }
    });
    let this = matched(events);
    quote! {
        fn encode(&self) -> Result<#rt::Payload, #rt::EncodeError> {
            match #this {
                #(#arms)*
            }
        }
    }
}

fn event_type(events: &[&Event]) -> TokenStream {
    let arms = events.iter().map(|event| {
        let (name, written) = (type_ident(&event.name), event.name.as_written());
        quote!(Self::#name(_) => #written,)
    });
    let this = matched(events);
    quote! {
        fn event_type(&self) -> &'static str {
            match #this {
                #(#arms)*
            }
        }
    }
}

/// What is matched on: an enum without variants only through its place.
fn matched(events: &[&Event]) -> TokenStream {
    if events.is_empty() { quote!(*self) } else { quote!(self) }
}

fn from_event(event: &Event) -> TokenStream {
    let name = type_ident(&event.name);
    quote! {
        impl From<#name> for Event {
            fn from(event: #name) -> Self {
                Self::#name(event)
            }
        }
    }
}
