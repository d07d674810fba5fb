//! A decision that is written in Rust: what it may record, and the call into the user's file.

use super::slice::Slice;
use crate::emit::rust::names::type_ident;
use crate::emit::rust::{docs, import};
use crate::model::{Command, CustomDecision, Service};
use proc_macro2::TokenStream;
use quote::quote;

/// Where the user's decision stands, relative to the project.
pub fn decision_path(service: &Service, command: &Command) -> String {
    format!("services/{}/decide/{}.rs", service.name.kebab(), command.name.module())
}

/// The enum of what may be recorded, and how it becomes the service's events.
pub(super) fn items(slice: &Slice<'_>, custom: &CustomDecision) -> Vec<TokenStream> {
    let events = &slice.events;
    let doc = docs(Some(&format!("What `{}` may record.", slice.command.name)));
    let names: Vec<_> = custom.emits.iter().map(type_ident).collect();
    let variants = custom.emits.iter().zip(&names).map(|(event, name)| {
        let doc = slice.service.events.get(event).and_then(|event| event.doc.as_deref());
        let doc = docs(Some(doc.unwrap_or(&format!("`{event}` happened."))));
        quote!(#doc #name(#events::#name),)
    });
    let recorded = quote! {
        #doc
        #[derive(Clone, Debug, PartialEq)]
        pub enum Recorded {
            #(#variants)*
        }
    };
    let into_event = quote! {
        impl From<Recorded> for #events::Event {
            fn from(recorded: Recorded) -> Self {
                match recorded {
                    #(Recorded::#names(event) => Self::#names(event),)*
                }
            }
        }
    };
    let from = names.iter().map(|name| {
        quote! {
            impl From<#events::#name> for Recorded {
                fn from(event: #events::#name) -> Self {
                    Self::#name(event)
                }
            }
        }
    });
    [recorded, into_event].into_iter().chain(from).collect()
}

/// `mod custom;`, which is the user's file: a missing one is an error of the compiler that names it.
pub(super) fn module(slice: &Slice<'_>) -> TokenStream {
    let path = format!("../../../../../{}", decision_path(slice.service, slice.command));
    quote!(#[path = #path] mod custom;)
}

/// `decide` of the `Decision`.
pub(super) fn decide_method(slice: &Slice<'_>) -> TokenStream {
    let (rt, events, error) = (import("scaffold_runtime::codegen"), &slice.events, &slice.error);
    let (state, argument) = match slice.has_state() {
        true => (quote!(state: &State), Some(quote!(state,))),
        false => (quote!((): &()), None),
    };
    quote! {
        fn decide(
            &self,
            #state,
            context: &#rt::Context<'_>,
        ) -> Result<Vec<Self::Event>, #rt::Refused<#error, Self::Event>> {
            match custom::decide(self, #argument context) {
                Ok(recorded) => Ok(recorded.into_iter().map(#events::Event::from).collect()),
                Err(refused) => Err(refused.map(#events::Event::from)),
            }
        }
    }
}
