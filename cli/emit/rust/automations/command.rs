//! `command.rs`: the command that follows from an event, an entry or a result.

use super::{Input, Slice, Target};
use crate::emit::rust::import;
use crate::emit::rust::names::{field_ident, type_ident};
use crate::emit::rust::tokens::uses;
use crate::emit::rust::types::{is_text, rust_type};
use crate::model::{Case, Type};
use proc_macro2::TokenStream;
use quote::quote;

pub(super) fn items(slice: &Slice<'_>, target: &Target<'_>) -> Vec<TokenStream> {
    let (here, name) = (import("super"), &slice.name);
    let function = if slice.automation.is_custom { of_result(slice, target) } else { of_input(slice, target) };
    vec![quote!(impl #here::#name { #function })]
}

/// The parameters that the body reads, in their order.
pub(super) struct Parameters {
    /// Whether `meta` is one of them.
    pub meta: bool,
}

/// Which parameters the function `command` has beside its input.
pub(super) fn parameters(slice: &Slice<'_>, target: &Target<'_>) -> Parameters {
    Parameters { meta: uses(&body(slice, target), "meta") }
}

/// Without an effect: the command, if the condition holds.
fn of_input(slice: &Slice<'_>, target: &Target<'_>) -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    let (command, body) = (target.path(), body(slice, target));
    let input = match slice.input() {
        Input::Entry(entry, _) => {
            let entry = slice.entry_path(entry);
            quote!(entry: &#entry)
        }
        Input::One(..) | Input::Any => {
            let events = &slice.events;
            quote!(event: &#events::Event)
        }
    };
    let meta = parameters(slice, target).meta.then(|| quote!(, meta: &#rt::Meta));
    let doc = match slice.entry() {
        Some(_) => " What is sent for an entry, if anything.",
        None => " What is sent when the event has happened, if anything.",
    };
    quote! {
        #[doc = #doc]
        pub(super) fn command(#input #meta) -> Result<Option<#command>, #rt::EvalError> {
            #body
        }
    }
}

/// With an effect: the command of one of its results.
fn of_result(slice: &Slice<'_>, target: &Target<'_>) -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    let (command, events, body) = (target.path(), &slice.events, body(slice, target));
    let (input, is_sure) = match slice.input() {
        Input::Entry(entry, _) => {
            let (entry, used) = (slice.entry_path(entry), named(&body, "entry"));
            (quote!(#used: &#entry), true)
        }
        Input::One(event, _) => {
            let (ty, used) = (super::payload::payload(slice, event), named(&body, "event"));
            (quote!(#used: &#ty), true)
        }
        Input::Any => (quote!(event: &#events::Event), false),
    };
    let meta = parameters(slice, target).meta.then(|| quote!(meta: &#rt::Meta,));
    let result = slice.automation.result.as_ref().map(|ty| {
        let (ty, used) = (rust_type(ty, events), named(&body, "result"));
        quote!(#used: &#ty)
    });
    // One that a list is made of as it stands.
    let lends = slice.automation.result.as_ref().filter(|ty| ty.required && (is_text(&ty.ty) || is_list(&ty.ty)));
    let allow = lends.map(|_| quote!(#[allow(clippy::ptr_arg, reason = "what the effect returns is lent as it is")]));
    let answer = if is_sure { quote!(#command) } else { quote!(Option<#command>) };
    quote! {
        /// What is sent for one of the results.
        #allow
        pub(super) fn command(#input, #meta #result) -> Result<#answer, #rt::EvalError> {
            #body
        }
    }
}

fn is_list(ty: &Type) -> bool {
    matches!(ty, Type::List(_))
}

fn named(body: &TokenStream, name: &str) -> TokenStream {
    if uses(body, name) { name.parse().unwrap_or_default() } else { quote!(_) }
}

fn body(slice: &Slice<'_>, target: &Target<'_>) -> TokenStream {
    let is_custom = slice.automation.is_custom;
    match slice.input() {
        Input::Entry(_, case) | Input::One(_, case) if is_custom => {
            let command = literal(slice, target, case);
            quote!(Ok(#command))
        }
        Input::Entry(_, case) => conditional(slice, target, case),
        Input::One(event, case) => {
            let (events, name, inner) = (&slice.events, type_ident(&event.name), conditional(slice, target, case));
            let binding = named(&inner, "event");
            match slice.is_refutable() {
                true => quote!(let #events::Event::#name(#binding) = event else { return Ok(None) }; #inner),
                false => quote!(let #events::Event::#name(#binding) = event; #inner),
            }
        }
        Input::Any => {
            let arms = slice.events().into_iter().map(|(event, case)| {
                let (events, name) = (&slice.events, type_ident(&event.name));
                let inner = if is_custom { sure(slice, target, case) } else { conditional(slice, target, case) };
                let binding = named(&inner, "event");
                quote!(#events::Event::#name(#binding) => { #inner })
            });
            let rest = slice.is_refutable().then(|| quote!(_ => Ok(None),));
            quote!(match event { #(#arms)* #rest })
        }
    }
}

/// The command, if the case's condition holds.
fn conditional(slice: &Slice<'_>, target: &Target<'_>, case: &Case) -> TokenStream {
    let sure = sure(slice, target, case);
    match &case.condition {
        Some(condition) => {
            let condition = slice.scope(case).owned(condition);
            quote!(if #condition { #sure } else { Ok(None) })
        }
        None => sure,
    }
}

fn sure(slice: &Slice<'_>, target: &Target<'_>, case: &Case) -> TokenStream {
    let command = literal(slice, target, case);
    quote!(Ok(Some(#command)))
}

/// The command as a struct; what its service generates stays empty.
fn literal(slice: &Slice<'_>, target: &Target<'_>, case: &Case) -> TokenStream {
    let (path, scope) = (target.path(), slice.scope(case));
    let values = case.values.iter().map(|(name, value)| {
        let field = field_ident(name);
        let value = value.as_ref().map_or_else(|| quote!(String::new()), |value| scope.owned(value));
        quote!(#field: #value)
    });
    quote!(#path { #(#values),* })
}
